#include "server/workers.hpp"

#include <algorithm>
#include <random>

namespace gslb::server {

namespace {

bool has(const std::vector<base::SocketAddress>& list, const base::SocketAddress& address) {
  return std::find(list.begin(), list.end(), address) != list.end();
}

base::Result<void> bind_datagrams(const Listen& listen, std::vector<DatagramSocket>& out) {
  for (const base::SocketAddress& address : listen.plain) {
    auto socket = bind_datagram(address);
    if (!socket) return socket.error();
    out.push_back(
        {std::move(*socket), address.address.family, is_wildcard(address.address), has(listen.proxied, address)});
  }
  return {};
}

base::Result<void> bind_streams(const Listen& listen, bool tls, std::vector<StreamSocket>& out) {
  for (const base::SocketAddress& address : tls ? listen.tls : listen.plain) {
    auto socket = bind_stream(address);
    if (!socket) return socket.error();
    out.push_back({std::move(*socket), tls, has(listen.proxied, address)});
  }
  return {};
}

}  // namespace

base::Result<void> Workers::start(const Listen& listen, unsigned threads, const StreamSettings& settings,
                                  const ConnectionLimits& limits, const std::shared_ptr<const net::TlsServer>& tls) {
  const Retire retire = [this](engine::GenerationPtr old) {
    builder_.post([old = std::move(old)]() mutable { old.reset(); });
  };
  // All sockets are bound before any worker reads: if one fails, none has answered.
  std::vector<std::vector<DatagramSocket>> datagram(threads);
  std::vector<std::vector<StreamSocket>> stream(threads);
  for (unsigned i = 0; i < threads; ++i) {
    if (const auto bound = bind_datagrams(listen, datagram[i]); !bound) return bound.error();
    for (const bool secure : {false, true}) {
      if (const auto bound = bind_streams(listen, secure, stream[i]); !bound) return bound.error();
    }
  }
  std::random_device seed;
  const auto random_seed = [&seed] { return static_cast<std::uint64_t>(seed()) << 32 | seed(); };
  connections_ = std::make_unique<ConnectionTable>(limits, threads);
  const std::lock_guard lock(publishing_);
  for (unsigned i = 0; i < threads; ++i) {
    datagram_.push_back(std::make_unique<DatagramWorker>(random_seed(), threads, settings.proxies, retire));
    stream_.push_back(std::make_unique<StreamWorker>(
        random_seed(), settings, *connections_, i, [this](unsigned other) { stream_[other]->wake(); }, retire));
  }
  for (unsigned i = 0; i < threads; ++i) {
    datagram_[i]->start(std::move(datagram[i]), latest_);
    stream_[i]->start(std::move(stream[i]), latest_, tls);
  }
  return {};
}

void Workers::use(const std::shared_ptr<const net::TlsServer>& tls) {
  for (const auto& worker : stream_) worker->post(tls);
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
    out.limited += counter->limited.read() + counter->slipped.read();
  }
  return out;
}

}  // namespace gslb::server
