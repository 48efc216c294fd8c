#include "server/stream_worker.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>
#include <list>
#include <thread>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "engine/query_handler.hpp"
#include "net/proxy_header.hpp"
#include "server/instant.hpp"
#include "server/poller.hpp"
#include "server/stream_connection.hpp"

namespace gslb::server {

namespace {

using Status = StreamConnection::Status;
using Connections = std::list<StreamConnection>;

constexpr std::size_t input_octets = 16384;
constexpr std::size_t enough_to_send = 15360;  ///< replies gathered before they are sent: about one TLS record
constexpr unsigned rounds_a_turn = 8;          ///< of read, answer, send, before others get their turn
constexpr unsigned accepts_a_turn = 16;
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::seconds quiet{60};  ///< between two warnings of one kind

struct StreamListener : Watched {
  explicit StreamListener(StreamSocket&& s) noexcept : Watched(Kind::listener), listening(std::move(s)) {}
  StreamSocket listening;
};

std::chrono::milliseconds rounded_up(base::Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

}  // namespace

struct StreamWorker::Impl {
  Impl(std::uint64_t seed, StreamSettings s, ConnectionTable& t, unsigned n, std::function<void(unsigned)> w,
       Retire on_retire)
      : settings(std::move(s)),
        table(t),
        number(n),
        wake_other(std::move(w)),
        handler(seed, counters),
        generation(handler, std::move(on_retire)) {
    const auto announced = settings.idle / 100;
    handler.set_keepalive(static_cast<std::uint16_t>(announced.count()));
  }

  void run();
  std::chrono::milliseconds next_deadline() const;
  void sweep();
  void accept(StreamListener& listener);
  void listen(std::uint32_t events);
  void open(Descriptor socket, const base::SocketAddress& peer, const StreamListener& listener);
  void close(StreamConnection& connection);
  void close_losers();
  void turn(StreamConnection& connection);
  bool read_header(StreamConnection& connection);
  bool shake_hands(StreamConnection& connection);
  bool answer(StreamConnection& connection, std::span<const std::uint8_t> octets);
  bool settle(StreamConnection& connection, Status status);
  void opened_now(StreamConnection& connection);
  void lost_place(std::optional<unsigned> loser);

