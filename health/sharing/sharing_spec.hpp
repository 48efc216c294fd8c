// health/sharing/sharing_spec.hpp: who the vantages are, as configured. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"

namespace gslb::health {

/// One that probes and reports: a name server, or a prober.
struct VantageSpec {
  std::string name;                            ///< a DNS name of its certificate
  std::string site;                            ///< "": at none
  std::string region;                          ///< "": none
  std::optional<base::SocketAddress> address;  ///< where it takes reports; none: it only sends
  base::SourcePosition where;
  bool operator==(const VantageSpec& other) const {
    return name == other.name && site == other.site && region == other.region && address == other.address;
  }
};

/// What this instance is among them.
struct SharingSpec {
  std::string name;                         ///< "": the command line's, or the host's
  std::vector<base::SocketAddress> listen;  ///< empty: at its address
  std::string certificate, key, ca;         ///< PEM files
  std::chrono::milliseconds period{1000};
  std::vector<base::SocketAddress> references;
  std::vector<VantageSpec> vantages;  ///< all, this one among them
  base::SourcePosition where;         ///< of `vantage`
  bool operator==(const SharingSpec& other) const {
    return name == other.name && listen == other.listen && certificate == other.certificate && key == other.key &&
           ca == other.ca && period == other.period && references == other.references && vantages == other.vantages;
  }
};

/// The store that all nodes share; without endpoints there is none.
struct EtcdSpec {
  std::vector<base::SocketAddress> endpoints;
  bool tls = false;
  std::string name;                  ///< that the endpoints' certificates are for; "": their addresses
  std::string ca, certificate, key;  ///< PEM files; "": the system's store, and no certificate of ours
  std::string user;                  ///< "": nobody in particular
  std::string password_file;         ///< of `user`; its first line; read at each log-in
  base::SourcePosition where;
  bool operator==(const EtcdSpec& other) const {
    return endpoints == other.endpoints && tls == other.tls && name == other.name && ca == other.ca &&
           certificate == other.certificate && key == other.key && user == other.user &&
           password_file == other.password_file;
  }
};

}  // namespace gslb::health
