#include "dns/dnskey.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <new>

namespace gslb::dns {

std::uint16_t key_tag(std::span<const std::uint8_t> dnskey) noexcept {
  constexpr std::size_t fixed_part = 4;
  if (dnskey.size() < fixed_part) return 0;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < dnskey.size(); ++i) sum += (i & 1) != 0 ? dnskey[i] : std::uint32_t{dnskey[i]} << 8;
  sum += sum >> 16;
  return static_cast<std::uint16_t>(sum & 0xffff);
}

std::vector<std::uint8_t> ds_rdata(NameView owner, std::span<const std::uint8_t> dnskey, DigestType digest) {
  std::vector<std::uint8_t> hashed(owner.begin(), owner.end());
  hashed.insert(hashed.end(), dnskey.begin(), dnskey.end());
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets{};
  unsigned size = 0;
  if (EVP_Digest(hashed.data(), hashed.size(), octets.data(), &size,
                 digest == DigestType::sha384 ? EVP_sha384() : EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();  // the only way in which hashing octets fails
  const std::uint16_t tag = key_tag(dnskey);
  constexpr std::size_t fixed_part = 4;
  std::vector<std::uint8_t> out(fixed_part + size);
  out[0] = static_cast<std::uint8_t>(tag >> 8);
  out[1] = static_cast<std::uint8_t>(tag & 0xff);
  out[2] = dnskey[3];
  out[3] = static_cast<std::uint8_t>(digest);
  std::copy_n(octets.begin(), size, out.begin() + fixed_part);
  return out;
}

bool is_ds_of(std::span<const std::uint8_t> ds, NameView owner, std::span<const std::uint8_t> dnskey) {
  constexpr std::size_t fixed_part = 4;
  if (ds.size() < fixed_part || dnskey.size() < fixed_part) return false;
  const auto digest = static_cast<DigestType>(ds[3]);
  if (digest != DigestType::sha256 && digest != DigestType::sha384) return false;
  return std::ranges::equal(ds, ds_rdata(owner, dnskey, digest));
}

}  // namespace gslb::dns