  const StreamSettings settings;
  ConnectionTable& table;
  const unsigned number;
  const std::function<void(unsigned)> wake_other;
  Poller poller;
  std::list<StreamListener> listeners;
  std::shared_ptr<const net::TlsServer> tls;
  Connections starting;  ///< before they are open, in the order of accept
  Connections opened;    ///< in the order of their last query
  Connections closed;    ///< ended in this round; events of the round may still mean them
  std::vector<StreamConnection*> queue;
  base::SteadyTime now = base::steady_now();
  base::SteadyTime accept_again = base::SteadyTime::max();  ///< max: accepting
  base::SteadyTime next_accept_warning{};
  base::SteadyTime next_loss_warning{};
  std::uint64_t losses = 0;  ///< not yet in a warning
  engine::Counters counters;
  engine::QueryHandler handler;
  AdoptedGeneration generation;
  std::array<std::uint8_t, input_octets> input;
  std::array<std::uint8_t, enough_to_send + 2 + dns::max_message> output;
  bool stopping = false;
  std::thread thread;
};

void StreamWorker::Impl::run() {
  while (!stopping) {
    const auto events = poller.wait(queue.empty() ? next_deadline() : std::chrono::milliseconds(0));
    now = base::steady_now();
    handler.set_now(read_clocks());
    for (const epoll_event& event : events) {
      auto* watched = static_cast<Watched*>(event.data.ptr);
      if (watched->kind == Watched::Kind::listener) {
        accept(static_cast<StreamListener&>(*watched));
      } else {
        turn(static_cast<StreamConnection&>(*watched));
      }
    }
    for (std::size_t left = queue.size(); left > 0 && !queue.empty(); --left) {
      StreamConnection& connection = *queue.front();
      queue.erase(queue.begin());
      connection.queued = false;
      turn(connection);
    }
    sweep();
    closed.clear();
  }
}

std::chrono::milliseconds StreamWorker::Impl::next_deadline() const {
  base::SteadyTime next = std::min(accept_again, now + std::chrono::hours(1));
  if (!starting.empty()) next = std::min(next, starting.front().since + settings.handshake);
  if (!opened.empty()) next = std::min(next, opened.front().since + settings.idle);
  return rounded_up(next - base::steady_now());
}

void StreamWorker::Impl::sweep() {
  while (!starting.empty() && now - starting.front().since >= settings.handshake) close(starting.front());
  while (!opened.empty() && now - opened.front().since >= settings.idle) close(opened.front());
  if (now >= accept_again) {
    accept_again = base::SteadyTime::max();
    listen(EPOLLIN);
  }
  if (losses > 0 && now >= next_loss_warning) {
    base::log_warning("connections were closed to make room for new ones (tcp.connections, tcp.per_prefix)",
                      {{"connections", losses}});
    losses = 0;
    next_loss_warning = now + quiet;
  }
}

void StreamWorker::Impl::accept(StreamListener& listener) {
  for (unsigned i = 0; i < accepts_a_turn; ++i) {
    sockaddr_storage raw{};
    socklen_t size = sizeof raw;
    Descriptor socket(::accept4(listener.listening.socket.get(), reinterpret_cast<sockaddr*>(&raw), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() >= 0) {
      open(std::move(socket), from_sockaddr(raw), listener);
      continue;
    }
    if (errno == EAGAIN) return;
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) continue;  // of that one peer
    // The connection stays in the kernel's queue, so trying again at once would spin.
    if (now >= next_accept_warning) {
      base::log_warning("cannot accept a TCP connection", {{"error.message", std::strerror(errno)}});
      next_accept_warning = now + quiet;
    }
    listen(0);
    accept_again = now + accept_pause;
    return;
  }
}

void StreamWorker::Impl::listen(std::uint32_t events) {
  for (StreamListener& listener : listeners)
    poller.change(listener.listening.socket.get(), events, static_cast<Watched*>(&listener));
}

void StreamWorker::Impl::open(Descriptor socket, const base::SocketAddress& peer, const StreamListener& listener) {
  const bool proxied = listener.listening.proxied;
  if (proxied && std::none_of(settings.proxies.begin(), settings.proxies.end(),
                              [&](const base::Prefix& p) { return p.contains(peer.address); }))
    return;
  const bool secure = listener.listening.tls;
  Connections& list = proxied || secure ? starting : opened;
  StreamConnection& connection = list.emplace_back(std::move(socket), peer, now);
  connection.self = std::prev(list.end());
  connection.secure = secure;
  connection.phase = proxied ? Phase::header : secure ? Phase::handshake : Phase::open;
  connection.interest = EPOLLIN;
  const auto taken = table.take(peer.address, number, &connection, now);
  connection.place = taken.place;
  lost_place(taken.loser);
  if (!poller.add(connection.socket.get(), EPOLLIN, static_cast<Watched*>(&connection))) close(connection);
}

/// Its memory stays until the end of the round.
void StreamWorker::Impl::close(StreamConnection& connection) {
  if (connection.socket.get() < 0) return;
  if (connection.tls) connection.tls->end();
  connection.tls.reset();
  connection.socket = Descriptor();
  table.give_back(connection.place);
  if (connection.queued) std::erase(queue, &connection);
  closed.splice(closed.end(), connection.phase == Phase::open ? opened : starting, connection.self);
}

void StreamWorker::Impl::lost_place(std::optional<unsigned> loser) {
  if (!loser) return;
  if (*loser == number) {
    close_losers();
  } else {
    wake_other(*loser);
  }
}

void StreamWorker::Impl::close_losers() {
  for (StreamConnection* loser : table.evicted(number)) {
    ++losses;
    close(*loser);
  }
}

/// What is asked of epoll follows from what the connection waits for.
/// @return whether it can go on now
bool StreamWorker::Impl::settle(StreamConnection& connection, Status status) {
  if (status == Status::closed || status == Status::failed) {
    close(connection);
    return false;
  }
  const std::uint32_t interest = status == Status::wait_writable ? EPOLLOUT : EPOLLIN;
  if (interest != connection.interest) {
    connection.interest = interest;
    poller.change(connection.socket.get(), interest, static_cast<Watched*>(&connection));
  }
  return status == Status::done;
}

void StreamWorker::Impl::turn(StreamConnection& connection) {
  if (connection.socket.get() < 0) return;
  if (connection.phase == Phase::header && !read_header(connection)) return;
  if (connection.phase == Phase::handshake && !shake_hands(connection)) return;
  if (!connection.unsent.empty() && !settle(connection, connection.flush())) return;
  for (unsigned round = 0; round < rounds_a_turn; ++round) {
    std::size_t filled = connection.framing.restore(input);
    const std::size_t room = input.size() - filled;
    std::size_t got = 0;
    if (!connection.framing.ready()) {
      const auto moved = connection.read(std::span(input).subspan(filled));
      if (!settle(connection, moved.status)) return;
      got = moved.octets;
      filled += got;
    }
    if (!answer(connection, std::span(input).first(filled))) return;
    const bool emptied = got < room && !connection.pending();
    if (emptied && !connection.framing.ready()) return;
  }
  if (!connection.queued && (connection.pending() || connection.framing.ready())) {
    connection.queued = true;
    queue.push_back(&connection);
  }
}

/// Not an octet more than the header is read: what follows may be TLS.
bool StreamWorker::Impl::read_header(StreamConnection& connection) {
  using Outcome = net::ProxyHeader::Outcome;
  auto& header = connection.unsent;  // nothing is sent before there is a client
  net::ProxyHeader parsed = net::parse_proxy_header(header);
  while (parsed.outcome == Outcome::incomplete) {
    const std::size_t before = header.size();
    header.resize(parsed.size);
    const auto moved = connection.read(std::span(header).subspan(before));
    header.resize(before + moved.octets);
    if (!settle(connection, moved.status)) return false;
    parsed = net::parse_proxy_header(header);
  }
  header = {};
  if (parsed.outcome == Outcome::malformed) {
    close(connection);
    return false;
  }
  if (parsed.outcome == Outcome::proxied) {
    connection.client = {parsed.client.address, parsed.client.port};
    lost_place(table.move(connection.place, parsed.client.address));
  }
  if (connection.secure) {
    connection.phase = Phase::handshake;
  } else {
    opened_now(connection);
  }
  return true;
}

bool StreamWorker::Impl::shake_hands(StreamConnection& connection) {
  // Only now, so that who says nothing costs nothing of this.
  if (!connection.tls) connection.tls = std::make_unique<net::TlsSession>(tls, connection.socket.get());
  if (!settle(connection, connection.tls->handshake())) return false;
  opened_now(connection);
  return true;
}

void StreamWorker::Impl::opened_now(StreamConnection& connection) {
  connection.phase = Phase::open;
  connection.since = now;
  connection.place->touch(now);
  opened.splice(opened.end(), starting, connection.self);
}

/// Answers the whole messages in `octets`, in order, and sends the replies. @return whether reading may go on
bool StreamWorker::Impl::answer(StreamConnection& connection, std::span<const std::uint8_t> octets) {
  const auto transport = connection.tls ? engine::Transport::tls : engine::Transport::stream;
  std::size_t size = 0;
  bool sane = true;
  const bool framed = connection.framing.take(octets, [&](std::span<const std::uint8_t> message) {
    const std::size_t reply =
        handler.handle(connection.client, message, std::span(output).subspan(size + 2, dns::max_message), transport);
    sane = reply != 0;
    if (!sane) return false;
    output[size] = static_cast<std::uint8_t>(reply >> 8);
    output[size + 1] = static_cast<std::uint8_t>(reply & 0xff);
    size += 2 + reply;
    return size < enough_to_send;
  });
  Status status = Status::done;
  if (size > 0) {
    connection.since = now;
    connection.place->touch(now);
    opened.splice(opened.end(), opened, connection.self);
    status = connection.send(std::span(output).first(size));
  }
  return settle(connection, framed && sane ? status : Status::failed);
}

StreamWorker::StreamWorker(std::uint64_t seed, StreamSettings settings, ConnectionTable& table, unsigned number,
                           std::function<void(unsigned)> wake, Retire retire)
    : impl_(std::make_unique<Impl>(seed, std::move(settings), table, number, std::move(wake), std::move(retire))) {}

StreamWorker::~StreamWorker() { stop(); }

void StreamWorker::start(std::vector<StreamSocket>&& sockets, engine::GenerationPtr generation,
                         std::shared_ptr<const net::TlsServer> tls) {
  impl_->generation.adopt(std::move(generation));
  impl_->tls = std::move(tls);
  for (StreamSocket& socket : sockets) {
    StreamListener& listener = impl_->listeners.emplace_back(std::move(socket));
    const auto added = impl_->poller.add(listener.listening.socket.get(), EPOLLIN, static_cast<Watched*>(&listener));
    if (!added) throw std::runtime_error(added.error().what);
  }
  impl_->thread = std::thread([this] {
    // OpenSSL writes to sockets whose peers are gone.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), ::getpriority(PRIO_PROCESS, 0) + 5);
    impl_->run();
  });
}

void StreamWorker::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->poller.post([impl = impl_.get()] { impl->stopping = true; });
  impl_->thread.join();
}

void StreamWorker::post(engine::GenerationPtr generation) {
  impl_->poller.post(
      [impl = impl_.get(), next = std::move(generation)]() mutable { impl->generation.adopt(std::move(next)); });
}

void StreamWorker::post(std::shared_ptr<const net::TlsServer> tls) {
  impl_->poller.post([impl = impl_.get(), next = std::move(tls)]() mutable { impl->tls = std::move(next); });
}

void StreamWorker::wake() {
  impl_->poller.post([impl = impl_.get()] { impl->close_losers(); });
}

const engine::Counters& StreamWorker::counters() const noexcept { return impl_->counters; }

}  // namespace gslb::server
