// server/stream_worker.hpp: one thread that answers over TCP (RFC 7766) and TLS (RFC 7858), at lower priority than the
// datagram workers, so that a flood of connections never touches UDP.
//
//   accept ─► a place in the table ─► header, handshake ─► read some ─► each whole message ─handle()─► replies ─► send
//
// Replies are gathered and leave together, in the order of their queries. Reading waits for sending, so a peer that
// never reads costs one buffer. A connection ends when its peer closes, when no whole query came for the idle time or
// the handshake takes too long, on a message over the limit, or when it loses its place to a new one.
// Threads: start(), stop() and post() from the control or health thread, wake() from any; everything else on its own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "base/address.hpp"
#include "engine/counters.hpp"
#include "net/tls_server.hpp"
#include "server/adopted_generation.hpp"
#include "server/connection_table.hpp"
#include "server/socket.hpp"

namespace gslb::server {

struct StreamSettings {
  std::chrono::milliseconds idle{10'000};
  std::chrono::milliseconds handshake{5'000};  ///< for the header of a proxy and the TLS handshake together
  std::vector<base::Prefix> proxies = {};      ///< who may send headers on listeners that want them
};

struct StreamSocket {
  Descriptor socket;
  bool tls = false;
  bool proxied = false;  ///< every connection begins with the header of a proxy
};

class StreamWorker {
 public:
  /// @param number  its own in `table`
  /// @param wake    calls wake() of another worker, by number
  StreamWorker(std::uint64_t seed, StreamSettings settings, ConnectionTable& table, unsigned number,
               std::function<void(unsigned)> wake, Retire retire);
  ~StreamWorker();  ///< stops
  StreamWorker(const StreamWorker&) = delete;
  StreamWorker& operator=(const StreamWorker&) = delete;

  /// @param tls  not null if one of `sockets` wants it
  void start(std::vector<StreamSocket>&& sockets, engine::GenerationPtr generation,
             std::shared_ptr<const net::TlsServer> tls);
  void stop();
  void post(engine::GenerationPtr generation);
  /// From now on handshakes use `tls`; sessions that stand, stay.
  void post(std::shared_ptr<const net::TlsServer> tls);
  /// Some of its connections may have lost their places.
  void wake();
  const engine::Counters& counters() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
