// engine/resolve.hpp: from a question that is ours to the records of its answer: RFC 1034 section 4.3.2 over the zones
// of a generation, and the draw of a steered name.
//
//   Pending (parsed, zone found) ──► zone look-up ─► CNAME or DNAME, again ─► records, or a service's draw ──► Reply
//
// Lives on the stack for one query; no allocation. Threads: the worker's.
#pragma once

#include "base/random.hpp"
#include "engine/counters.hpp"
#include "engine/generation.hpp"
#include "engine/pending.hpp"
#include "engine/reply.hpp"

namespace gslb::engine {

class Resolution {
 public:
  /// @param pending  its zone was found; the query's name is overwritten as a chain is followed
  Resolution(const Generation& generation, base::Random& random, Counters& counters, Pending& pending,
             Reply& reply) noexcept
      : generation_(generation), random_(random), counters_(counters), pending_(pending), reply_(reply) {}

  dns::Rcode run() noexcept;

 private:
  struct Steering;
  dns::Rcode steer(std::uint32_t service, base::Family family) noexcept;
  bool reflect(const policy::Service& service, base::Family family) noexcept;
  Steering place(const zones::SteeredName& name) const noexcept;

  const Generation& generation_;
  base::Random& random_;
  Counters& counters_;
  Pending& pending_;
  Reply& reply_;
};

}  // namespace gslb::engine
