#include "net/http_server.hpp"

#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <optional>
#include <unordered_set>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/endpoint.hpp"
#include "net/http_parser.hpp"
#include "net/listener.hpp"
#include "net/tls.hpp"

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds drain_time{1000};
constexpr std::chrono::seconds quiet{60};  // between two warnings
constexpr std::chrono::minutes longest_tls{10};

using TlsStream = asio::ssl::stream<StreamSocket&>;
using Context = TlsContexts::Context;

std::string serialize(const ServerResponse& response, bool keep_alive, bool with_body) {
  const std::string_view reason = reason_phrase(response.status);
  std::string out;
  out.reserve(256 + response.body.size());
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason);
  out.append("\r\nContent-Type: ").append(response.content_type);
  out.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  out.append("\r\nConnection: ").append(keep_alive ? "keep-alive" : "close").append("\r\n");
  for (const auto& [name, value] : response.headers) out.append(name).append(": ").append(value).append("\r\n");
  out.append("\r\n");
  if (with_body) out.append(response.body);
  return out;
}

ServerResponse plain(unsigned status, std::string text) {
  return {.status = status, .content_type = "text/plain", .body = std::move(text) + "\n", .headers = {}};
}

/// Whom the process at the other end of a Unix socket runs as: a name, or "uid 1000" where nobody has it.
std::vector<std::string> user_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {};
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(peer.uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return {found->pw_name};
  return {"uid " + std::to_string(peer.uid)};
}

class Session;
using Sessions = std::unordered_set<std::shared_ptr<Session>>;

/// What the sessions of one server share; outlives them.
struct Shared {
  HttpServer::Handler handler;
  HttpServerLimits limits;
  Sessions sessions;
  TlsContexts contexts;
  base::SteadyTime next_warning{};

  /// At most one a minute.
  void warn(const std::string& what) {
    const auto now = base::steady_now();
    if (now < next_warning) return;
    base::log_warning(what);
    next_warning = now + quiet;
  }
};

/// One connection: read a request, have it answered, and again.
///
///   [handshake] ─► read ─► handler ─► write ─┬─► read            every wait but the handler's own ends with the timer
///    └─ fault: 4xx ───────────┴─► drain ─► close
class Session : public std::enable_shared_from_this<Session> {
 public:
  /// @param context  null: without TLS
  Session(Shared& shared, StreamSocket socket, Context context, std::vector<std::string> peer)
      : shared_(shared),
        peer_(std::move(peer)),
        context_(std::move(context)),
        timer_(socket.get_executor()),
        socket_(std::move(socket)),
        parser_(
            {.request = true, .header_limit = shared.limits.header_octets, .body_limit = shared.limits.body_octets}) {
    if (context_) tls_.emplace(socket_, *context_);
  }

