// control/ctl_reasons.hpp: the verbs of gslbctl that give reasons: asked of the server, or of a configuration file.
#pragma once

#include <string>
#include <vector>

#include "control/ctl_verbs.hpp"
#include "control/reasons.hpp"

namespace gslb::control {

/// Where the answer comes from.
struct Source {
  Connection connection;
  std::string config;             ///< a file; "" asks the server
  std::vector<std::string> down;  ///< with a file: sites that are down
};

[[nodiscard]] Exit explain(const Source& source, const Output& output, const Parameters& parameters);
[[nodiscard]] Exit prove(const Source& source, const Output& output, const Parameters& parameters);
/// @param load  a traffic file; "" for every address alike
[[nodiscard]] Exit simulate(const Source& source, const Output& output, const Parameters& parameters,
                            const std::string& load);

struct DiffOptions {
  std::string before;  ///< configuration files
  std::string after;
  std::string load;       ///< a traffic file; "" for every address alike
  std::string max_move;   ///< "5%": up to this is no difference; "": any difference is
  bool networks = false;  ///< list every network that moves instead
};
[[nodiscard]] Exit diff(const DiffOptions& options, const Output& output);

struct ShadowOptions {
  std::string config;   ///< what we would answer from
  std::string server;   ///< "192.0.2.53" or "192.0.2.53:5353": who answers today
  std::string queries;  ///< a file
  unsigned rate = 50;   ///< questions a second
};
[[nodiscard]] Exit shadow(const ShadowOptions& options, const Output& output);

}  // namespace gslb::control
