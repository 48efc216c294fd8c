// config/config.hpp: the whole configuration as its author wrote it, checked, and nothing compiled yet.
//
//   gslb.yaml + includes ──► load() ──► Config{specs} ──► engine::compile ──► Snapshot
//
// Owns:    plain values and the source files that errors quote.
// Threads: any one; builder thread in the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/log.hpp"
#include "base/source.hpp"
#include "dns/name.hpp"
#include "dns/rate_limit.hpp"
#include "dns/types.hpp"
#include "geo/geo_spec.hpp"
#include "health/combination.hpp"
#include "health/feeds/feed_spec.hpp"
#include "health/health_spec.hpp"
#include "health/registration_spec.hpp"
#include "health/sharing/sharing_spec.hpp"
#include "policy/policy_spec.hpp"
#include "zones/zone_spec.hpp"

namespace gslb::config {

/// Of a zone in YAML; more are slow to read and belong in master files.
inline constexpr std::size_t most_records = 10'000;
inline constexpr std::uint64_t most_answers = 64;  ///< endpoints of one answer that `take` may ask for

inline constexpr base::IpAddress loopback_v6{base::Family::v6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

struct TlsSpec {
  std::vector<base::Sourced<base::SocketAddress>> listen;  ///< default 0.0.0.0:853 and [::]:853
  base::Sourced<std::string> certificate;                  ///< PEM files
  base::Sourced<std::string> key;
  std::chrono::milliseconds handshake{5'000};  ///< a connection without a finished handshake is closed after this
};

struct ProxySpec {
  std::vector<base::Sourced<base::SocketAddress>> listen;  ///< those of `listen` and `tls.listen` that expect headers
  std::vector<base::Prefix> from;                          ///< who may send them
};

struct ServerSpec {
  std::vector<base::Sourced<base::SocketAddress>> listen;  ///< UDP and TCP; default 0.0.0.0:53 and [::]:53
  unsigned threads = 0;                                    ///< datagram workers; 0: one for each core
  base::Sourced<std::string> state;                        ///< directory; "" keeps nothing
  base::Sourced<std::string> control_socket;               ///< default /run/gslb/control.sock; "" for none
  std::vector<base::Sourced<base::SocketAddress>> agent;   ///< where balancers ask (agent-check); empty: nowhere
  unsigned tcp_connections = 1024;                         ///< most TCP and TLS connections at once
  unsigned tcp_per_prefix = 128;                           ///< most of them from one client network
  unsigned tcp_prefix_v4 = 24, tcp_prefix_v6 = 56;         ///< length of client networks
  std::chrono::seconds tcp_idle{10};                       ///< a TCP connection without a query is closed after this
  bool cookies = true;                                     ///< DNS cookies are given and believed
  base::Sourced<std::string> cookie_secrets;               ///< file; "" for secrets of this server's own
  dns::RateLimits rate_limits{200,
                              {{base::Prefix{base::IpAddress::v4(0x7f000000), 8}, dns::unlimited},
                               {base::Prefix{loopback_v6, 128}, dns::unlimited}}};
  std::string nsid;                                           ///< "" for none
  std::string chaos_version;                                  ///< "" hides it
  std::string chaos_id;                                       ///< "" hides it
  std::vector<base::Sourced<base::SocketAddress>> resolvers;  ///< for endpoints that are hosts; empty: the system's
  std::optional<TlsSpec> tls;
  ProxySpec proxy;
  base::LogFormat log_format = base::LogFormat::text;
  base::LogLevel log_level = base::LogLevel::info;
};

/// A question, and what its answer is meant to be. What is absent is not looked at.
struct TestSpec {
  std::string title;
  dns::Name name;
  dns::Rtype type = dns::Rtype::A;
  std::optional<base::Prefix> client;  ///< the client subnet; a whole address stands for its /24 or /56
  std::optional<base::IpAddress> resolver;
  std::vector<std::string> down_sites;
  std::vector<base::IpAddress> down_addresses;
  std::optional<std::vector<std::string>> sites;
  std::optional<std::vector<base::IpAddress>> answer;
  std::optional<dns::Rcode> rcode;
  base::SourcePosition where;
};

struct Config {
  ServerSpec server;
  geo::GeoSpec geo;
  std::vector<policy::SiteSpec> sites;
  health::SharingSpec sharing;                        ///< without vantages: this instance is the only one
  health::EtcdSpec etcd;                              ///< without endpoints: there is no shared store
  health::Judging judging;                            ///< of monitors that do not say otherwise
  std::vector<health::MonitorSpec> monitors;          ///< named ones, then those written in place
  std::vector<health::CombinationSpec> combinations;  ///< of named monitors, by services
  std::vector<policy::PolicySpec> policies;
  std::vector<zones::ZoneSpec> zones;
  std::optional<health::RegistrationSpec> registration;  ///< of this server, as a service
  std::vector<health::FeedSpec> feeds;                   ///< what balancers and registries tell of sites
  std::vector<TestSpec> tests;
  std::vector<std::string> files;  ///< every YAML file read, main file first
  std::uint64_t hash = 0;          ///< of all keys but those of one machine (config/shared_keys.hpp)
};

/// Reads `path` and all that it includes.
/// @param pushed  the main file of a configuration that was pushed to this machine: all keys are taken from it but
///                those of one machine; "" for none
/// @return the configuration, or nothing if `errors` got an entry. All errors are reported, not only the first.
[[nodiscard]] std::optional<Config> load(const std::string& path, base::ErrorList& errors,
                                         const std::string& pushed = {});

/// As load(), from text; includes and relative paths are taken from `path`'s directory. For tests and fuzzing.
[[nodiscard]] std::optional<Config> load_text(const std::string& path, std::string text, base::ErrorList& errors);

}  // namespace gslb::config
