// health/registration_body.hpp: what is said to Consul's agent API about a service of our own. Pure.
#pragma once

#include <string>

#include "health/registration_spec.hpp"

namespace gslb::health {

/// Of /v1/agent/service/register.
std::string registration_body(const RegistrationSpec& spec, const std::string& id);
/// Of /v1/agent/check/update: it lives, and `says` is shown.
std::string beat_body(const std::string& says);

}  // namespace gslb::health