  void start() {
    if (!tls_) return await_request(parser_.progress());
    arm(shared_.limits.read_timeout);
    tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](const error_code& error) {
      if (self->closed_) return;
      if (error) return self->fail_handshake(error);
      self->peer_ = peer_names(self->tls_->native_handle());
      self->await_request(self->parser_.progress());
    });
  }

  /// Answers 503, whatever the request.
  void refuse() {
    write(plain(503, "too many connections"), true);
    arm(shared_.limits.read_timeout);
  }

  void close() {
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

 private:
  void fail_handshake(const error_code& error) {
    error_code unknown;
    const auto from = socket_.remote_endpoint(unknown);
    shared_.warn("a client " + (unknown ? "that is gone" : "at " + in_words(from)) +
                 " was turned away: " + handshake_problem(tls_->native_handle(), error));
    end();
  }

  void await_request(HttpParser::Progress progress) {
    arm(shared_.limits.read_timeout);
    proceed(progress);
  }

  void arm(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      // A wait that is over cannot be cancelled any more, so the timer may have been set anew since.
      if (!error && !self->closed_ && self->timer_.expiry() <= std::chrono::steady_clock::now()) self->time_out();
    });
  }

  /// A client that was slow within a request is told so; one that was idle, or does not read, is not.
  void time_out() {
    if (reading_ && !parser_.untouched()) {
      socket_.cancel();
      return refuse_request(408, "the request took too long");
    }
    end();
  }

  void proceed(HttpParser::Progress progress) {
    switch (progress) {
      case HttpParser::Progress::header:
      case HttpParser::Progress::body:
        return read();
      case HttpParser::Progress::done:
        return handle();
      case HttpParser::Progress::failed:
        break;
    }
    switch (parser_.fault()) {
      case HttpParser::Fault::header_too_long:
        return refuse_request(431, parser_.problem());
      case HttpParser::Fault::body_too_long:
        return refuse_request(413, parser_.problem());
      case HttpParser::Fault::none:
      case HttpParser::Fault::malformed:
      case HttpParser::Fault::cut_off:
        return refuse_request(400, parser_.problem());
    }
  }

  void read() {
    reading_ = true;
    const auto room = parser_.prepare();
    const auto got = [self = shared_from_this()](const error_code& error, std::size_t size) {
      if (!self->closed_ && self->reading_) self->received(error, size);
    };
    if (tls_) {
      tls_->async_read_some(asio::buffer(room.data(), room.size()), got);
    } else {
      socket_.async_read_some(asio::buffer(room.data(), room.size()), got);
    }
  }

  void received(const error_code& error, std::size_t size) {
    if (error) return end();
    proceed(parser_.commit(size));
  }

  void handle() {
    reading_ = false;
    timer_.expires_at(std::chrono::steady_clock::time_point::max());
    HttpMessage& message = parser_.message();
    const ServerRequest request{std::move(message.method), std::move(message.target), std::move(message.headers),
                                std::move(message.body), peer_};
    const bool with_body = request.method != "HEAD";
    const bool keep_alive = message.keep_alive && (!tls_ || base::steady_now() - began_ < longest_tls);
    shared_.handler(request, [weak = weak_from_this(), with_body, keep_alive,
                              number = ++requests_](const ServerResponse& response) {
      const auto self = weak.lock();
      if (!self || self->closed_ || self->answered_ >= number) return;
      self->answered_ = number;
      self->keep_alive_ = keep_alive;
      self->write(response, with_body);
      self->arm(self->shared_.limits.read_timeout);
    });
  }

  /// For requests that cannot be read to their end: the connection is of no use afterwards.
  void refuse_request(unsigned status, std::string problem) {
    reading_ = false;
    keep_alive_ = false;
    write(plain(status, std::move(problem)), true);
    arm(shared_.limits.read_timeout);
  }

  void write(const ServerResponse& response, bool with_body) {
    octets_ = serialize(response, keep_alive_, with_body);
    const auto written = [self = shared_from_this()](const error_code& error, std::size_t) {
      if (self->closed_) return;
      if (error) return self->end();
      if (!self->keep_alive_) return self->drain();
      self->await_request(self->parser_.next());
    };
    if (tls_) {
      asio::async_write(*tls_, asio::buffer(octets_), written);
    } else {
      asio::async_write(socket_, asio::buffer(octets_), written);
    }
  }

  /// Reads on for a moment: closing a socket with unread octets resets the connection, and the answer could be lost.
  void drain() {
    arm(drain_time);
    if (!tls_) return drain_socket();
    tls_->async_shutdown([self = shared_from_this()](const error_code&) {
      if (!self->closed_) self->drain_socket();
    });
  }

  void drain_socket() {
    error_code ignored;
    socket_.shutdown(StreamSocket::shutdown_send, ignored);
    drain_more();
  }

  void drain_more() {
    socket_.async_read_some(asio::buffer(discarded_),
                            [self = shared_from_this()](const error_code& error, std::size_t) {
                              if (self->closed_) return;
                              if (error) return self->end();
                              self->drain_more();
                            });
  }

  void end() {
    const auto self = shared_from_this();
    shared_.sessions.erase(self);
    close();
  }

  Shared& shared_;  // not used once closed_
  std::vector<std::string> peer_;
  Context context_;
  base::SteadyTime began_ = base::steady_now();
  SteadyTimer timer_;
  StreamSocket socket_;
  std::optional<TlsStream> tls_;
  HttpParser parser_;
  std::string octets_;
  std::array<char, 1024> discarded_{};
  std::uint64_t requests_ = 0, answered_ = 0;
  bool reading_ = false;
  bool keep_alive_ = false;
  bool closed_ = false;
};

