// health/probes/probe.hpp: one probe of one target, from its start to an Observation.
//
//   http, grpc ──► net::HttpClient ─────┐   (each also over TLS)
//   tcp, tls ────► net::DialogueClient ─┤
//   icmp ────────► Pinger ──────────────┼─► Observation
//   dns ─────────► a UDP socket ────────┤
//   command ─────► a process ───────────┘
//
// Threads: everything on the io_context's thread.
#pragma once

#include <functional>
#include <memory>

#include "health/observation.hpp"
#include "health/probes/pinger.hpp"
#include "health/target.hpp"
#include "net/dialogue.hpp"
#include "net/http_client.hpp"

namespace boost::asio {
class io_context;
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

/// What probes share. Outlives them.
struct ProbeTools {
  explicit ProbeTools(boost::asio::io_context& c) : context(c), http(c), dialogues(c), pinger(c) {}
  boost::asio::io_context& context;
  net::HttpClient http;
  net::DialogueClient dialogues;
  Pinger pinger;
};

/// Starts a probe of the kind that the target's monitor asks for, which is not push. Both the tools and the target
/// outlive it.
std::unique_ptr<Probe> start_probe(ProbeTools& tools, const Target& target, Probe::Done done);

/// The kinds, each in its file.
std::unique_ptr<Probe> start_http_probe(ProbeTools& tools, const Target& target, Probe::Done done);
std::unique_ptr<Probe> start_grpc_probe(ProbeTools& tools, const Target& target, Probe::Done done);
std::unique_ptr<Probe> start_dialogue_probe(ProbeTools& tools, const Target& target, Probe::Done done);
std::unique_ptr<Probe> start_icmp_probe(ProbeTools& tools, const Target& target, Probe::Done done);
std::unique_ptr<Probe> start_dns_probe(ProbeTools& tools, const Target& target, Probe::Done done);
std::unique_ptr<Probe> start_command_probe(ProbeTools& tools, const Target& target, Probe::Done done);

}  // namespace gslb::health
