// health/health_spec.hpp: what the operator wrote under `monitors:`. Filled by config/, run by health/.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"

namespace gslb::health {

enum class ProbeKind : std::uint8_t { http, https, tcp };

struct MonitorSpec {
  std::string name;  ///< for monitors written in place: "<zone>/<service>"
  ProbeKind kind = ProbeKind::http;
  std::uint16_t port = 0;  ///< 0 means the kind's default, 80 or 443; tcp needs one
  std::string path = "/";  ///< http and https: request target
  std::string host;        ///< Host header; "" means the address
  std::string sni;         ///< TLS server name; "" means `host`, and no SNI if that is empty too
  std::vector<std::pair<std::uint16_t, std::uint16_t>> status{{200, 299}};  ///< accepted status codes, inclusive ranges
  std::string body_contains;       ///< text that the first `body_limit` octets of the body hold; "" means any body
  std::size_t body_limit = 65536;  ///< octets read at most when `body_contains` is set
  bool verify = true;              ///< check chain and name of the certificate
  std::string ca_file;             ///< PEM file of accepted roots; "" means the system's
  bool follow_redirects = false;   ///< at most 3, to the same address only
  std::chrono::milliseconds interval{5000};
  std::chrono::milliseconds timeout{2000};  ///< of the whole probe; at most `interval`
  unsigned fall = 3;                        ///< failures in a row that mark an up target down, 1 to 100
  unsigned rise = 2;                        ///< successes in a row that mark a down target up, 1 to 100
  double jitter = 0.1;  ///< each interval is stretched or shrunk at random by up to this share, 0 to 0.5
  base::SourcePosition where;
};

}  // namespace gslb::health
