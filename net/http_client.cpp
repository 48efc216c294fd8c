#include "net/http_client.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <optional>
#include <unordered_map>

#include "net/http2_exchange.hpp"
#include "net/http_parser.hpp"
#include "net/stream_exchange.hpp"

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

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
  out.append(request.reuse > 1 ? "\r\n" : "\r\nConnection: close\r\n");
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

/// Connections that wait for their next request, by who may use them. A request that is under way owns its own.
class Pool {
 public:
  explicit Pool(asio::io_context& context) : timer_(context) {}

  std::unique_ptr<StreamConnection> take(const std::string& name, unsigned reuse) {
    const auto found = waiting_.find(name);
    if (found == waiting_.end()) return nullptr;
    auto connection = std::move(found->second);
    waiting_.erase(found);
    return connection->exchanges < reuse && connection->quiet() ? std::move(connection) : nullptr;
  }

  void put(const std::string& name, std::unique_ptr<StreamConnection> connection, base::Duration keep) {
    connection->keep_until = base::steady_now() + keep;
    waiting_[name] = std::move(connection);
    if (waiting_.size() == 1) sweep_later();
  }

  std::size_t size() const noexcept { return waiting_.size(); }

 private:
  void sweep_later() {
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](const error_code& error) {
      if (error) return;
      const base::SteadyTime now = base::steady_now();
      std::erase_if(waiting_, [now](const auto& entry) { return entry.second->keep_until < now; });
      if (!waiting_.empty()) sweep_later();
    });
  }

  SteadyTimer timer_;
  std::unordered_map<std::string, std::unique_ptr<StreamConnection>> waiting_;
};

using Exchanges = std::unordered_map<std::uint64_t, std::shared_ptr<StreamExchange>>;

/// What an exchange shares with the others of its client. Not used once the exchange is over.
struct Shared {
  explicit Shared(asio::io_context& c) : context(c), pool(c) {}
  asio::io_context& context;
  TlsContexts contexts;
  Pool pool;
  Exchanges exchanges;
};

/// One HTTP request on its way.
class Exchange final : public StreamExchange {
 public:
  Exchange(HttpRequest request, HttpClient::Done done, Shared& shared, std::uint64_t id)
      : StreamExchange(shared.context, {request.to, request.unix_path, request.tls, request.tls_options,
                                        request.reset_on_close, request.deadline, request.connect_deadline}),
        request_(std::move(request)),
        done_(std::move(done)),
        shared_(shared),
        id_(id),
        parser_(parser_options(request_)) {}

  void begin() {
    auto text = serialize(request_);
    if (!text) return fail_later(Phase::send, "the request holds an octet that HTTP does not allow there");
    if (request_.reuse > 1) pool_name_ = pool_name();
    auto standing = request_.reuse > 1 ? shared_.pool.take(pool_name_, request_.reuse) : nullptr;
    start(shared_.contexts, std::move(*text), std::move(standing));
  }

 private:
  std::string pool_name() const {
    std::string name = base::to_string(request_.to);
    return ((name += request_.tls ? " https " : " http ") += request_.reuse_name);
  }

  std::span<char> room() override { return parser_.prepare(); }
  bool may_retry() const override { return parser_.untouched(); }

  Wants received(const error_code& error, std::size_t size) override {
    auto progress = parser_.commit(size);
    if (error == asio::error::eof) progress = parser_.end_of_stream();
    if (error == asio::ssl::error::stream_truncated) {
      // Without a close_notify anybody on the way could have ended a body that goes on until the end (RFC 8446 6.1).
      if (parser_.ends_with_stream()) {
        fail("connection closed without close_notify: the body may be cut off");
        return Wants::nothing;
      }
      progress = parser_.end_of_stream();
    }
    if (progress == HttpParser::Progress::body || parser_.fault() == HttpParser::Fault::body_too_long)
      enter(Phase::body);
    switch (progress) {
      case HttpParser::Progress::done:
        succeed();
        return Wants::nothing;
      case HttpParser::Progress::failed:
        fail(parser_.problem());
        return Wants::nothing;
      case HttpParser::Progress::header:
      case HttpParser::Progress::body:
        if (!error) return Wants::more;
        fail(in_words(error));
    }
    return Wants::nothing;
  }

  void settle() override {
    response_ = std::make_unique<HttpResponse>();
    static_cast<StreamOutcome&>(*response_) = std::move(outcome());
    if (response_->reached != Phase::done) return;
    HttpMessage& message = parser_.message();
    response_->status = message.status;
    response_->headers = std::move(message.headers);
    response_->body = std::move(message.body);
    if (connection()->exchanges < request_.reuse && message.keep_alive && parser_.at_end())
      shared_.pool.put(pool_name_, release(), request_.keep);
  }

  void ended() override {
    const auto done = std::move(done_);
    shared_.exchanges.erase(id_);
    done(std::move(*response_));
  }

  HttpRequest request_;
  HttpClient::Done done_;
  Shared& shared_;
  std::uint64_t id_;
  std::string pool_name_;
  HttpParser parser_;
  std::unique_ptr<HttpResponse> response_;
};

}  // namespace

struct HttpClient::Impl {
  explicit Impl(asio::io_context& c) : shared(c) {}
  Shared shared;
  std::uint64_t last_id = 0;
};

HttpClient::HttpClient(asio::io_context& context) : impl_(std::make_unique<Impl>(context)) {}

HttpClient::~HttpClient() {
  for (auto& [id, exchange] : impl_->shared.exchanges) exchange->abandon();
}

std::uint64_t HttpClient::send(HttpRequest request, Done done) {
  const std::uint64_t id = ++impl_->last_id;
  Shared& shared = impl_->shared;
  if (request.version == 2) {
    request.tls_options.alpn = "h2";
    auto exchange = std::make_shared<Http2Exchange>(shared.context, std::move(request),
                                                    [&shared, id, done = std::move(done)](HttpResponse response) {
                                                      const auto tell = done;  // ends with the exchange
                                                      shared.exchanges.erase(id);
                                                      tell(std::move(response));
                                                    });
    shared.exchanges.emplace(id, exchange);
    exchange->begin(shared.contexts);
    return id;
  }
  auto exchange = std::make_shared<Exchange>(std::move(request), std::move(done), shared, id);
  shared.exchanges.emplace(id, exchange);
  exchange->begin();
  return id;
}

void HttpClient::cancel(std::uint64_t request) {
  const auto found = impl_->shared.exchanges.find(request);
  if (found == impl_->shared.exchanges.end()) return;
  found->second->abandon();
  impl_->shared.exchanges.erase(found);
}

std::size_t HttpClient::waiting_connections() const noexcept { return impl_->shared.pool.size(); }

HttpResponse http_request_blocking(HttpRequest request) {
  asio::io_context context(1);
  HttpClient client(context);
  HttpResponse response;
  client.send(std::move(request), [&response](HttpResponse r) { response = std::move(r); });
  context.run();
  return response;
}

}  // namespace gslb::net
