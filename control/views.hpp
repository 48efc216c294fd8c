// control/views.hpp: the control API's views as an operator reads them: the answer first, then why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/instance.hpp"

namespace gslb::control {

/// For each service a line and a table of its endpoints.
std::string render_states(const std::vector<ServiceView>& services, base::WallTime now, bool color);

/// A status seen before, for rates.
struct Earlier {
  StatusView status;
  base::Duration ago{};
};

/// An overview and a table of the sites. With `earlier`, of the same server, rates instead of totals.
std::string render_status(const StatusView& status, base::WallTime now, bool color,
                          const std::optional<Earlier>& earlier = {});

/// "loaded configuration 7 in 0.2 s"
std::string render_reload(const ReloadResult& result);

/// Lines of text from elsewhere, each safe for a terminal and indented by `indent` spaces.
std::string safe_lines(const std::string& text, std::size_t indent);

}  // namespace gslb::control
