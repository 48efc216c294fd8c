// health/feeds/feed_spec.hpp: where a site's balancer or registry is asked, as configured. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/source.hpp"

namespace gslb::health {

enum class FeedKind : std::uint8_t {
  haproxy,      ///< statistics as CSV: over HTTP, or `show stat` over its Runtime API
  page,         ///< JSON as the snippets for HAProxy and nginx in docs/pairing give it
  stub_status,  ///< nginx
  envoy,        ///< /clusters of its admin port
  consul,       ///< health of a service
  nacos,
  eureka,
  kubernetes,  ///< EndpointSlices of a service
  etcd,        ///< registrations under a prefix
  prometheus,  ///< an instant query, a load
  agent,       ///< what answers the agent-check of HAProxy
};

struct FeedSpec {
  std::string name;
  std::string site;
  std::vector<std::string> services;  ///< that it is about; empty: all with endpoints in the site
  FeedKind kind = FeedKind::page;
  base::SocketAddress to;
  std::string unix_path;  ///< if not empty, instead of `to`
  bool plain = false;     ///< no HTTP: HAProxy's Runtime API, an agent
  bool tls = false;
  std::string host;  ///< of a URL with a name; also what the certificate is for
  std::string ca;
  std::string target;       ///< path and query where the kind does not know it; etcd: the prefix
  std::string object;       ///< backend, cluster, service or query, as the kind has it
  std::string space;        ///< data center, name space or group
  std::string secret_file;  ///< its first line is a token or a password; read each time
  unsigned api = 0;         ///< nacos: 1, 2 or 3
  std::chrono::milliseconds interval{5000}, timeout{2000};
  std::chrono::milliseconds hold{60000};  ///< the last reading counts for so long after the source fell silent
  base::SourcePosition where;
  bool operator==(const FeedSpec& o) const {
    return name == o.name && site == o.site && services == o.services && kind == o.kind && to == o.to &&
           unix_path == o.unix_path && plain == o.plain && tls == o.tls && host == o.host && ca == o.ca &&
           target == o.target && object == o.object && space == o.space && secret_file == o.secret_file &&
           api == o.api && interval == o.interval && timeout == o.timeout && hold == o.hold;
  }
};

std::string_view to_string(FeedKind kind) noexcept;

}  // namespace gslb::health
