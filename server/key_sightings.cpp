#include "server/key_sightings.hpp"

#include <algorithm>

#include "dns/dnskey.hpp"

namespace gslb::server {

namespace {

/// Keeps what was seen of servers that are still asked.
template <class Seen>
std::vector<Seen> carried(const std::vector<base::Sourced<base::SocketAddress>>& wanted, const std::vector<Seen>& had) {
  std::vector<Seen> out;
  for (const auto& address : wanted) {
    const auto known = std::ranges::find(had, address.value, &Seen::address);
    out.push_back(known != had.end() ? *known : Seen{});
    out.back().address = address.value;
  }
  return out;
}

/// The entry of a server that is still asked; null if it is not.
template <class Seen>
Seen* find(std::vector<Seen>& seen, const base::SocketAddress& address) {
  const auto found = std::ranges::find(seen, address, &Seen::address);
  return found == seen.end() ? nullptr : &*found;
}

bool is(const Answered& record, dns::Rtype type) { return record.type == static_cast<std::uint16_t>(type); }

bool contains(const std::vector<std::vector<std::uint8_t>>& all, std::span<const std::uint8_t> one) {
  return std::ranges::any_of(all, [&](const auto& other) { return std::ranges::equal(other, one); });
}

}  // namespace

void KeySightings::watch(const zones::DnssecSpec& spec) {
  servers_ = carried(spec.servers, servers_);
  parents_ = carried(spec.parent, parents_);
}

void KeySightings::saw_server(const base::SocketAddress& address, const std::vector<Answered>& dnskey,
                              const std::vector<Answered>& soa) {
  constexpr std::size_t tag_at = 16;  // of an RRSIG's RDATA (RFC 4034 section 3.1)
  Server* server = find(servers_, address);
  if (server == nullptr) return;
  *server = {.address = address, .asked = true, .answered = true, .dnskeys = {}, .signers = {}};
  for (const Answered& record : dnskey) {
    if (is(record, dns::Rtype::DNSKEY)) server->dnskeys.push_back(record.rdata);
  }
  for (const Answered& record : soa) {
    if (is(record, dns::Rtype::RRSIG) && record.rdata.size() >= tag_at + 2)
      server->signers.push_back(static_cast<std::uint16_t>(record.rdata[tag_at] << 8 | record.rdata[tag_at + 1]));
  }
}

void KeySightings::saw_parent(const base::SocketAddress& address, const std::vector<Answered>& ds) {
  Parent* parent = find(parents_, address);
  if (parent == nullptr) return;
  parent->asked = parent->answered = true;
  parent->ds.clear();
  for (const Answered& record : ds) {
    if (!is(record, dns::Rtype::DS)) continue;
    parent->ds.push_back(record.rdata);
    parent->ttl = std::max(parent->ttl, record.ttl);  // what was cached before had perhaps the longer one
  }
}

void KeySightings::saw_nothing(const base::SocketAddress& address) {
  if (Server* server = find(servers_, address)) server->asked = true;
  if (Parent* parent = find(parents_, address)) parent->asked = true;
}

bool KeySightings::asked_all() const {
  return std::ranges::all_of(servers_, &Server::asked) && std::ranges::all_of(parents_, &Parent::asked);
}

dns::Observations KeySightings::of(const dns::Name& apex, const std::vector<dns::KeyFile>& files,
                                   const zones::ZoneKeysPtr& live) const {
  dns::Observations out;
  dns::ServerObservation& self = out.servers.emplace_back();
  self.name = "this node";
  self.answered = true;
  if (live) {
    for (const dns::KeyFile& file : files) {
      if (contains(live->dnskeys, file.key->dnskey())) self.publishes.push_back(file.key->tag());
    }
    for (const auto& signer : live->zone_signers) self.signs_with.push_back(signer->tag());
  }
  for (const Server& server : servers_) {
    dns::ServerObservation& seen = out.servers.emplace_back();
    seen.name = base::to_string(server.address);
    seen.answered = server.answered;
    seen.signs_with = server.signers;
    for (const dns::KeyFile& file : files) {
      if (contains(server.dnskeys, file.key->dnskey())) seen.publishes.push_back(file.key->tag());
    }
    seen.publishes_foreign = seen.publishes.size() < server.dnskeys.size();
  }
  for (const Parent& parent : parents_) {
    dns::ParentObservation& seen = out.parents.emplace_back();
    seen.name = base::to_string(parent.address);
    seen.answered = parent.answered;
    seen.any_ds = !parent.ds.empty();
    seen.ttl = std::chrono::seconds(parent.ttl);
    for (const dns::KeyFile& file : files) {
      const auto of_key = [&](const Rdata& ds) { return dns::is_ds_of(ds, apex.wire(), file.key->dnskey()); };
      if (std::ranges::any_of(parent.ds, of_key)) seen.ds.push_back(file.key->tag());
    }
  }
  return out;
}

}  // namespace gslb::server
