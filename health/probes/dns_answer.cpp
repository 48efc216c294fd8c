#include "health/probes/dns_answer.hpp"

#include <algorithm>

#include "dns/rdata.hpp"
#include "dns/reply_reader.hpp"
#include "health/rcode.hpp"

namespace gslb::health {
namespace {

/// Whether a record of the type asked for has one of the values.
bool holds_one_of(const dns::Reply& reply, dns::Rtype type, const std::vector<std::string>& values) {
  return std::ranges::any_of(values, [&](const std::string& value) {
    std::vector<std::uint8_t> wanted;
    if (!dns::parse_rdata(type, value, dns::Name(), wanted)) return false;
    return std::ranges::any_of(reply.answer, [&](const dns::ReplyRecord& record) {
      return record.type == static_cast<std::uint16_t>(type) && std::ranges::equal(record.rdata, wanted);
    });
  });
}

}  // namespace

std::vector<std::uint8_t> dns_question(const DnsQuestion& question, std::uint16_t id) {
  constexpr std::size_t flags_at = 2;
  constexpr std::uint8_t recursion_desired = 0x01;
  const auto name = dns::Name::parse(question.name);
  auto out = dns::make_query(id, name.value().wire(), static_cast<dns::Rtype>(question.type), false);
  if (question.recursion_desired) out[flags_at] |= recursion_desired;
  return out;
}

std::optional<Observation> judge_dns_reply(const DnsQuestion& question, std::uint16_t id,
                                           std::span<const std::uint8_t> message) {
  const auto name = dns::Name::parse(question.name);
  const auto type = static_cast<dns::Rtype>(question.type);
  const auto reply = dns::read_reply(message, id, name.value().wire(), type);
  if (!reply) return std::nullopt;
  const auto rcode = static_cast<std::uint16_t>(reply->rcode);
  std::string answer = "dns " + rcode_text(rcode);
  const bool accepted = question.rcodes.empty() ? rcode == 0 : std::ranges::count(question.rcodes, rcode) != 0;
  if (!accepted) return Observation{.phase = Phase::status, .detail = std::move(answer)};
  if (!question.answers.empty() && reply->truncated)
    return Observation{.phase = Phase::body, .detail = "answer is truncated"};
  if (!question.answers.empty() && !holds_one_of(*reply, type, question.answers)) {
    std::string detail = "answer does not hold " + question.answers[0];
    if (question.answers.size() > 1) detail += " or any other expected";
    return Observation{.phase = Phase::body, .detail = std::move(detail)};
  }
  return Observation{.ok = true, .phase = Phase::passed, .detail = std::move(answer)};
}

}  // namespace gslb::health
