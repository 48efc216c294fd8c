// net/http2_exchange.hpp: one HTTP/2 request on a connection of its own (RFC 9113). nghttp2 stays in
// http2_exchange.cpp. For http_client.cpp.
//
// Over TLS the server must choose "h2" (RFC 7301); in the clear it must know beforehand (RFC 9113 section 3.3).
// Trailers come after the headers in HttpResponse::headers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "net/http_client.hpp"
#include "net/stream_exchange.hpp"

namespace gslb::net {

class Http2Exchange final : public StreamExchange {
 public:
  using Ended = std::function<void(HttpResponse)>;
  /// @param ended  called once, later, unless it is abandoned; it may let go of the exchange
  Http2Exchange(boost::asio::io_context& context, HttpRequest request, Ended ended);
  ~Http2Exchange() override;
  void begin(TlsContexts& contexts);

 private:
  struct Session;
  std::span<char> room() override { return buffer_; }
  Wants received(const boost::system::error_code& error, std::size_t size) override;
  void settle() override {}
  void ended() override;
  bool chose_http2() const;

  HttpRequest request_;
  Ended ended_;
  std::unique_ptr<Session> session_;
  bool looked_ = false;  ///< at what the server chose
  std::array<char, 16384> buffer_{};
};

}  // namespace gslb::net
