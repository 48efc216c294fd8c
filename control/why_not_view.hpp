// control/why_not_view.hpp: what would have to change for a site to be chosen, in one sentence.
#pragma once

#include <string>

#include "engine/why_not.hpp"

namespace gslb::control {

/// "iad would be chosen if fra were down, or \"within\" were 5,281 km or more"
std::string render_why_not(const engine::WhyNot& why_not);

}  // namespace gslb::control
