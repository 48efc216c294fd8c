// engine/trace.hpp: what a query met on its way to the answer, written down by the code that answers, while it answers.
//
//   QueryHandler::record(&trace), handle() ──► Trace ──explain()──► reasons
//
// Threads: the handler's. No allocation.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "policy/plan.hpp"
#include "zones/zone.hpp"

namespace gslb::engine {

struct Trace {
  static constexpr unsigned longest_chain = 8;

  /// One look-up: the question's name, or the target of the CNAME or DNAME before.
  struct Link {
    std::array<std::uint8_t, dns::max_name + 1> name;
    std::uint8_t name_size = 0;
    std::uint32_t zone = 0;
    zones::Answer answer;
    dns::NameView qname() const noexcept { return {name.data(), name_size}; }
  };

  /// The draw of a steered name.
  struct Steered {
    std::uint32_t service = 0;  ///< index in Snapshot::services
    policy::Aspect aspect = base::Family::v4;
    base::IpAddress address;      ///< of the client, as the query or its sender gave it
    unsigned length = 0;          ///< leading bits of it that are known
    bool from_subnet = false;     ///< it is the client subnet option's
    bool special_subnet = false;  ///< there was an option, but its network is nowhere
    std::uint16_t service_class = 0;
    std::uint8_t scope = 0;  ///< that is answered
    unsigned hashed = 0;     ///< leading bits that were hashed; 0: no hash decided
    std::uint64_t bits = 0;  ///< drawn
    policy::ClassPlan decision;
    std::uint32_t set = 0;  ///< of the plan; not for Draw::nothing
  };

  std::array<Link, longest_chain> links;
  unsigned link_count = 0;
  bool left_to_resolver = false;  ///< the chain ends before a steered name (RFC 7871 section 7.2.1)
  std::optional<Steered> steered;

  void add(dns::NameView qname, std::uint32_t zone, const zones::Answer& answer) noexcept {
    Link& link = links[link_count++];
    std::copy(qname.begin(), qname.end(), link.name.begin());
    link.name_size = static_cast<std::uint8_t>(qname.size());
    link.zone = zone;
    link.answer = answer;
  }
};

}  // namespace gslb::engine
