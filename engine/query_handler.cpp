#include "engine/query_handler.hpp"

#include <algorithm>

#include "engine/reply.hpp"
#include "engine/resolve.hpp"

namespace gslb::engine {

namespace {

std::size_t reply_limit(const Pending& pending) noexcept {
  if (pending.transport != Transport::datagram) return dns::max_message;
  return std::clamp<std::size_t>(pending.query.edns.payload, 512, dns::udp_payload_limit);
}

bool is_refused_type(std::uint16_t qtype) noexcept {
  return (qtype >= static_cast<std::uint16_t>(dns::Rtype::TKEY) && qtype < static_cast<std::uint16_t>(dns::Rtype::ANY));
}

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

  reply.set_authoritative(true);
  return Resolution(*generation_, random_, counters_, pending, reply).run();
}

}  // namespace gslb::engine
