// tests/health/loopback_server.hpp: a server to probe, on the test's own io_context, so that a test is one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/address.hpp"
#include "health/target.hpp"

namespace gslb::health {

/// What a server does once it has read a request up to the empty line.
struct Reaction {
  std::string octets;  ///< written
  bool hang = false;   ///< then keeps the connection open and silent, else closes
};

/// Reactions for tests: an answer of `status`, complete.
Reaction answer(unsigned status, const std::string& body = "", const std::string& more_headers = "");

class LoopbackServer {
 public:
  using Play = std::function<Reaction(const std::string& request)>;
  LoopbackServer(boost::asio::io_context& context, Play play);
  ~LoopbackServer();
  std::uint16_t port() const;
  unsigned connections() const;       ///< accepted so far
  unsigned open_connections() const;  ///< that the other side has not closed yet
  const std::string& last_request() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// A port of 127.0.0.1 that refuses connections, for as long as it lives.
class RefusedPort {
 public:
  RefusedPort();
  ~RefusedPort();
  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_;
};

/// A target at 127.0.0.1 that is probed every 50 ms for at most 10 s.
Target loopback_target(std::uint16_t port, ProbeKind kind = ProbeKind::http);

/// Runs the context until `condition` holds.
/// @return false if it did not within 20 s
bool run_until(boost::asio::io_context& context, const std::function<bool()>& condition);

}  // namespace gslb::health
