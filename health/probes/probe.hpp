// health/probes/probe.hpp: one probe of one target, from its start to an Observation.
//
//   http, https ─► net::HttpClient ─┐
//   tcp ─────────► Asio ────────────┴─► Observation
//
// Threads: everything on the io_context's thread.
#pragma once

#include <functional>
#include <memory>

#include "health/observation.hpp"
#include "health/target.hpp"

namespace boost::asio {
class io_context;
}
namespace gslb::net {
class HttpClient;
}

namespace gslb::health {

/// A probe under way. Destroying it cancels it, and a cancelled probe says nothing: `done` is not called any more.
class Probe {
 public:
  /// Called once, later, never from inside start_probe. It may destroy the probe.
  using Done = std::function<void(Observation)>;
  Probe() = default;
  virtual ~Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
};

/// Starts a probe of the kind that the target's monitor asks for. `http`, on the same context, outlives the probe.
std::unique_ptr<Probe> start_probe(boost::asio::io_context& context, net::HttpClient& http, const Target& target,
                                   Probe::Done done);

/// The two kinds, each in its file.
std::unique_ptr<Probe> start_http_probe(net::HttpClient& http, const Target& target, Probe::Done done);
std::unique_ptr<Probe> start_tcp_probe(boost::asio::io_context& context, const Target& target, Probe::Done done);

/// What an attempt to connect that failed with `problem` (in the system's words) says. A shortage on our own side, of
/// file descriptors, ports or memory, says nothing of the target: the observation is void.
Observation connect_failure(std::string_view problem);

}  // namespace gslb::health
