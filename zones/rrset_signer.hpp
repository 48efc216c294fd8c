// zones/rrset_signer.hpp: one RRset to its RRSIG records (RFC 4034 section 3.1.8.1), by way of the store. Private to
// zones/.
//
// One for each helper of a pass. What it makes is put into the store afterwards, by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/name.hpp"
#include "zones/sign.hpp"

namespace gslb::zones {

inline constexpr std::size_t rrsig_fixed = 18;  ///< octets of an RRSIG's data before the signer's name

inline std::size_t rrsig_record_size(dns::NameView apex) noexcept {
  return 12 + rrsig_fixed + apex.size() + sizeof(dns::Signature);
}

class RrsetSigner {
 public:
  RrsetSigner(dns::NameView apex, SignatureStore& store, const SigningMoment& moment)
      : apex_(apex), store_(store), moment_(moment) {}

  /// Starts an RRset. @param relative  its owner, without the apex's labels
  void begin(dns::NameView relative, std::uint16_t type, std::uint32_t ttl);
  /// Adds a record; in canonical order, none twice.
  void add(std::span<const std::uint8_t> rdata);
  /// Writes one RRSIG record for each key. @return false if OpenSSL failed
  bool sign(std::span<const dns::SigningKeyPtr> keys, std::uint8_t* out);

  /// Of all signatures used; 2^32-1 before the first.
  std::uint32_t first_expiration() const noexcept { return first_expiration_; }
  /// Puts what was made into the store.
  void keep_made();

 private:
  dns::NameView apex_;
  SignatureStore& store_;
  const SigningMoment& moment_;
  std::vector<std::uint8_t> data_;   ///< what is signed: the RRSIG's data without signature, and the records
  std::vector<std::uint8_t> owner_;  ///< absolute
  std::uint16_t type_ = 0;
  std::uint32_t ttl_ = 0;
  std::vector<StoredSignature> made_;
  std::uint32_t first_expiration_ = 0xffffffff;
};

}  // namespace gslb::zones
