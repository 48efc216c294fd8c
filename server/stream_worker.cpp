#include "server/stream_worker.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <list>
#include <thread>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "engine/query_handler.hpp"
#include "server/instant.hpp"

namespace gslb::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t longest_query = 4096;
constexpr std::size_t enough_to_write = 65536;  ///< replies gathered before they are written and reading goes on

struct Session;
using Sessions = std::list<std::shared_ptr<Session>>;

struct Session {
  explicit Session(tcp::socket s) : socket(std::move(s)) {}
  tcp::socket socket;
  engine::Client client;
  base::SteadyTime last_query{};  ///< or when it was accepted
  std::array<std::uint8_t, longest_query + 2> input;
  std::size_t filled = 0;
  std::vector<std::uint8_t> output;
  bool open = true;
  Sessions::iterator place;  ///< in the worker's list, while open
};

}  // namespace

struct StreamWorker::Impl {
  Impl(std::uint64_t seed, StreamLimits l, Retire on_retire)
      : limits(l), handler(seed, counters), generation(handler, std::move(on_retire)) {}

  void accept(tcp::acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor](const boost::system::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        // Out of descriptors or memory: the connection stays queued, and trying again at once would spin.
        base::log_warning("cannot accept a TCP connection", {{"error.message", error.message()}});
        pause.expires_after(std::chrono::milliseconds(100));
        pause.async_wait([this, &acceptor](const boost::system::error_code& e) {
          if (!e) accept(acceptor);
        });
        return;
      }
      open(std::move(socket));
      accept(acceptor);
    });
  }

  void open(tcp::socket socket) {
    boost::system::error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;
    while (sessions.size() >= std::max(1U, limits.connections)) close(sessions.front());
    socket.set_option(tcp::no_delay(true), error);
    auto session = std::make_shared<Session>(std::move(socket));
    sockaddr_storage raw{};
    std::memcpy(&raw, peer.data(), peer.size());
    const base::SocketAddress address = from_sockaddr(raw);
    session->client = {address.address, address.port};
    session->last_query = base::steady_now();
    session->place = sessions.insert(sessions.end(), session);
    read(session);
  }

  /// By value: what the caller holds may be the place in the list that goes.
  void close(std::shared_ptr<Session> session) {  // NOLINT(performance-unnecessary-value-param)
    if (!session->open) return;
    session->open = false;
    boost::system::error_code ignored;
    session->socket.close(ignored);
    sessions.erase(session->place);
  }

  void read(const std::shared_ptr<Session>& session) {
    const auto room = asio::buffer(session->input.data() + session->filled, session->input.size() - session->filled);
    session->socket.async_read_some(room, [this, session](const boost::system::error_code& error, std::size_t got) {
      if (error || !session->open) return close(session);
      session->filled += got;
      answer(session);
    });
  }

  /// Answers the whole messages in the buffer, in order; then writes, then reads on. Reading waits for writing, so a
  /// peer that never reads costs one buffer.
  void answer(const std::shared_ptr<Session>& session) {
    std::size_t at = 0;
    handler.set_now(read_clocks());
    while (session->output.size() < enough_to_write && session->filled - at >= 2) {
      const std::size_t length = static_cast<std::size_t>(session->input[at]) << 8 | session->input[at + 1];
      if (length > longest_query) return close(session);
      if (session->filled - at - 2 < length) break;
      const std::size_t size =
          handler.handle(session->client, {session->input.data() + at + 2, length}, reply, engine::Transport::stream);
      at += 2 + length;
      if (size == 0) return close(session);
      session->output.push_back(static_cast<std::uint8_t>(size >> 8));
      session->output.push_back(static_cast<std::uint8_t>(size & 0xff));
      session->output.insert(session->output.end(), reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(size));
    }
    if (at == 0) return read(session);
    std::memmove(session->input.data(), session->input.data() + at, session->filled - at);
    session->filled -= at;
    session->last_query = base::steady_now();
    sessions.splice(sessions.end(), sessions, session->place);
    write(session);
  }

  void write(const std::shared_ptr<Session>& session) {
    asio::async_write(session->socket, asio::buffer(session->output),
                      [this, session](const boost::system::error_code& error, std::size_t) {
                        if (error || !session->open) return close(session);
                        session->output.clear();
                        answer(session);
                      });
  }

  /// Sessions are in the order of their last query, so the idle ones are in front.
  void sweep() {
    timer.expires_after(std::min(limits.idle, std::chrono::milliseconds(1000)));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      const auto now = base::steady_now();
      while (!sessions.empty() && now - sessions.front()->last_query >= limits.idle) close(sessions.front());
      sweep();
    });
  }

  StreamLimits limits;
  asio::io_context context{1};
  asio::steady_timer timer{context};
  asio::steady_timer pause{context};
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors;
  Sessions sessions;
  engine::Counters counters;
  engine::QueryHandler handler;
  std::array<std::uint8_t, dns::max_message> reply;
  AdoptedGeneration generation;
  std::thread thread;
};

StreamWorker::StreamWorker(std::uint64_t seed, StreamLimits limits, Retire retire)
    : impl_(std::make_unique<Impl>(seed, limits, std::move(retire))) {}

StreamWorker::~StreamWorker() { stop(); }

void StreamWorker::start(Sockets&& sockets, engine::GenerationPtr generation) {
  impl_->generation.adopt(std::move(generation));
  for (auto& [address, descriptor] : sockets) {
    const auto protocol = address.address.family == base::Family::v4 ? tcp::v4() : tcp::v6();
    impl_->acceptors.push_back(std::make_unique<tcp::acceptor>(impl_->context, protocol, descriptor.release()));
    impl_->accept(*impl_->acceptors.back());
  }
  impl_->sweep();
  impl_->thread = std::thread([this] {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), ::getpriority(PRIO_PROCESS, 0) + 5);
    impl_->context.run();
  });
}

void StreamWorker::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->context.stop();
  impl_->thread.join();
}

void StreamWorker::post(engine::GenerationPtr generation) {
  asio::post(impl_->context,
             [impl = impl_.get(), next = std::move(generation)]() mutable { impl->generation.adopt(std::move(next)); });
}

const engine::Counters& StreamWorker::counters() const noexcept { return impl_->counters; }

}  // namespace gslb::server