/// @param tls  null: without TLS
/// @param local  over a Unix socket
void welcome(Shared& shared, const MutualTls* tls, bool local, StreamSocket socket) {
  const std::size_t now = shared.sessions.size();
  const std::size_t most = shared.limits.connections;
  if (now >= (tls != nullptr ? most : 2 * most))
    return;  // those being told 503 are bounded too; over TLS that costs too much
  Context context;
  if (tls != nullptr) {
    auto found = shared.contexts.server(*tls);
    if (!found) return shared.warn(found.error().what);
    context = std::move(*found);
  }
  std::vector<std::string> peer = local ? user_of(socket.native_handle()) : std::vector<std::string>();
  const auto session = std::make_shared<Session>(shared, std::move(socket), std::move(context), std::move(peer));
  shared.sessions.insert(session);
  if (now >= most) {
    session->refuse();
  } else {
    session->start();
  }
}

/// Makes way for a new socket at `path`: what a dead process left is removed, anything else stays.
base::Result<void> remove_stale_socket(asio::io_context& context, const std::string& path,
                                       const asio::generic::stream_protocol::endpoint& endpoint) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return base::Error{path + " exists and is not a socket"};
  StreamSocket probe(context);
  error_code error;
  probe.open(endpoint.protocol(), error);
  if (!error) probe.non_blocking(true, error);  // a listener with a full queue is alive, and must not hold us up
  if (!error) probe.connect(endpoint, error);
  if (error != asio::error::connection_refused) {
    const bool alive = !error || error == asio::error::would_block;
    return base::Error{alive ? "another process already listens on " + path
                             : "cannot use " + path + ": " + error.message()};
  }
  if (::unlink(path.c_str()) != 0) return base::Error{"cannot remove stale " + path + ": " + std::strerror(errno)};
  return {};
}

}  // namespace

struct HttpServer::Impl {
  Impl(asio::io_context& c, Handler handler, HttpServerLimits limits)
      : context(c), shared{std::move(handler), limits, {}, {}, {}} {}

  base::Result<std::shared_ptr<Listener>> listen(const asio::generic::stream_protocol::endpoint& endpoint,
                                                 const std::string& name, const std::string& unix_path,
                                                 std::optional<MutualTls> tls = std::nullopt) {
    auto listener = std::make_shared<Listener>(
        context, [this, tls = std::move(tls), local = !unix_path.empty()](StreamSocket socket) {
          welcome(shared, tls ? &*tls : nullptr, local, std::move(socket));
        });
    if (auto opened = listener->open(endpoint, name, unix_path); !opened) return opened.error();
    listeners.push_back(listener);
    listener->accept();
    return listener;
  }

  asio::io_context& context;
  Shared shared;
  std::vector<std::shared_ptr<Listener>> listeners;
};

HttpServer::HttpServer(asio::io_context& context, Handler handler, HttpServerLimits limits)
    : impl_(std::make_unique<Impl>(context, std::move(handler), limits)) {}

HttpServer::~HttpServer() {
  for (const auto& listener : impl_->listeners) listener->close();
  for (const auto& session : impl_->shared.sessions) session->close();
}

base::Result<void> HttpServer::listen_unix(const std::string& path) {
  const auto endpoint = unix_endpoint(path);
  if (!endpoint) return endpoint.error();
  if (auto free = remove_stale_socket(impl_->context, path, *endpoint); !free) return free;
  auto listener = impl_->listen(*endpoint, path, path);
  if (!listener) return listener.error();
  return {};
}

base::Result<std::uint16_t> HttpServer::listen_tcp(const base::SocketAddress& address) {
  const auto listener = impl_->listen(tcp_endpoint(address), base::to_string(address), {});
  if (!listener) return listener.error();
  return port_of((*listener)->local_endpoint());
}

base::Result<std::uint16_t> HttpServer::listen_tls(const base::SocketAddress& address, MutualTls files) {
  if (const auto good = impl_->shared.contexts.server(files); !good) return good.error();
  const auto listener = impl_->listen(tcp_endpoint(address), base::to_string(address), {}, std::move(files));
  if (!listener) return listener.error();
  return port_of((*listener)->local_endpoint());
}

}  // namespace gslb::net
