#include "net/http_client.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <unordered_map>

#include "net/endpoint.hpp"
#include "net/http_parser.hpp"
#include "net/tls.hpp"

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

using TlsStream = asio::ssl::stream<StreamSocket&>;

base::Result<asio::generic::stream_protocol::endpoint> endpoint_of(const HttpRequest& request) {
  if (!request.unix_path.empty()) return unix_endpoint(request.unix_path);
  return tcp_endpoint(request.to);
}

std::string default_host(const HttpRequest& request) {
  if (!request.unix_path.empty()) return "localhost";
  if (request.to.port != (request.tls ? 443 : 80)) return base::to_string(request.to);
  const std::string address = base::to_string(request.to.address);
  return request.to.address.family == base::Family::v6 ? "[" + address + "]" : address;
}

/// Whether `text` can stand in a line of a header without ending it; `spaces` are for values only.
bool fits_a_line(std::string_view text, bool spaces) {
  return std::all_of(text.begin(), text.end(), [spaces](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet > 0x20 ? octet != 0x7f : spaces && (c == ' ' || c == '\t');
  });
}

/// The octets of the request, or nothing if a part of it would end its line.
std::optional<std::string> serialize(const HttpRequest& request) {
  const std::string host = request.host.empty() ? default_host(request) : request.host;
  if (request.method.empty() || request.target.empty() || !fits_a_line(request.method, false) ||
      !fits_a_line(request.target, false) || !fits_a_line(host, false))
    return std::nullopt;
  std::string out;
  out.reserve(256 + request.body.size());
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ").append(host);
  out.append("\r\nConnection: close\r\n");
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !fits_a_line(name, false) || !fits_a_line(value, true)) return std::nullopt;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  out.append("\r\n").append(request.body);
  return out;
}

ParserOptions parser_options(const HttpRequest& request) {
  return {.request = false,
          .header_limit = request.header_limit,
          .body_limit = request.body_limit,
          .body_limit_is_error = request.body_limit_is_error,
          .done_after_header = !request.read_body,
          .answers_head = request.method == "HEAD"};
}

}  // namespace

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

namespace {

class Exchange;
using Exchanges = std::unordered_map<std::uint64_t, std::shared_ptr<Exchange>>;

/// One request on its way through the phases. Handlers keep it alive; `done_` is empty once it is over.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& context, HttpRequest request, HttpClient::Done done, Exchanges& all, std::uint64_t id)
      : request_(std::move(request)),
        done_(std::move(done)),
        all_(all),
        id_(id),
        socket_(context),
        deadline_(context),
        parser_(parser_options(request_)) {}

