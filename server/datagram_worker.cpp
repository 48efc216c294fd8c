#include "server/datagram_worker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "engine/query_handler.hpp"
#include "server/datagram_batch.hpp"
#include "server/instant.hpp"

namespace gslb::server {

namespace asio = boost::asio;

struct DatagramWorker::Impl {
  struct Listener {
    asio::ip::udp::socket socket;
    bool wildcard;
    bool proxied;
  };

  Impl(std::uint64_t seed, unsigned workers, std::vector<base::Prefix> trusted, Retire on_retire)
      : proxies(std::move(trusted)), handler(seed, counters, workers), generation(handler, std::move(on_retire)) {}

  void wait(Listener& listener) {
    listener.socket.async_wait(asio::ip::udp::socket::wait_read,
                               [this, &listener](const boost::system::error_code& error) {
                                 if (error == asio::error::operation_aborted) return;
                                 drain(listener);
                                 wait(listener);
                               });
  }

  /// A bounded number of batches, so that other sockets and a new generation get their turn under any load.
  void drain(Listener& listener) {
    const int fd = listener.socket.native_handle();
    for (unsigned round = 0; round < 16; ++round) {
      const unsigned count = batch.receive(fd, listener.wildcard);
      if (count == 0) return;
      handler.set_now(read_clocks());
      if (listener.proxied) {
        batch.answer_proxied(fd, count, handler, proxies);
      } else {
        batch.answer(fd, count, handler);
      }
      if (count < DatagramBatch::size) return;
    }
  }

  const std::vector<base::Prefix> proxies;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::vector<std::unique_ptr<Listener>> listeners;
  engine::Counters counters;
  engine::QueryHandler handler;
  DatagramBatch batch;
  AdoptedGeneration generation;
  std::thread thread;
};

DatagramWorker::DatagramWorker(std::uint64_t seed, unsigned workers, std::vector<base::Prefix> proxies, Retire retire)
    : impl_(std::make_unique<Impl>(seed, workers, std::move(proxies), std::move(retire))) {}

DatagramWorker::~DatagramWorker() { stop(); }

void DatagramWorker::start(std::vector<DatagramSocket>&& sockets, engine::GenerationPtr generation) {
  impl_->generation.adopt(std::move(generation));
  for (DatagramSocket& s : sockets) {
    const auto protocol = s.family == base::Family::v4 ? asio::ip::udp::v4() : asio::ip::udp::v6();
    impl_->listeners.push_back(std::make_unique<Impl::Listener>(
        Impl::Listener{asio::ip::udp::socket(impl_->context, protocol, s.socket.release()), s.wildcard, s.proxied}));
    impl_->wait(*impl_->listeners.back());
  }
  impl_->thread = std::thread([this] { impl_->context.run(); });
}

void DatagramWorker::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->context.stop();
  impl_->thread.join();
}

void DatagramWorker::post(engine::GenerationPtr generation) {
  asio::post(impl_->context,
             [impl = impl_.get(), next = std::move(generation)]() mutable { impl->generation.adopt(std::move(next)); });
}

const engine::Counters& DatagramWorker::counters() const noexcept { return impl_->counters; }

}  // namespace gslb::server
