// control/zone_files.hpp: zones without a server: is a master file a sound zone, and what is a configuration's zone as
// one.
#pragma once

#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/source.hpp"
#include "control/check.hpp"
#include "dns/name.hpp"

namespace gslb::control {

/// A master file that is a whole zone, with its SOA. The summary: "zone example.org., serial 7, 12 names".
/// @param apex  nothing: where the SOA of the file stands, which an $ORIGIN or an absolute name must say
[[nodiscard]] CheckResult check_zone(const std::string& file, const std::optional<dns::Name>& apex);

/// A zone of a configuration as a master file, as if every endpoint were up.
/// @param client  steered names as this client gets them; without it, with every endpoint that some client gets
/// @return the text; nothing if `errors` got an entry
[[nodiscard]] std::optional<std::string> export_from_config(const std::string& file, const std::string& zone,
                                                            const std::optional<base::IpAddress>& client,
                                                            base::ErrorList& errors);

}  // namespace gslb::control