  void start(TlsContexts& contexts) {
    started_ = base::steady_now();
    if (auto text = serialize(request_)) {
      octets_ = std::move(*text);
    } else {
      return fail_later(Phase::send, "the request holds an octet that HTTP does not allow there");
    }
    if (request_.tls) {
      if (!prepare_tls(contexts)) return;
    }
    deadline_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(request_.deadline));
    deadline_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->time_out();
    });
    connect();
  }

  /// Ends without a callback.
  void abandon() {
    done_ = nullptr;
    close();
  }

 private:
  bool prepare_tls(TlsContexts& contexts) {
    auto context = contexts.client(request_.tls_options);
    if (!context) {
      fail_later(Phase::tls, context.error().what);
      return false;
    }
    context_ = std::move(*context);
    tls_.emplace(socket_, *context_);
    const auto ready = prepare_handshake(tls_->native_handle(), request_.tls_options, request_.to.address);
    if (!ready) fail_later(Phase::tls, ready.error().what);
    return ready.has_value();
  }

  void connect() {
    const auto endpoint = endpoint_of(request_);
    if (!endpoint) return fail_later(Phase::connect, endpoint.error().what);
    error_code error;
    socket_.open(endpoint->protocol(), error);
    if (error) return fail_later(Phase::connect, in_words(error));
    if (request_.unix_path.empty()) socket_.set_option(asio::ip::tcp::no_delay(true), error);
    socket_.async_connect(*endpoint, [self = shared_from_this()](const error_code& failure) {
      if (!self->done_) return;
      if (failure) return self->fail(in_words(failure));
      self->response_.connect_time = base::steady_now() - self->started_;
      self->connected();
    });
  }

  void connected() {
    if (!tls_) return write();
    response_.reached = Phase::tls;
    tls_->async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](const error_code& error) {
      if (!self->done_) return;
      if (error) return self->fail(handshake_problem(self->tls_->native_handle(), error));
      self->write();
    });
  }

  void write() {
    response_.reached = Phase::send;
    const auto written = [self = shared_from_this()](const error_code& error, std::size_t) {
      if (!self->done_) return;
      if (error) return self->fail(in_words(error));
      self->response_.reached = Phase::status;
      self->read();
    };
    if (tls_) {
      asio::async_write(*tls_, asio::buffer(octets_), written);
    } else {
      asio::async_write(socket_, asio::buffer(octets_), written);
    }
  }

  void read() {
    const auto room = parser_.prepare();
    const auto got = [self = shared_from_this()](const error_code& error, std::size_t size) {
      if (self->done_) self->received(error, size);
    };
    if (tls_) {
      tls_->async_read_some(asio::buffer(room.data(), room.size()), got);
    } else {
      socket_.async_read_some(asio::buffer(room.data(), room.size()), got);
    }
  }

  void received(const error_code& error, std::size_t size) {
    auto progress = parser_.commit(size);
    if (error == asio::error::eof) progress = parser_.end_of_stream();
    if (error == asio::ssl::error::stream_truncated) {
      // Without a close_notify anybody on the way could have ended a body that goes on until the end (RFC 8446 6.1).
      if (parser_.ends_with_stream()) return fail("connection closed without close_notify: the body may be cut off");
      progress = parser_.end_of_stream();
    }
    if (progress == HttpParser::Progress::body || parser_.fault() == HttpParser::Fault::body_too_long)
      response_.reached = Phase::body;
    switch (progress) {
      case HttpParser::Progress::done:
        return succeed();
      case HttpParser::Progress::failed:
        return fail(parser_.problem());
      case HttpParser::Progress::header:
      case HttpParser::Progress::body:
        return error ? fail(in_words(error)) : read();
    }
  }

  void succeed() {
    HttpMessage& message = parser_.message();
    response_.reached = Phase::done;
    response_.status = message.status;
    response_.headers = std::move(message.headers);
    response_.body = std::move(message.body);
    finish();
  }

  void fail(std::string problem) {
    response_.problem = std::move(problem);
    finish();
  }

  void fail_later(Phase phase, std::string problem) {
    response_.reached = phase;
    response_.problem = std::move(problem);
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      if (self->done_) self->finish();
    });
  }

  void time_out() {
    if (!done_) return;
    response_.timed_out = true;
    fail("timeout");
  }

  /// The last thing to happen: the callback may destroy the client.
  void finish() {
    response_.total_time = base::steady_now() - started_;
    const auto self = shared_from_this();
    const auto done = std::exchange(done_, nullptr);
    all_.erase(id_);
    close();
    done(std::move(response_));
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    deadline_.cancel();
  }

  HttpRequest request_;
  HttpClient::Done done_;
  Exchanges& all_;  // not used once done_ is empty
  std::uint64_t id_;
  StreamSocket socket_;
  SteadyTimer deadline_;
  std::shared_ptr<asio::ssl::context> context_;
  std::optional<TlsStream> tls_;
  HttpParser parser_;
  std::string octets_;
  HttpResponse response_;
  base::SteadyTime started_{};
};

}  // namespace

struct HttpClient::Impl {
  explicit Impl(asio::io_context& c) : context(c) {}
  asio::io_context& context;
  TlsContexts contexts;
  Exchanges exchanges;
  std::uint64_t last_id = 0;
};

HttpClient::HttpClient(asio::io_context& context) : impl_(std::make_unique<Impl>(context)) {}

HttpClient::~HttpClient() {
  for (auto& [id, exchange] : impl_->exchanges) exchange->abandon();
}

std::uint64_t HttpClient::send(HttpRequest request, Done done) {
  const std::uint64_t id = ++impl_->last_id;
  auto exchange = std::make_shared<Exchange>(impl_->context, std::move(request), std::move(done), impl_->exchanges, id);
  impl_->exchanges.emplace(id, exchange);
  exchange->start(impl_->contexts);
  return id;
}

void HttpClient::cancel(std::uint64_t request) {
  const auto found = impl_->exchanges.find(request);
  if (found == impl_->exchanges.end()) return;
  found->second->abandon();
  impl_->exchanges.erase(found);
}

HttpResponse http_request_blocking(HttpRequest request) {
  asio::io_context context(1);
  HttpClient client(context);
  HttpResponse response;
  client.send(std::move(request), [&response](HttpResponse r) { response = std::move(r); });
  context.run();
  return response;
}

}  // namespace gslb::net
