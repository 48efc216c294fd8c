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
#include "server/builder.hpp"
#include "server/datagram_worker.hpp"
#include "server/stream_worker.hpp"

namespace gslb::server {

struct Totals {
  std::uint64_t queries = 0;
  std::uint64_t answers = 0;  ///< replies of any RCODE
  std::uint64_t dropped = 0;
};

class Workers {
 public:
  /// Old generations are freed on the builder's thread.
  explicit Workers(Builder& builder) : builder_(builder) {}
  ~Workers() { stop(); }

  /// Binds every address for each of `threads` workers and starts them. publish() has been called before.
  [[nodiscard]] base::Result<void> start(const std::vector<base::SocketAddress>& addresses, unsigned threads,
                                         StreamLimits limits);
  void stop();
  void publish(engine::GenerationPtr generation);

  bool running() const noexcept { return !datagram_.empty(); }
  std::vector<const engine::Counters*> counters() const;
  Totals totals() const;

 private:
  Builder& builder_;
  std::mutex publishing_;  ///< between the thread that publishes and the one that starts; no query waits for it
  engine::GenerationPtr latest_;
  std::vector<std::unique_ptr<DatagramWorker>> datagram_;
  std::vector<std::unique_ptr<StreamWorker>> stream_;
};

}  // namespace gslb::server
