#include "zones/rrset_signer.hpp"

#include <algorithm>
#include <cstring>

#include "dns/digest.hpp"
#include "dns/types.hpp"

namespace gslb::zones {

namespace {

// Where the parts of an RRSIG's data are (RFC 4034 section 3.1).
constexpr std::size_t algorithm_at = 2;
constexpr std::size_t labels_at = 3;
constexpr std::size_t expiration_at = 8;
constexpr std::size_t inception_at = 12;
constexpr std::size_t tag_at = 16;

void set_u16(std::uint8_t* out, std::uint16_t value) noexcept {
  value = __builtin_bswap16(value);
  std::memcpy(out, &value, sizeof value);
}
void set_u32(std::uint8_t* out, std::uint32_t value) noexcept {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, sizeof value);
}

/// RFC 4034 section 3.1.3: without the root, and without the asterisk of a wildcard.
std::uint8_t label_count(dns::NameView name) noexcept {
  std::uint8_t count = 0;
  const bool is_wildcard = name[0] == 1 && name[1] == '*';
  for (std::size_t at = 0; name[at] != 0; at += name[at] + 1U) ++count;
  return is_wildcard ? static_cast<std::uint8_t>(count - 1) : count;
}

std::uint32_t jitter(const SignatureId& id, std::uint32_t validity) noexcept {
  std::uint32_t word;
  std::memcpy(&word, id.data() + sizeof(std::uint64_t), sizeof word);
  return word % (validity / 4 + 1);
}

}  // namespace

void RrsetSigner::begin(dns::NameView relative, std::uint16_t type, std::uint32_t ttl) {
  owner_.assign(relative.begin(), relative.end());
  owner_.insert(owner_.end(), apex_.begin(), apex_.end());
  type_ = type;
  ttl_ = ttl;
  data_.assign(rrsig_fixed, 0);
  set_u16(data_.data(), type);
  data_[labels_at] = label_count(owner_);
  set_u32(&data_[4], ttl);
  data_.insert(data_.end(), apex_.begin(), apex_.end());
}

void RrsetSigner::add(std::span<const std::uint8_t> rdata) {
  constexpr std::size_t fixed = 10;
  std::size_t at = data_.size();
  data_.resize(at + owner_.size() + fixed + rdata.size());
  std::ranges::copy(owner_, data_.begin() + static_cast<std::ptrdiff_t>(at));
  at += owner_.size();
  set_u16(&data_[at], type_);
  set_u16(&data_[at + 2], dns::class_in);
  set_u32(&data_[at + 4], ttl_);
  set_u16(&data_[at + 8], static_cast<std::uint16_t>(rdata.size()));
  std::ranges::copy(rdata, data_.begin() + static_cast<std::ptrdiff_t>(at + fixed));
}

bool RrsetSigner::sign(std::span<const dns::SigningKeyPtr> keys, std::uint8_t* out) {
  for (const dns::SigningKeyPtr& key : keys) {
    data_[algorithm_at] = static_cast<std::uint8_t>(key->algorithm());
    set_u16(&data_[tag_at], key->tag());
    set_u32(&data_[expiration_at], 0);
    set_u32(&data_[inception_at], 0);
    const std::size_t size = data_.size();
    data_.insert(data_.end(), key->dnskey().begin(), key->dnskey().end());
    const auto digest = dns::sha256(data_);
    data_.resize(size);
    SignatureId id;
    std::copy_n(digest.begin(), id.size(), id.begin());

    StoredSignature fresh{};
    const StoredSignature* used = store_.find(id);
    const bool serves =
        used != nullptr &&
        (moment_.hold || (used->inception <= moment_.now && used->expiration > moment_.now + moment_.keep_above));
    if (!serves) {
      fresh.id = id;
      fresh.inception = moment_.now - signature_head_start;
      fresh.expiration = moment_.now + moment_.validity - jitter(id, moment_.validity);
      set_u32(&data_[expiration_at], fresh.expiration);
      set_u32(&data_[inception_at], fresh.inception);
      if (!key->sign(data_, fresh.octets)) return false;
      made_.push_back(fresh);
      used = &fresh;
    }
    first_expiration_ = std::min(first_expiration_, used->expiration);

    const std::size_t rdata_size = rrsig_fixed + apex_.size() + used->octets.size();
    set_u16(out, 0xc00c);
    set_u16(out + 2, static_cast<std::uint16_t>(dns::Rtype::RRSIG));
    set_u16(out + 4, dns::class_in);
    set_u32(out + 6, ttl_);
    set_u16(out + 10, static_cast<std::uint16_t>(rdata_size));
    out += 12;
    std::memcpy(out, data_.data(), rrsig_fixed + apex_.size());
    set_u32(out + expiration_at, used->expiration);
    set_u32(out + inception_at, used->inception);
    std::ranges::copy(used->octets, out + rrsig_fixed + apex_.size());
    out += rdata_size;
  }
  return true;
}

void RrsetSigner::keep_made() {
  for (const StoredSignature& made : made_) store_.put(made.id, made.inception, made.expiration, made.octets);
  if (!made_.empty()) store_.note_made(made_.size(), moment_.now);
  made_.clear();
}

}  // namespace gslb::zones
