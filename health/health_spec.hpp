// health/health_spec.hpp: what the operator wrote under `monitors:`. Filled by config/, run by health/.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
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

class Pattern;

enum class ProbeKind : std::uint8_t { http, https, tcp, tls, icmp, dns, command, push, grpc, grpcs };

/// Of a dns monitor.
struct DnsQuestion {
  std::string name = {};                   ///< absolute, with its final dot
  std::uint16_t type = 1;                  ///< A
  std::vector<std::uint16_t> rcodes = {};  ///< accepted; empty means NOERROR only
  std::vector<std::string> answers = {};   ///< addresses or other data in text; one of them must be in the answer
  bool recursion_desired = false;
};

/// Of a command monitor.
struct CommandSpec {
  std::vector<std::string> words;  ///< program and arguments; {address} and {port} in an argument are filled in
  std::string user = "nobody";     ///< who it runs as if we are root
};

struct MonitorSpec {
  std::string name;  ///< for monitors written in place: "<zone>/<service>"
  ProbeKind kind = ProbeKind::http;
  std::uint16_t port = 0;      ///< 0 means the kind's default: 80, 443 or 53; tcp, tls, grpc and grpcs need one
  unsigned version = 1;        ///< of HTTP, for http and https: 1 or 2
  std::string method = "GET";  ///< http and https
  std::string path = "/";      ///< http and https: request target
  std::string host;            ///< Host header; "" means the address
  std::vector<std::pair<std::string, std::string>> headers;  ///< http and https: sent besides our own
  std::string sni;  ///< TLS server name; "" means `host`, and no SNI if that is empty too
  std::vector<std::pair<std::uint16_t, std::uint16_t>> status{{200, 299}};  ///< accepted status codes, inclusive ranges
  std::string send;                                                         ///< tcp: sent once connected
  std::string expect;                                    ///< text that what comes back holds; "" means anything
  std::shared_ptr<const Pattern> expect_pattern;         ///< and that this is found in; null means anything
  std::size_t expect_limit = 65536;                      ///< octets read at most to find them
  bool verify = true;                                    ///< check chain and name of the certificate
  std::string ca_file;                                   ///< PEM file of accepted roots; "" means the system's
  std::string certificate_file;                          ///< PEM file that we show of ourselves; "" shows none
  std::string key_file;                                  ///< its private key
  std::optional<std::chrono::seconds> certificate_warn;  ///< a certificate that ends sooner is told of
  std::optional<std::chrono::seconds> certificate_fail;  ///< one that ends sooner fails the probe
  bool follow_redirects = false;                         ///< at most 3, to the same address only
  unsigned reuse = 1;                        ///< probes that share a connection before a fresh one is made, 1 to 1000
  std::string grpc_service;                  ///< grpc and grpcs: which is asked for; "": the server as a whole
  DnsQuestion question;                      ///< dns
  CommandSpec command;                       ///< command
  std::chrono::milliseconds interval{5000};  ///< push: how long it may be silent
  std::optional<std::chrono::milliseconds> fastinter;        ///< while a count is under way; without it, `interval`
  std::optional<std::chrono::milliseconds> downinter;        ///< while down and no count is under way; else `interval`
  std::chrono::milliseconds timeout{2000};                   ///< of the whole probe; at most `interval`
  std::optional<std::chrono::milliseconds> connect_timeout;  ///< until the connection stands; at most `timeout`
  unsigned fall = 3;    ///< failures in a row that mark an up target down, 1 to 100
  unsigned rise = 2;    ///< successes in a row that mark a down target up, 1 to 100
  double jitter = 0.1;  ///< each interval is stretched or shrunk at random by up to this share, 0 to 0.5
  JudgingSpec judging;
  base::SourcePosition where;
};

/// Whether its probes speak TLS.
inline bool speaks_tls(const MonitorSpec& monitor) noexcept {
  return monitor.kind == ProbeKind::https || monitor.kind == ProbeKind::tls || monitor.kind == ProbeKind::grpcs;
}

/// Whether it is told how its targets are, and asks nobody.
inline bool waits_for_pushes(const MonitorSpec& monitor) noexcept { return monitor.kind == ProbeKind::push; }

}  // namespace gslb::health
