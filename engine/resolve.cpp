#include "engine/resolve.hpp"

#include <algorithm>

namespace gslb::engine {

namespace {

constexpr unsigned longest_chain = 8;

/// The name in the record data of a record that is nothing but a name (CNAME, DNAME).
dns::NameView target_of(std::span<const std::uint8_t> record) noexcept { return record.subspan(12); }

/// Additional addresses: glue of a referral must be whole or TC says so (RFC 9471); others are a courtesy.
void add_additionals(const zones::Zone& zone, const zones::Rrset& rrset, Reply& reply, bool required) noexcept {
  for (const zones::Additional& additional : zone.additionals(rrset)) {
    const zones::Rrset& addresses = zone.rrset_at(additional.rrset);
    if (reply.add_named(Section::additional, zone.name_at(additional.owner), zone.records(addresses), addresses.count))
      continue;
    if (required) reply.truncate();
    return;
  }
}

void add_soa(const zones::Zone& zone, unsigned apex_label, const dns::Query& query, Reply& reply) noexcept {
  const zones::Rrset& soa = zone.negative_soa();
  if (!reply.add(Section::authority, zone.records(soa), 1, reply.base() + query.offset[apex_label])) reply.truncate();
}

}  // namespace

dns::Rcode Resolution::run() noexcept {
  const zones::ZoneTable& zones = generation_.snapshot->zones;
  zones::ZoneTable::Found found = pending_.found;
  dns::Query& query = pending_.query;
  std::size_t first_link = 0;
  for (unsigned link = 0; link < longest_chain; ++link) {
    const zones::Zone& zone = zones[found.zone];
    const zones::Answer answer = zone.lookup(query, found.apex_label);
    const std::size_t start = reply_.size();
    switch (answer.outcome) {
      case zones::Outcome::answer:
        if (!reply_.add(Section::answer, zone.records(*answer.rrset), answer.rrset->count, reply_.base())) {
          reply_.truncate();
        } else {
          add_additionals(zone, *answer.rrset, reply_, false);
        }
        return dns::Rcode::noerror;
      case zones::Outcome::service: {
        // RFC 7871 section 7.2.1: one scope cannot speak for two names, so the resolver asks for the steered one
        // itself.
        if (link > 0 && query.edns.subnet.present) {
          reply_.rewind(first_link, 1);
          return dns::Rcode::noerror;
        }
        const std::uint32_t service = generation_.snapshot->first_service[found.zone] + answer.service;
        const auto family =
            answer.type == static_cast<std::uint16_t>(dns::Rtype::A) ? base::Family::v4 : base::Family::v6;
        const policy::Service& steered = generation_.snapshot->services[service].service;
        if (steered.reflect == policy::Reflect::nothing) return steer(service, family);
        if (!reflect(steered, family)) add_soa(zone, found.apex_label, query, reply_);
        return dns::Rcode::noerror;
      }
      case zones::Outcome::referral:
        reply_.set_authoritative(link > 0);
        if (!reply_.add(Section::authority, zone.records(*answer.rrset), answer.rrset->count,
                        reply_.base() + query.offset[answer.owner_label])) {
          reply_.truncate();
        } else {
          add_additionals(zone, *answer.rrset, reply_, true);
        }
        return dns::Rcode::noerror;
      case zones::Outcome::nodata:
        add_soa(zone, found.apex_label, query, reply_);
        return dns::Rcode::noerror;
      case zones::Outcome::nxdomain:
        add_soa(zone, found.apex_label, query, reply_);
        return dns::Rcode::nxdomain;
      case zones::Outcome::cname: {
        const auto record = zone.records(*answer.rrset);
        if (!reply_.add(Section::answer, record, 1, reply_.base())) {
          reply_.truncate();
          return dns::Rcode::noerror;
        }
        dns::set_name(query, target_of(record));
        reply_.set_base(start + 12);
        break;
      }
      case zones::Outcome::dname: {
        const auto record = zone.records(*answer.rrset);
        const dns::NameView target = target_of(record);
        const auto prefix = query.qname().first(query.offset[answer.owner_label]);
        if (!reply_.add(Section::answer, record, 1, reply_.base() + query.offset[answer.owner_label])) {
          reply_.truncate();
          return dns::Rcode::noerror;
        }
        if (prefix.size() + target.size() > dns::max_name) return dns::Rcode::yxdomain;
        const std::size_t synthesized = reply_.size();
        if (!reply_.add_cname(answer.rrset->ttl, prefix, target, reply_.base())) {
          reply_.rewind(start, static_cast<std::uint16_t>(reply_.answers() - 1));
          reply_.truncate();
          return dns::Rcode::noerror;
        }
        std::array<std::uint8_t, dns::max_name> name;
        std::copy(prefix.begin(), prefix.end(), name.begin());
        std::copy(target.begin(), target.end(), name.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
        dns::set_name(query, {name.data(), prefix.size() + target.size()});
        reply_.set_base(synthesized + 12);
        break;
      }
    }
    if (link == 0) first_link = reply_.size();
    found = zones.find(query);
    if (found.zone == zones::ZoneTable::none) return dns::Rcode::noerror;
  }
  return dns::Rcode::noerror;
}

/// Answers with what is seen of the client.
/// @return false if nothing seen has this family
bool Resolution::reflect(const policy::Service& service, base::Family family) noexcept {
  using policy::Reflect;
  const dns::ClientSubnet& subnet = pending_.query.edns.subnet;
  const bool has_subnet = subnet.present && subnet.source > 0;
  const auto before = reply_.answers();
  const auto add = [&](const base::IpAddress& address) noexcept {
    if (address.family == family && !reply_.add_address(address, service.ttl)) reply_.truncate();
  };
  if (service.reflect != Reflect::subnet || !has_subnet) add(pending_.client.address);
  if (service.reflect != Reflect::resolver && has_subnet) {
    reply_.set_scope(subnet.source);
    if (subnet.address != pending_.client.address || service.reflect == Reflect::subnet) add(subnet.address);
  }
  return reply_.answers() != before || reply_.truncated();
}

/// Where a client was found for one service.
struct Resolution::Steering {
  base::IpAddress address;   ///< whose hash draws
  unsigned length = 0;       ///< leading bits of it that are known
  bool from_subnet = false;  ///< it is the client's network, not the resolver
  std::uint16_t client_class = 0;
  std::uint8_t scope = 0;
};

/// DESIGN section 6: the client's network if the query says it and it means a place; else the resolver.
Resolution::Steering Resolution::place(const zones::SteeredName& name) const noexcept {
  const dns::ClientSubnet& subnet = pending_.query.edns.subnet;
  const geo::Locator* locator = name.service.signature.empty() ? nullptr : generation_.snapshot->locator.get();
  Steering out;
  if (subnet.present && subnet.source > 0) {
    const geo::Located located =
        locator != nullptr ? locator->locate(name.signature, subnet.address, subnet.source) : geo::Located{};
    out.scope = located.scope;
    if (!located.special) {
      out.address = subnet.address;
      out.length = subnet.source;
      out.from_subnet = true;
      out.client_class = located.service_class;
      return out;
    }
  }
  out.address = pending_.client.address;
  out.length = base::bits(out.address.family);
  if (locator != nullptr) out.client_class = locator->class_of(name.signature, out.address);
  return out;
}

dns::Rcode Resolution::steer(std::uint32_t service, base::Family family) noexcept {
  const zones::SteeredName& name = generation_.snapshot->services[service];
  const policy::FamilyPlan& plan = generation_.plans[service]->family(family);
  const Steering at = place(name);
  const policy::ClassPlan& decision = plan.classes[at.client_class];

  std::uint8_t scope = at.scope;
  std::uint64_t bits = 0;
  if (decision.draw == policy::Draw::by_client) {
    const unsigned length =
        std::min<unsigned>(at.length, name.service.hash_prefix[static_cast<std::size_t>(at.address.family)]);
    bits = policy::client_hash(at.address, length, name.service.salt);
    if (at.from_subnet) scope = std::max(scope, static_cast<std::uint8_t>(length));
  } else if (decision.draw == policy::Draw::by_query) {
    bits = random_.next();
  } else if (decision.draw == policy::Draw::nothing) {
    reply_.set_authoritative(false);
    const bool fenced = decision.mode == policy::Mode::fenced;
    reply_.set_error(fenced ? dns::ExtendedError::filtered : dns::ExtendedError::other,
                     fenced ? "no endpoint serves this client" : "no endpoint is up");
    return dns::Rcode::servfail;
  }
  if (decision.mode == policy::Mode::fail_open)
    reply_.set_error(dns::ExtendedError::stale_answer, "too little is up: answered as if all were");
  reply_.set_scope(scope);

  const std::size_t start = reply_.size();
  const std::uint16_t answers = reply_.answers();
  const Snapshot& snapshot = *generation_.snapshot;
  for (const policy::EndpointIndex member : plan.set(plan.draw(decision, bits))) {
    if (!reply_.add_steered(name.record(family, member), decision.ttl, reply_.base())) {
      reply_.rewind(start, answers);
      reply_.truncate();
      break;
    }
    const std::uint16_t site = name.site_of[member];
    if (site != zones::SteeredName::no_site) counters_.site_answers[snapshot.site_counter[site]].add();
  }
  return dns::Rcode::noerror;
}

}  // namespace gslb::engine
