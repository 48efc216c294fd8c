// control/service_names.hpp: which services people and programs mean by a name.
#pragma once

#include <string>
#include <vector>

#include "control/instance.hpp"

namespace gslb::control {

/// In lower case, without the final dot.
std::string canonical(std::string name);

/// The services meant by `wanted`, which is canonical: the one of that absolute name, else all whose name begins with
/// its labels.
std::vector<ServiceView> meant(const std::vector<ServiceView>& services, const std::string& wanted);

/// "did you mean …"; for a name that no service has.
std::string hint_for(const std::vector<ServiceView>& services, const std::string& wanted);

}  // namespace gslb::control
