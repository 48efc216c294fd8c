#include "net/listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>

#include "base/log.hpp"

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::seconds quiet{60};  // between two warnings

}  // namespace

base::Result<void> Listener::open(const asio::generic::stream_protocol::endpoint& endpoint, const std::string& name,
                                  const std::string& unix_path) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error && unix_path.empty()) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.protocol().family() == AF_INET6) acceptor_.set_option(asio::ip::v6_only(true), error);
  // The mode of the socket decides the mode of the file that bind() makes: at no moment may others connect.
  if (!error && !unix_path.empty() && ::fchmod(acceptor_.native_handle(), 0660) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) acceptor_.bind(endpoint, error);
  if (!error && !unix_path.empty()) remember_path(unix_path, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return base::Error{"cannot listen on " + name + ": " + error.message()};
  return {};
}

void Listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, StreamSocket socket) {
    if (!self->acceptor_.is_open()) return;
    if (error) return self->accept_later(error);
    self->welcome_(std::move(socket));
    self->accept();
  });
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  struct stat status {};
  if (!path_.empty() && ::stat(path_.c_str(), &status) == 0 && status.st_ino == inode_) ::unlink(path_.c_str());
}

void Listener::remember_path(const std::string& path, error_code& error) {
  struct stat status {};
  if (::chmod(path.c_str(), 0660) != 0 || ::stat(path.c_str(), &status) != 0)
    error.assign(errno, boost::system::system_category());
  path_ = path;
  inode_ = status.st_ino;
}

/// Out of descriptors, most likely: others may end meanwhile.
void Listener::accept_later(const error_code& error) {
  if (const auto now = base::steady_now(); now >= next_warning_) {
    base::log_warning("cannot accept a connection: " + error.message());
    next_warning_ = now + quiet;
  }
  pause_.expires_after(accept_pause);
  pause_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled && self->acceptor_.is_open()) self->accept();
  });
}

}  // namespace gslb::net
