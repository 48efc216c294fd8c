// net/line_server.hpp: answers one line with another and closes: how HAProxy's agent-check talks. Asio stays in
// line_server.cpp. All calls and the callback are on the io_context's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::net {

class LineServer {
 public:
  /// @param line  without its end; "" if the client says nothing within a second
  /// @return what is sent, as it is
  using Answer = std::function<std::string(std::string_view line)>;

  LineServer(boost::asio::io_context& context, Answer answer);
  ~LineServer();  ///< closes everything
  LineServer(const LineServer&) = delete;
  LineServer& operator=(const LineServer&) = delete;

  /// @return the port bound, which matters if 0 was asked for
  [[nodiscard]] base::Result<std::uint16_t> listen(const base::SocketAddress& address);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::net
