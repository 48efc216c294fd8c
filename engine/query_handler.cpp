#include "engine/query_handler.hpp"

#include <algorithm>

#include "engine/reply.hpp"

namespace gslb::engine {

namespace {

constexpr unsigned longest_chain = 8;

std::size_t reply_limit(const Pending& pending) noexcept {
  if (pending.transport == Transport::stream) return dns::max_message;
  return std::clamp<std::size_t>(pending.query.edns.payload, 512, dns::udp_payload_limit);
}

bool is_refused_type(std::uint16_t qtype) noexcept {
  return (qtype >= static_cast<std::uint16_t>(dns::Rtype::TKEY) && qtype < static_cast<std::uint16_t>(dns::Rtype::ANY));
}

/// The name in the record data of a record that is nothing but a name (CNAME, DNAME).
dns::NameView target_of(std::span<const std::uint8_t> record) noexcept { return record.subspan(12); }

}  // namespace

void QueryHandler::prepare(Pending& pending, const Client& client, std::span<const std::uint8_t> message,
                           Transport transport) noexcept {
  pending.message = message;
  pending.client = client;
  pending.transport = transport;
  pending.parsed = dns::parse_query(message, pending.query);
  pending.found.zone = zones::ZoneTable::none;
  if (pending.parsed != dns::ParseOutcome::ok || !pending.query.has_question) return;
  const Snapshot& snapshot = *generation_->snapshot;
  pending.found = snapshot.zones.find(pending.query);
  if (pending.found.zone == zones::ZoneTable::none) return;
  snapshot.zones[pending.found.zone].prefetch(pending.query);
  if (snapshot.locator) {
    const dns::ClientSubnet& subnet = pending.query.edns.subnet;
    snapshot.locator->prefetch(subnet.present && subnet.source > 0 ? subnet.address : client.address);
  }
}

std::size_t QueryHandler::finish(Pending& pending, std::span<std::uint8_t> reply_octets) noexcept {
  counters_.queries[static_cast<std::size_t>(pending.transport)].add();
  if (pending.parsed == dns::ParseOutcome::drop || pending.client.port == 0) {
    counters_.dropped.add();
    return 0;
  }
  Reply reply(pending.query, pending.message, reply_octets, reply_limit(pending));
  const dns::Rcode rcode = resolve(pending, reply);
  counters_.rcodes[static_cast<std::size_t>(rcode)].add();
  if (reply.truncated()) counters_.truncated.add();
  return reply.finish(rcode);
}

namespace {

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

dns::Rcode QueryHandler::resolve(Pending& pending, Reply& reply) noexcept {
  switch (pending.parsed) {
    case dns::ParseOutcome::drop:
    case dns::ParseOutcome::form_error:
      return dns::Rcode::formerr;
    case dns::ParseOutcome::not_imp:
      return dns::Rcode::notimp;
    case dns::ParseOutcome::bad_version:
      return dns::Rcode::badvers;
    case dns::ParseOutcome::signed_query:
      return dns::Rcode::notauth;
    case dns::ParseOutcome::ok:
      break;
  }
  dns::Query& query = pending.query;
  if (!query.has_question) return dns::Rcode::formerr;
  if (is_refused_type(query.qtype)) {
    reply.set_error(dns::ExtendedError::not_supported);
    return dns::Rcode::refused;
  }
  if (query.qclass != dns::class_in || pending.found.zone == zones::ZoneTable::none) {
    reply.set_error(dns::ExtendedError::not_authoritative);
    return dns::Rcode::refused;
  }

  const zones::ZoneTable& zones = generation_->snapshot->zones;
  zones::ZoneTable::Found found = pending.found;
  reply.set_authoritative(true);
  std::size_t first_link = 0;
  for (unsigned link = 0; link < longest_chain; ++link) {
    const zones::Zone& zone = zones[found.zone];
    const zones::Answer answer = zone.lookup(query, found.apex_label);
    const std::size_t start = reply.size();
    switch (answer.outcome) {
      case zones::Outcome::answer:
        if (!reply.add(Section::answer, zone.records(*answer.rrset), answer.rrset->count, reply.base())) {
          reply.truncate();
        } else {
          add_additionals(zone, *answer.rrset, reply, false);
        }
        return dns::Rcode::noerror;
      case zones::Outcome::service: {
        // RFC 7871 section 7.2.1: one scope cannot speak for two names, so the resolver asks for the steered one
        // itself.
        if (link > 0 && query.edns.subnet.present) {
          reply.rewind(first_link, 1);
          return dns::Rcode::noerror;
        }
        const auto family =
            answer.type == static_cast<std::uint16_t>(dns::Rtype::A) ? base::Family::v4 : base::Family::v6;
        return steer(pending, reply, generation_->snapshot->first_service[found.zone] + answer.service, family);
      }
      case zones::Outcome::referral:
        reply.set_authoritative(link > 0);
        if (!reply.add(Section::authority, zone.records(*answer.rrset), answer.rrset->count,
                       reply.base() + query.offset[answer.owner_label])) {
          reply.truncate();
        } else {
          add_additionals(zone, *answer.rrset, reply, true);
        }
        return dns::Rcode::noerror;
      case zones::Outcome::nodata:
        add_soa(zone, found.apex_label, query, reply);
        return dns::Rcode::noerror;
      case zones::Outcome::nxdomain:
        add_soa(zone, found.apex_label, query, reply);
        return dns::Rcode::nxdomain;
      case zones::Outcome::cname: {
        const auto record = zone.records(*answer.rrset);
        if (!reply.add(Section::answer, record, 1, reply.base())) {
          reply.truncate();
          return dns::Rcode::noerror;
        }
        dns::set_name(query, target_of(record));
        reply.set_base(start + 12);
        break;
      }
      case zones::Outcome::dname: {
        const auto record = zone.records(*answer.rrset);
        const dns::NameView target = target_of(record);
        const auto prefix = query.qname().first(query.offset[answer.owner_label]);
        if (!reply.add(Section::answer, record, 1, reply.base() + query.offset[answer.owner_label])) {
          reply.truncate();
          return dns::Rcode::noerror;
        }
        if (prefix.size() + target.size() > dns::max_name) return dns::Rcode::yxdomain;
        const std::size_t synthesized = reply.size();
        if (!reply.add_cname(answer.rrset->ttl, prefix, target, reply.base())) {
          reply.rewind(start, static_cast<std::uint16_t>(reply.answers() - 1));
          reply.truncate();
          return dns::Rcode::noerror;
        }
        std::array<std::uint8_t, dns::max_name> name;
        std::copy(prefix.begin(), prefix.end(), name.begin());
        std::copy(target.begin(), target.end(), name.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
        dns::set_name(query, {name.data(), prefix.size() + target.size()});
        reply.set_base(synthesized + 12);
        break;
      }
    }
    if (link == 0) first_link = reply.size();
    found = zones.find(query);
    if (found.zone == zones::ZoneTable::none) return dns::Rcode::noerror;
  }
  return dns::Rcode::noerror;
}

/// Where a client was found for one service.
struct QueryHandler::Steering {
  base::IpAddress address;   ///< whose hash draws
  unsigned length = 0;       ///< leading bits of it that are known
  bool from_subnet = false;  ///< it is the client's network, not the resolver
  std::uint16_t client_class = 0;
  std::uint8_t scope = 0;
};

/// DESIGN section 6: the client's network if the query says it and it means a place; else the resolver.
QueryHandler::Steering QueryHandler::place(const Pending& pending, const zones::SteeredName& name) const noexcept {
  const dns::ClientSubnet& subnet = pending.query.edns.subnet;
  const geo::Locator* locator = name.service.signature.empty() ? nullptr : generation_->snapshot->locator.get();
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
  out.address = pending.client.address;
  out.length = base::bits(out.address.family);
  if (locator != nullptr) out.client_class = locator->class_of(name.signature, out.address);
  return out;
}

dns::Rcode QueryHandler::steer(Pending& pending, Reply& reply, std::uint32_t service, base::Family family) noexcept {
  const zones::SteeredName& name = generation_->snapshot->services[service];
  const policy::FamilyPlan& plan = generation_->plans[service]->family(family);
  const Steering at = place(pending, name);
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
    reply.set_authoritative(false);
    reply.set_error(dns::ExtendedError::other);
    return dns::Rcode::servfail;
  }
  reply.set_scope(scope);

  const std::size_t start = reply.size();
  const std::uint16_t answers = reply.answers();
  const Snapshot& snapshot = *generation_->snapshot;
  for (const policy::EndpointIndex member : plan.set(plan.draw(decision, bits))) {
    if (!reply.add_steered(name.record(family, member), decision.ttl, reply.base())) {
      reply.rewind(start, answers);
      reply.truncate();
      break;
    }
    const std::uint16_t site = name.site_of[member];
    if (site != zones::SteeredName::no_site) counters_.site_answers[snapshot.site_counter[site]].add();
  }
  return dns::Rcode::noerror;
}

}  // namespace gslb::engine
