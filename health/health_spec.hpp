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

/// How many of the vantages that are heard must say down.
struct Agree {
  enum class Kind : std::uint8_t { majority, all, any, count };
  Kind kind = Kind::majority;
  unsigned count = 0;  ///< for Kind::count, 1 to 100; as many as there are, if there are fewer
  bool operator==(const Agree&) const = default;
};

/// What is made of the opinions of several vantages.
struct Judging {
  Agree agree;
  /// With too few vantages heard, how long all of them must have said down; none: never enough.
  std::optional<std::chrono::milliseconds> alone_after{std::chrono::seconds(60)};
  /// How long a vantage that was cut off is not believed when it says down.
  std::chrono::milliseconds correlated_hold{std::chrono::seconds(30)};
  bool operator==(const Judging&) const = default;
};

/// What of it a monitor says; the rest is as `defaults` has it.
struct JudgingSpec {
  std::optional<Agree> agree;
  std::optional<std::optional<std::chrono::milliseconds>> alone_after;
  std::optional<std::chrono::milliseconds> correlated_hold;
  Judging over(const Judging& defaults) const {
    return {agree.value_or(defaults.agree), alone_after.value_or(defaults.alone_after),
            correlated_hold.value_or(defaults.correlated_hold)};
  }
};

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
  JudgingSpec judging;
  base::SourcePosition where;
};

}  // namespace gslb::health
