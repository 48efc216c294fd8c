// net/http_server.hpp: a small HTTP/1.1 server behind a plain function. Beast stays in http_server.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::net {

struct ServerRequest {
  std::string method;
  std::string target;                                        ///< path and query, as sent
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  /// Whom the connection is with, by the certificate that was verified: its DNS names, or, if it has none, its common
  /// name; over a Unix socket, the user that the kernel says the other end runs as. Empty else.
  std::vector<std::string> peer;
};

struct ServerResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpServerLimits {
  std::size_t header_octets = 8192;
  std::size_t body_octets = 1 << 20;
  unsigned connections = 64;
  std::chrono::milliseconds read_timeout{10'000};  ///< for a whole request, and between requests
};

/// Who a server is and whom it lets in: PEM files, read again when they change. While they cannot be read, or do not
/// fit each other, the last good ones stay in use.
struct MutualTls {
  std::string certificate;  ///< with its chain
  std::string key;          ///< without passphrase
  std::string client_ca;    ///< a client without a certificate from here is turned away in the handshake
};

/// Serves on the io_context's thread. The handler may answer later, from any function running on that thread.
class HttpServer {
 public:
  using Reply = std::function<void(ServerResponse)>;
  using Handler = std::function<void(const ServerRequest&, Reply)>;

  HttpServer(boost::asio::io_context& context, Handler handler, HttpServerLimits limits = {});
  ~HttpServer();  ///< closes everything
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds a Unix socket of mode 0660. A socket file nobody listens on any more is replaced; a live one is an error.
  [[nodiscard]] base::Result<void> listen_unix(const std::string& path);
  /// @return the port bound, which matters if 0 was asked for
  [[nodiscard]] base::Result<std::uint16_t> listen_tcp(const base::SocketAddress& address);
  /// As listen_tcp, for clients with certificates. A connection is let go after ten minutes, with the answer to the
  /// request at hand, so that certificates that are over or not trusted any more do not live on in it.
  [[nodiscard]] base::Result<std::uint16_t> listen_tls(const base::SocketAddress& address, MutualTls files);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::net
