// server/workers.hpp: all workers together: started once, given every generation, counted as one.
//
// Threads: start() and stop() from the control thread, publish() from the health thread.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/result.hpp"
#include "base/source.hpp"
#include "engine/counters.hpp"
#include "net/tls_server.hpp"
#include "server/builder.hpp"
#include "server/connection_table.hpp"
#include "server/datagram_worker.hpp"
#include "server/stream_worker.hpp"

namespace gslb::server {

struct Totals {
  std::uint64_t queries = 0;
  std::uint64_t answers = 0;  ///< replies of any RCODE
  std::uint64_t dropped = 0;
  std::uint64_t limited = 0;  ///< over the rate limit
};

/// Where queries come in.
struct Listen {
  std::vector<base::SocketAddress> plain;    ///< UDP and TCP
  std::vector<base::SocketAddress> tls;      ///< TLS
  std::vector<base::SocketAddress> proxied;  ///< those of the above whose clients come through a proxy
};

class Workers {
 public:
  /// Old generations are freed on the builder's thread.
  explicit Workers(Builder& builder) : builder_(builder) {}
  ~Workers() { stop(); }

  /// Binds every address for each of `threads` workers and starts them. publish() has been called before.
  /// @param tls  not null if there are addresses for it
  [[nodiscard]] base::Result<void> start(const Listen& listen, unsigned threads, const StreamSettings& settings,
                                         const ConnectionLimits& limits,
                                         const std::shared_ptr<const net::TlsServer>& tls);
  /// Handshakes from now on. From the control thread.
  void use(const std::shared_ptr<const net::TlsServer>& tls);
  void stop();
  void publish(engine::GenerationPtr generation);

  bool running() const noexcept { return !datagram_.empty(); }
  std::vector<const engine::Counters*> counters() const;
  Totals totals() const;

 private:
  Builder& builder_;
  std::mutex publishing_;  ///< between the thread that publishes and the one that starts; no query waits for it
  engine::GenerationPtr latest_;
  std::unique_ptr<ConnectionTable> connections_;  ///< of all stream workers
  std::vector<std::unique_ptr<DatagramWorker>> datagram_;
  std::vector<std::unique_ptr<StreamWorker>> stream_;
};

}  // namespace gslb::server
