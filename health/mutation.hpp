// health/mutation.hpp: faults that the simulation plants in the judging core, to prove that it would notice them.
//
// Only tests/sim builds the core with GSLB_MUTATIONS; anywhere else planted() is false while compiling, and gone.
#pragma once

#include <cstdint>

namespace gslb::health {

enum class Mutation : std::uint8_t {
  none,
  never_withdraw,      ///< no verdict ever becomes down
  never_return,        ///< no verdict ever becomes up again
  count_stale,         ///< reports count however old they are
  ignore_sequence,     ///< a report that was overtaken replaces a newer one
  ignore_incarnation,  ///< one from before a restart replaces one from after it
  count_own_site,      ///< vantages vote on their own site
  no_quorum,           ///< any one fresh elector decides
  suspect_votes,       ///< a vantage that is cut off votes
  unsettled_votes,     ///< a vantage votes before its first full round
  alone_at_once,       ///< `alone_after` is not waited for
  alone_blindly,       ///< below quorum down counts although no other site is seen up
  hold_forgotten,      ///< who was cut off votes down at once when its references answer
  one_is_enough,       ///< `agree` is any, whatever is written
  tie_is_down,         ///< as many for as against withdraw
  pace_ignored,        ///< all sites may leave at once
  pace_old_verdict,    ///< a site that waited leaves without a renewed verdict
  damping_forgotten,   ///< what flaps returns as quickly as anything
  freeze_forever,      ///< what was frozen once never changes again
  regions_flat,        ///< regions are not heard one by one
  restart_unknown,     ///< what is known of a target is lost when the configuration changes
};

#ifdef GSLB_MUTATIONS
inline thread_local Mutation planted_mutation = Mutation::none;
inline bool planted(Mutation mutation) noexcept { return planted_mutation == mutation; }
#else
constexpr bool planted(Mutation /*mutation*/) noexcept { return false; }
#endif

}  // namespace gslb::health
