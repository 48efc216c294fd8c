// control/template.hpp: text made from a template and the live state: what `gslbctl render` writes for the balancer of
// a site. Templates are Mustache (mustache(5)); docs/pairing/render.md lists the names. The only place that knows of
// the library.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "control/instance.hpp"

namespace gslb::control {

/// @param services  as `GET /v1/states` says
/// @return the text, or "LINE: what is wrong": also for a name that stands for nothing, since Mustache itself would
/// leave it empty and a balancer might take that
[[nodiscard]] base::Result<std::string> expand(const std::string& text, const std::vector<ServiceView>& services);

}  // namespace gslb::control
