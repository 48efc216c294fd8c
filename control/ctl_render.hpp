// control/ctl_render.hpp: `gslbctl render`: a balancer's configuration out of a template and the live state, checked by
// the balancer itself, in place only if it changed.
#pragma once

#include <chrono>
#include <string>

#include "control/ctl_verbs.hpp"

namespace gslb::control {

struct RenderOptions {
  std::string source;  ///< the template's file
  std::string output;  ///< "": to standard output, and nothing else happens
  std::string check;   ///< for sh; "$1" is the new file. Without "$1" it is run once the file is in place
  std::string reload;  ///< for sh, after the file has changed; "$1" is the file
  bool dry_run = false;
  std::chrono::milliseconds again{};  ///< 0: once
};

/// The old file stays, or comes back, whenever the state cannot be had, the template is wrong, the checker refuses or
/// the reload fails. @return differs with `dry_run` if the file would change
[[nodiscard]] Exit render(const Connection& connection, const Output& output, const RenderOptions& options);

}  // namespace gslb::control
