// control/explain_view.hpp: an explanation as a person reads it: the answer first, then how it came about.
#pragma once

#include <string>

#include "engine/explain.hpp"

namespace gslb::control {

std::string render_explanation(const engine::Explanation& explanation);

/// "NOERROR", "NXDOMAIN"
std::string name_of(dns::Rcode rcode);
/// "nearest"
const char* name_of(policy::FilterKind kind);
/// "40 %", "0.1 %", "under 0.1 %"
std::string percent(double part);

}  // namespace gslb::control
