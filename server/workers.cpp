#include "server/workers.hpp"

#include <random>

namespace gslb::server {

namespace {

base::Result<Sockets> bind_all(const std::vector<base::SocketAddress>& addresses,
                               base::Result<Descriptor> (*bind)(const base::SocketAddress&)) {
  Sockets out;
  for (const base::SocketAddress& address : addresses) {
    auto socket = bind(address);
    if (!socket) return socket.error();
    out.emplace_back(address, std::move(*socket));
  }
  return out;
}

}  // namespace

base::Result<void> Workers::start(const std::vector<base::SocketAddress>& addresses, unsigned threads,
                                  StreamLimits limits) {
  const Retire retire = [this](engine::GenerationPtr old) {
    builder_.post([old = std::move(old)]() mutable { old.reset(); });
  };
  // All sockets are bound before any worker reads: if one fails, none has answered.
  std::vector<Sockets> datagram;
  std::vector<Sockets> stream;
  for (unsigned i = 0; i < threads; ++i) {
    auto udp = bind_all(addresses, bind_datagram);
    if (!udp) return udp.error();
    auto tcp = bind_all(addresses, bind_stream);
    if (!tcp) return tcp.error();
    datagram.push_back(std::move(*udp));
    stream.push_back(std::move(*tcp));
  }
  std::random_device seed;
  const auto random_seed = [&seed] { return static_cast<std::uint64_t>(seed()) << 32 | seed(); };
  limits.connections = std::max(1U, limits.connections / threads);
  const std::lock_guard lock(publishing_);
  for (unsigned i = 0; i < threads; ++i) {
    datagram_.push_back(std::make_unique<DatagramWorker>(random_seed(), threads, retire));
    datagram_.back()->start(std::move(datagram[i]), latest_);
    stream_.push_back(std::make_unique<StreamWorker>(random_seed(), limits, retire));
    stream_.back()->start(std::move(stream[i]), latest_);
  }
  return {};
}

void Workers::stop() {
  for (const auto& worker : datagram_) worker->stop();
  for (const auto& worker : stream_) worker->stop();
}

void Workers::publish(engine::GenerationPtr generation) {
  const std::lock_guard lock(publishing_);
  for (const auto& worker : datagram_) worker->post(generation);
  for (const auto& worker : stream_) worker->post(generation);
  std::swap(latest_, generation);
  builder_.post([old = std::move(generation)]() mutable { old.reset(); });
}

std::vector<const engine::Counters*> Workers::counters() const {
  std::vector<const engine::Counters*> out;
  for (const auto& worker : datagram_) out.push_back(&worker->counters());
  for (const auto& worker : stream_) out.push_back(&worker->counters());
  return out;
}

Totals Workers::totals() const {
  Totals out;
  for (const engine::Counters* counter : counters()) {
    for (const auto& queries : counter->queries) out.queries += queries.read();
    for (const auto& replies : counter->rcodes) out.answers += replies.read();
    out.dropped += counter->dropped.read();
  }
  return out;
}

}  // namespace gslb::server
