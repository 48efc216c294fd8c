// server/stream_worker.hpp: one thread that answers over TCP (RFC 7766), at lower priority than the datagram workers,
// so that a flood of connections never touches UDP.
//
//   accept ─► session: read some ─► each whole message ─handle()─► replies ─► write ─► …
//
// A session ends when its peer closes, when no whole query came for the idle time, on a message over the limit, or when
// a new connection needs its place: then the session whose last query is longest ago goes. Threads: start(), stop() and
// post() from the control or health thread; everything else on its own.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "engine/counters.hpp"
#include "server/adopted_generation.hpp"
#include "server/socket.hpp"

namespace gslb::server {

struct StreamLimits {
  unsigned connections = 1024;
  std::chrono::milliseconds idle{10'000};
};

class StreamWorker {
 public:
  StreamWorker(std::uint64_t seed, StreamLimits limits, Retire retire);
  ~StreamWorker();  ///< stops
  StreamWorker(const StreamWorker&) = delete;
  StreamWorker& operator=(const StreamWorker&) = delete;

  void start(Sockets&& sockets, engine::GenerationPtr generation);
  void stop();
  void post(engine::GenerationPtr generation);
  const engine::Counters& counters() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
