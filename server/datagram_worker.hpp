// server/datagram_worker.hpp: one thread that answers over UDP. Shares nothing with its siblings.
//
//   socket readable ─► recvmmsg ─► prepare × n ─► finish × n ─► sendmmsg ─► again while batches are full, else wait
//
// Owns:    an io_context, its sockets of each SO_REUSEPORT group, buffers, a QueryHandler, counters.
// Threads: start(), stop() and post() from the control or health thread; everything else on its own.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/address.hpp"
#include "engine/counters.hpp"
#include "engine/generation.hpp"
#include "server/adopted_generation.hpp"
#include "server/socket.hpp"

namespace gslb::server {

struct DatagramSocket {
  Descriptor socket;
  base::Family family = base::Family::v4;
  bool wildcard = false;
  bool proxied = false;  ///< every datagram begins with the header of a proxy
};

class DatagramWorker {
 public:
  /// @param workers  how many there are: each allows its part of a network's rate
  /// @param proxies  who may send headers on sockets that want them
  DatagramWorker(std::uint64_t seed, unsigned workers, std::vector<base::Prefix> proxies, Retire retire);
  ~DatagramWorker();  ///< stops
  DatagramWorker(const DatagramWorker&) = delete;
  DatagramWorker& operator=(const DatagramWorker&) = delete;

  void start(std::vector<DatagramSocket>&& sockets, engine::GenerationPtr generation);
  void stop();
  /// From the next batch on, `generation` answers. Never goes back to a lower epoch.
  void post(engine::GenerationPtr generation);
  const engine::Counters& counters() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
