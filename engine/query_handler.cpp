#include "engine/query_handler.hpp"

#include <algorithm>
#include <cstring>

#include "engine/reply.hpp"
#include "engine/resolve.hpp"

namespace gslb::engine {

namespace {

constexpr std::size_t small_reply = 512;

std::size_t reply_limit(const Pending& pending, dns::Allowance allowance) noexcept {
  if (pending.transport != Transport::datagram) return dns::max_message;
  const std::size_t most = allowance == dns::Allowance::whole ? dns::udp_payload_limit : small_reply;
  return std::clamp<std::size_t>(pending.query.edns.payload, small_reply, most);
}

constexpr std::uint8_t version_bind[] = "\7version\4bind";
constexpr std::uint8_t version_server[] = "\7version\6server";
constexpr std::uint8_t id_server[] = "\2id\6server";
constexpr std::uint8_t hostname_bind[] = "\10hostname\4bind";

/// The literal's final zero is the root.
template <std::size_t n>
bool is_name(const dns::Query& query, const std::uint8_t (&name)[n]) noexcept {
  return query.name_size == n && std::memcmp(query.name.data(), name, n) == 0;
}

bool is_refused_type(std::uint16_t qtype) noexcept {
  return (qtype >= static_cast<std::uint16_t>(dns::Rtype::TKEY) && qtype < static_cast<std::uint16_t>(dns::Rtype::ANY));
}

/// Services that answer whatever comes (echo, daytime, quotd, chargen, time): what they say is no query, and would be
/// answered for ever.
bool answers_anything(std::uint16_t port) noexcept {
  return port == 7 || port == 13 || port == 17 || port == 19 || port == 37;
}

/// Whether a reply would only make the other side say something again.
bool would_loop(const Pending& pending) noexcept {
  return pending.client.port == 0 || (pending.parsed != dns::ParseOutcome::ok && answers_anything(pending.client.port));
}

/// Whose place decides.
const base::IpAddress& located(const Pending& pending) noexcept {
  const dns::ClientSubnet& subnet = pending.query.edns.subnet;
  return subnet.present && subnet.source > 0 ? subnet.address : pending.client.address;
}

}  // namespace

void QueryHandler::adopt(const Generation* generation) noexcept {
  const bool reloaded = generation_ == nullptr || generation_->snapshot != generation->snapshot;
  generation_ = generation;
  if (reloaded) limiter_.configure(generation->snapshot->manners.rate_limits, workers_);
}

void QueryHandler::prepare(Pending& pending, const Client& client, std::span<const std::uint8_t> message,
                           Transport transport) noexcept {
  pending.message = message;
  pending.client = client;
  pending.transport = transport;
  pending.parsed = dns::parse_query(message, pending.query);
  pending.found.zone = zones::ZoneTable::none;
  if (transport == Transport::datagram) pending.limit_key = limiter_.prefetch(client.address);
  if (pending.parsed != dns::ParseOutcome::ok || !pending.query.has_question) return;
  const Snapshot& snapshot = *generation_->snapshot;
  pending.found = snapshot.zones.find(pending.query);
  if (pending.found.zone == zones::ZoneTable::none) return;
  snapshot.zones[pending.found.zone].prefetch(pending.query);
  if (const auto& signatures = snapshot.signatures[pending.found.zone]; signatures && pending.query.edns.dnssec_ok)
    signatures->prefetch(pending.query);
  if (snapshot.locator) snapshot.locator->prefetch(located(pending));
}

void QueryHandler::fetch(const Pending& pending) const noexcept {
  if (pending.found.zone == zones::ZoneTable::none) return;
  const Snapshot& snapshot = *generation_->snapshot;
  snapshot.zones[pending.found.zone].prefetch_body(pending.query);
  if (const auto& signatures = snapshot.signatures[pending.found.zone]; signatures && pending.query.edns.dnssec_ok)
    signatures->prefetch_body(pending.query);
  if (snapshot.locator) snapshot.locator->prefetch_node(located(pending));
}

std::size_t QueryHandler::finish(Pending& pending, std::span<std::uint8_t> reply_octets) noexcept {
  counters_.queries[static_cast<std::size_t>(pending.transport)].add();
  if (pending.parsed == dns::ParseOutcome::drop || would_loop(pending)) {
    counters_.dropped.add();
    return 0;
  }
  const dns::Edns& edns = pending.query.edns;
  const Manners& manners = generation_->snapshot->manners;
  dns::CookieCheck cookie;
  if (edns.cookie_size != 0 && !manners.cookies.keys.empty()) {
    cookie = dns::check_cookie(pending.message.subspan(edns.cookie_at, edns.cookie_size), pending.client.address,
                               now_.unix_time, manners.cookies);
    counters_.cookies[static_cast<std::size_t>(cookie.verdict)].add();
  }
  auto allowance = dns::Allowance::whole;
  if (pending.transport == Transport::datagram && cookie.verdict != dns::CookieVerdict::valid) {
    allowance = limiter_.account(pending.limit_key, pending.client.address, now_.second);
    if (allowance == dns::Allowance::drop) {
      counters_.limited.add();
      return 0;
    }
    if (allowance == dns::Allowance::slip) return slip(pending, reply_octets);
  }
  Reply reply(pending.query, pending.message, reply_octets, reply_limit(pending, allowance),
              options_for(pending, cookie));
  const dns::Rcode rcode = resolve(pending, cookie.verdict, reply);
  counters_.rcodes[static_cast<std::size_t>(rcode)].add();
  if (reply.truncated()) counters_.truncated.add();
  return reply.finish(rcode);
}

dns::ReplyOptions QueryHandler::options_for(const Pending& pending, const dns::CookieCheck& cookie) const noexcept {
  const dns::Edns& edns = pending.query.edns;
  dns::ReplyOptions options;
  options.dnssec_ok = edns.dnssec_ok;
  options.subnet = edns.subnet;
  if (cookie.verdict != dns::CookieVerdict::absent) options.cookie = cookie.reply;
  if (edns.wants_nsid) options.nsid = generation_->snapshot->manners.nsid;
  if (edns.wants_keepalive && pending.transport != Transport::datagram) options.keepalive = keepalive_;
  options.pad = edns.padded && pending.transport == Transport::tls;
  return options;
}

/// TC and nothing else, so that the reply is never longer than what was sent to get it.
std::size_t QueryHandler::slip(const Pending& pending, std::span<std::uint8_t> reply_octets) noexcept {
  dns::ReplyOptions options;
  options.dnssec_ok = pending.query.edns.dnssec_ok;
  options.subnet = pending.query.edns.subnet;
  Reply reply(pending.query, pending.message, reply_octets, dns::max_message, options);
  reply.truncate();
  counters_.slipped.add();
  return reply.finish(dns::Rcode::noerror);
}

dns::Rcode QueryHandler::resolve(Pending& pending, dns::CookieVerdict cookie, Reply& reply) noexcept {
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
  if (!query.has_question) {  // RFC 7873 section 5.4: a question for a cookie only
    if (cookie == dns::CookieVerdict::absent) return dns::Rcode::formerr;
    return cookie == dns::CookieVerdict::invalid ? dns::Rcode::badcookie : dns::Rcode::noerror;
  }
  if (is_refused_type(query.qtype)) {
    reply.set_error(dns::ExtendedError::not_supported);
    return dns::Rcode::refused;
  }
  if (query.qclass == dns::class_ch) return resolve_chaos(query, reply);
  if (query.qclass != dns::class_in || pending.found.zone == zones::ZoneTable::none) {
    reply.set_error(dns::ExtendedError::not_authoritative);
    return dns::Rcode::refused;
  }

  reply.set_authoritative(true);
  return Resolution(*generation_, random_, counters_, pending, reply, trace_).run();
}

/// RFC 4892 section 3. What is not told is refused, as if it did not exist.
dns::Rcode QueryHandler::resolve_chaos(const dns::Query& query, Reply& reply) const noexcept {
  const Manners& manners = generation_->snapshot->manners;
  std::string_view text;
  if (is_name(query, version_bind) || is_name(query, version_server)) text = manners.version;
  if (is_name(query, id_server) || is_name(query, hostname_bind)) text = manners.id;
  if (text.empty()) return dns::Rcode::refused;
  reply.set_authoritative(true);
  if (query.qtype == static_cast<std::uint16_t>(dns::Rtype::TXT) ||
      query.qtype == static_cast<std::uint16_t>(dns::Rtype::ANY))
    reply.add_chaos(text);
  return dns::Rcode::noerror;
}

}  // namespace gslb::engine
