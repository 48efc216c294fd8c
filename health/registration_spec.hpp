// health/registration_spec.hpp: where this server registers itself as a service. Filled by config/.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace gslb::health {

/// At the Consul agent of the machine, with a TTL check.
struct RegistrationSpec {
  base::SocketAddress to;
  bool tls = false;
  std::string host;  ///< Host header, and whom the certificate is for; "": the address
  std::string ca;    ///< PEM; "": the system's store
  std::string token_file;
  std::string name = "gslbd";  ///< of the service
  std::string id;              ///< "": its name and the machine's
  std::string address;         ///< "": the agent's
  std::uint16_t port = 53;
  std::vector<std::string> tags;
  std::chrono::seconds ttl{15};
  bool operator==(const RegistrationSpec&) const = default;
};

}  // namespace gslb::health
