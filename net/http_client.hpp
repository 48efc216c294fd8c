// net/http_client.hpp: one HTTP/1.1 or HTTP/2 request, with a deadline, over TCP, TLS or a Unix socket.
//
// Beast and OpenSSL stay in http_client.cpp; this header has neither. All calls and the callback are on the
// io_context's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "net/stream_outcome.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::net {

struct TlsClientOptions {
  std::string sni;  ///< server name sent and checked; "" sends none and, if `verify`, checks the address
  bool verify = true;
  std::string ca_file;      ///< PEM; "" means the system's store
  std::string certificate;  ///< PEM with its chain, shown to a server that asks for one; "" shows none
  std::string key;          ///< of `certificate`, PEM without passphrase
  std::string alpn;         ///< protocol that is offered (RFC 7301); "" offers none
};

struct HttpRequest {
  base::SocketAddress to;
  std::string unix_path;  ///< if not empty, instead of `to`
  bool tls = false;
  TlsClientOptions tls_options;
  unsigned version = 1;  ///< 1, or 2: on a connection of its own, in the clear with prior knowledge
  std::string method = "GET";
  std::string target = "/";
  std::string host;  ///< "" means the address
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::size_t header_limit = 16384;  ///< octets
  std::size_t body_limit = 65536;    ///< octets; what comes after is not read
  bool body_limit_is_error = true;   ///< else `body` is what came until the limit
  bool reset_on_close = false;       ///< hang up with a reset: no TIME_WAIT is left behind
  bool read_body = true;             ///< false: done after the header
  base::SteadyTime deadline{};
  std::optional<base::SteadyTime> connect_deadline;  ///< until the connection stands
  unsigned reuse = 1;      ///< requests that a connection carries before a fresh one is made; 1 keeps none
  std::string reuse_name;  ///< requests of one name, to one place, share a connection
  base::Duration keep{};   ///< how long a connection waits for its next request
};

/// `reached` is done if `status` counts. Trailers of HTTP/2 are among the headers.
struct HttpResponse : StreamOutcome {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
};

/// Sends requests, each over a connection of its own unless `reuse` says otherwise. Destroying it cancels what is under
/// way, without callbacks.
class HttpClient {
 public:
  using Done = std::function<void(HttpResponse)>;
  explicit HttpClient(boost::asio::io_context& context);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Starts a request; `done` is called once, later, never from inside this call.
  /// @return a number for cancel()
  std::uint64_t send(HttpRequest request, Done done);
  /// Ends a request without calling its `done`.
  void cancel(std::uint64_t request);
  /// How many connections wait for their next request.
  std::size_t waiting_connections() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// As HttpClient::send, and waits. For gslbctl and tests; runs an io_context of its own.
[[nodiscard]] HttpResponse http_request_blocking(HttpRequest request);

}  // namespace gslb::net
