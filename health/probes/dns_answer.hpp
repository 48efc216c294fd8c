// health/probes/dns_answer.hpp: whether a reply is what a dns monitor expects. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "health/health_spec.hpp"
#include "health/observation.hpp"

namespace gslb::health {

/// The question as octets for the wire.
std::vector<std::uint8_t> dns_question(const DnsQuestion& question, std::uint16_t id);

/// What `message`, which came from the target's address, says: passed, failed in `status` or `body`; nothing if it is
/// not the reply to this question, whose own may still come.
std::optional<Observation> judge_dns_reply(const DnsQuestion& question, std::uint16_t id,
                                           std::span<const std::uint8_t> message);

}  // namespace gslb::health
