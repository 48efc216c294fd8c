// net/listener.hpp: one bound socket that hands over what it accepts. For the servers of this folder.
#pragma once

#include <sys/types.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/endpoint.hpp"

namespace gslb::net {

/// Unlinks its Unix path at the end, unless another process has put its own there meanwhile.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Welcome = std::function<void(StreamSocket)>;

  Listener(boost::asio::io_context& context, Welcome welcome)
      : welcome_(std::move(welcome)), acceptor_(context), pause_(context) {}

  /// @param name  of the socket, for an error
  /// @param unix_path  "": it is none
  [[nodiscard]] base::Result<void> open(const boost::asio::generic::stream_protocol::endpoint& endpoint,
                                        const std::string& name, const std::string& unix_path = {});
  /// From now on, until close(). Nothing is called afterwards.
  void accept();
  void close();

  boost::asio::generic::stream_protocol::endpoint local_endpoint() const { return acceptor_.local_endpoint(); }

 private:
  void remember_path(const std::string& path, boost::system::error_code& error);
  void accept_later(const boost::system::error_code& error);

  Welcome welcome_;
  boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>
      acceptor_;
  SteadyTimer pause_;
  std::string path_;
  ino_t inode_ = 0;
  base::SteadyTime next_warning_{};  ///< at most one a minute
};

}  // namespace gslb::net
