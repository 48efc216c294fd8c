#include "net/stream_exchange.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::connect:
      return "connect";
    case Phase::tls:
      return "tls";
    case Phase::send:
      return "send";
    case Phase::status:
      return "status";
    case Phase::body:
      return "body";
    case Phase::done:
      return "done";
  }
  return "unknown";
}

bool StreamConnection::quiet() {
  char octet = 0;
  return ::recv(socket.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

StreamExchange::StreamExchange(asio::io_context& context, Settings settings)
    : context_(context), settings_(std::move(settings)), timer_(context) {}

void StreamExchange::start(TlsContexts& contexts, std::string octets, std::unique_ptr<StreamConnection> standing) {
  contexts_ = &contexts;
  octets_ = std::move(octets);
  started_ = entered_ = base::steady_now();
  if (standing) {
    connection_ = std::move(standing);
    outcome_.certificate_end = connection_->certificate_end;
    outcome_.reached = Phase::send;
    arm(settings_.deadline);
    return write();
  }
  open();
}

void StreamExchange::enter(Phase phase) {
  if (phase == outcome_.reached) return;
  const base::SteadyTime now = base::steady_now();
  outcome_.times[static_cast<std::size_t>(outcome_.reached)] += now - entered_;
  entered_ = now;
  outcome_.reached = phase;
}

void StreamExchange::open() {
  connection_ = std::make_unique<StreamConnection>(context_);
  if (settings_.tls && !prepare_tls()) return;
  arm(std::min(settings_.connect_deadline.value_or(settings_.deadline), settings_.deadline));
  base::Result<asio::generic::stream_protocol::endpoint> endpoint = tcp_endpoint(settings_.to);
  if (!settings_.unix_path.empty()) endpoint = unix_endpoint(settings_.unix_path);
  if (!endpoint) return fail_later(Phase::connect, endpoint.error().what);
  error_code error;
  StreamSocket& socket = connection_->socket;
  socket.open(endpoint->protocol(), error);
  if (error) return fail_later(Phase::connect, in_words(error));
  if (settings_.unix_path.empty()) socket.set_option(asio::ip::tcp::no_delay(true), error);
  if (settings_.reset_on_close) socket.set_option(asio::socket_base::linger(true, 0), error);
  socket.async_connect(*endpoint, [self = shared_from_this()](const error_code& failure) {
    if (self->over_) return;
    if (failure) return self->fail(in_words(failure));
    if (self->settings_.connect_deadline) self->arm(self->settings_.deadline);
    self->connected();
  });
}

bool StreamExchange::prepare_tls() {
  auto context = contexts_->client(settings_.tls_options);
  if (!context) {
    fail_later(Phase::tls, context.error().what);
    return false;
  }
  connection_->context = std::move(*context);
  connection_->tls.emplace(connection_->socket, *connection_->context);
  const auto ready = prepare_handshake(connection_->tls->native_handle(), settings_.tls_options, settings_.to.address);
  if (!ready) fail_later(Phase::tls, ready.error().what);
  return ready.has_value();
}

void StreamExchange::connected() {
  if (!settings_.tls) return write();
  enter(Phase::tls);
  connection_->tls->async_handshake(asio::ssl::stream_base::client,
                                    [self = shared_from_this()](const error_code& error) {
                                      if (self->over_) return;
                                      StreamConnection& connection = *self->connection_;
                                      SSL* ssl = connection.tls->native_handle();
                                      connection.certificate_end = certificate_end(ssl);
                                      self->outcome_.certificate_end = connection.certificate_end;
                                      if (error) return self->fail(handshake_problem(ssl, error));
                                      self->write();
                                    });
}

void StreamExchange::write() {
  ++connection_->exchanges;
  if (octets_.empty()) {
    enter(Phase::status);
    return reads() ? read() : succeed();
  }
  enter(Phase::send);
  const auto written = [self = shared_from_this()](const error_code& error, std::size_t) {
    if (self->over_) return;
    if (error) return self->fail(in_words(error));
    self->enter(Phase::status);
    self->reads() ? self->read() : self->succeed();
  };
  if (connection_->tls) {
    asio::async_write(*connection_->tls, asio::buffer(octets_), written);
  } else {
    asio::async_write(connection_->socket, asio::buffer(octets_), written);
  }
}

void StreamExchange::say(const std::string& octets) {
  said_ += octets;
  if (saying_ || said_.empty()) return;
  saying_ = true;
  octets_ = std::exchange(said_, {});
  // What the server makes of it is read elsewhere, and so is that it has gone.
  const auto written = [self = shared_from_this()](const error_code& error, std::size_t) {
    self->saying_ = false;
    if (!error && !self->over_) self->say({});
  };
  if (connection_->tls) {
    asio::async_write(*connection_->tls, asio::buffer(octets_), written);
  } else {
    asio::async_write(connection_->socket, asio::buffer(octets_), written);
  }
}

void StreamExchange::read() {
  const auto place = room();
  const auto got = [self = shared_from_this()](const error_code& error, std::size_t size) {
    if (!self->over_ && self->received(error, size) == Wants::more) self->read();
  };
  if (connection_->tls) {
    connection_->tls->async_read_some(asio::buffer(place.data(), place.size()), got);
  } else {
    connection_->socket.async_read_some(asio::buffer(place.data(), place.size()), got);
  }
}

void StreamExchange::arm(base::SteadyTime deadline) {
  timer_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(deadline));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->time_out();
  });
}

void StreamExchange::time_out() {
  if (over_) return;
  outcome_.timed_out = true;
  outcome_.problem = "timeout";
  finish();
}

void StreamExchange::succeed() {
  enter(Phase::done);
  finish();
}

void StreamExchange::fail(std::string problem) {
  // A server may close a connection while nobody uses it; that says nothing of how it answers (RFC 9112 section 9.3.1).
  if (connection_ && connection_->exchanges > 1 && may_retry()) {
    close();
    outcome_ = {};
    entered_ = base::steady_now();
    return open();
  }
  outcome_.problem = std::move(problem);
  finish();
}

void StreamExchange::fail_later(Phase phase, std::string problem) {
  outcome_.reached = phase;
  outcome_.problem = std::move(problem);
  asio::post(context_, [self = shared_from_this()] {
    if (!self->over_) self->finish();
  });
}

void StreamExchange::finish() {
  const base::SteadyTime now = base::steady_now();
  if (outcome_.reached != Phase::done) outcome_.times[static_cast<std::size_t>(outcome_.reached)] += now - entered_;
  outcome_.total_time = now - started_;
  const auto self = shared_from_this();
  over_ = true;
  settle();
  close();
  ended();
}

void StreamExchange::abandon() {
  over_ = true;
  close();
}

void StreamExchange::close() {
  if (connection_) {
    error_code ignored;
    connection_->socket.close(ignored);
  }
  timer_.cancel();
}

}  // namespace gslb::net
