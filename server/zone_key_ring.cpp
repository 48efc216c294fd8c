#include "server/zone_key_ring.hpp"

#include <algorithm>

#include "dns/dnskey.hpp"

namespace gslb::server {

namespace {

using Rdata = std::vector<std::uint8_t>;

Rdata copy(std::span<const std::uint8_t> octets) { return {octets.begin(), octets.end()}; }

const dns::SigningKeyPtr* find(const std::vector<dns::KeyFile>& files, std::uint16_t tag) {
  const auto found = std::ranges::find_if(files, [&](const dns::KeyFile& file) { return file.key->tag() == tag; });
  return found == files.end() ? nullptr : &found->key;
}

std::vector<std::uint16_t> tags(const std::vector<dns::SigningKeyPtr>& keys) {
  std::vector<std::uint16_t> out;
  out.reserve(keys.size());
  for (const auto& key : keys) out.push_back(key->tag());
  return out;
}

}  // namespace

dns::KeyPolicy key_policy(const zones::DnssecSpec& spec, std::chrono::seconds longest_ttl) {
  return {spec.algorithm,    spec.maker,      spec.split,  spec.unsign, spec.ksk_lifetime,
          spec.zsk_lifetime, spec.dnskey_ttl, longest_ttl, spec.ds_ttl, spec.propagation};
}

std::vector<dns::ScheduledKey> scheduled(const std::vector<dns::KeyFile>& files) {
  std::vector<dns::ScheduledKey> out;
  out.reserve(files.size());
  for (const dns::KeyFile& file : files)
    out.push_back({file.key->tag(), file.key->algorithm(), file.key->sep(), file.times});
  return out;
}

zones::ZoneKeysPtr zone_keys(const dns::Name& apex, const std::vector<dns::KeyFile>& files, const dns::KeyStep& step,
                             std::chrono::seconds dnskey_ttl) {
  if (!step.zone_signer) return nullptr;
  auto out = std::make_shared<zones::ZoneKeys>();
  out->ttl = static_cast<std::uint32_t>(dnskey_ttl.count());
  if (const auto* signer = find(files, *step.zone_signer)) out->zone_signers.push_back(*signer);
  for (const std::uint16_t tag : step.key_signers) {
    if (const auto* key = find(files, tag)) out->key_signers.push_back(*key);
  }
  for (const std::uint16_t tag : step.publish) {
    if (const auto* key = find(files, tag)) out->dnskeys.push_back(copy((*key)->dnskey()));
  }
  if (step.cds_delete) {
    out->cds.push_back(copy(dns::cds_delete));
    out->cdnskeys.push_back(copy(dns::cdnskey_delete));
  } else if (const auto* key = step.cds ? find(files, *step.cds) : nullptr) {
    out->cds.push_back(dns::ds_rdata(apex.wire(), (*key)->dnskey(), dns::DigestType::sha256));
    out->cdnskeys.push_back(copy((*key)->dnskey()));
  }
  return out;
}

bool same_keys(const zones::ZoneKeysPtr& a, const zones::ZoneKeysPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->dnskeys == b->dnskeys && a->cds == b->cds && a->cdnskeys == b->cdnskeys && a->ttl == b->ttl &&
         tags(a->zone_signers) == tags(b->zone_signers) && tags(a->key_signers) == tags(b->key_signers);
}

zones::ZoneKeysPtr load_zone_keys(const zones::ZoneSpec& zone, dns::UnixTime now, base::ErrorList& errors) {
  const zones::DnssecSpec& spec = *zone.dnssec;
  const std::string& directory = spec.keys.value;
  std::vector<std::string> problems;
  const auto files = dns::read_key_files(directory, zone.apex.value, problems);
  for (const std::string& problem : problems) errors.add(spec.where, "dnssec", problem);
  dns::KeyPolicy policy = key_policy(spec, {});
  policy.maker = false;  // loading changes nothing
  auto keys = zone_keys(zone.apex.value, files, dns::step(now, policy, scheduled(files), {}), spec.dnskey_ttl);
  const bool all_have_left =
      std::ranges::all_of(files, [now](const dns::KeyFile& file) { return dns::reached(file.times.remove, now); });
  const bool may_be_unsigned = spec.unsign || (spec.maker && all_have_left);
  if (keys == nullptr && !may_be_unsigned && problems.empty())
    errors.add(spec.where, "dnssec", "no key of " + zone.apex.value.to_string() + " to sign with is in " + directory,
               "put the maker's key files there");
  return keys;
}

}  // namespace gslb::server
