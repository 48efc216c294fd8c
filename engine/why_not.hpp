// engine/why_not.hpp: the smallest change that would choose another site for a client.
//
//   draw of an answer, site ──► changes tried on a model of the service, by the chain that answers ──► ways
//
// Pure. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/generation.hpp"
#include "engine/trace.hpp"

namespace gslb::engine {

/// One thing that could be otherwise.
struct Change {
  enum class Kind : std::uint8_t {
    up,      ///< `site` were up
    down,    ///< `site` were down
    within,  ///< the tolerance of `nearest` were `value` km or more
    serves,  ///< `serves` of the endpoints at `site` held the client
    first,   ///< `site` came first in `priority`
    weight,  ///< the weight of the endpoints at `site` were `value`
  };
  Kind kind = Kind::down;
  std::string site;
  double value = 0;
};

/// Changes that together are enough.
struct Way {
  std::vector<Change> changes;
  double part = 0;           ///< of the clients like this one that would then get the site
  bool this_client = false;  ///< it would, too; where queries draw anew, nobody can say
};

struct WhyNot {
  std::string site;
  double part = 0;           ///< of the clients like this one that get the site now
  bool this_client = false;  ///< it does
  std::vector<Way> ways;     ///< all of the smallest number of changes; empty: none of up to three is enough
};

/// @param drawn  what the handler wrote down
/// @param at     where the client is; nothing: the tolerance of `nearest` is not tried
/// @return nothing if the service has no endpoint of the family at the site
std::optional<WhyNot> why_not(const Generation& generation, const Trace::Steered& drawn, const std::string& site,
                              const std::optional<geo::Coordinates>& at);

}  // namespace gslb::engine
