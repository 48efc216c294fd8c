#include "server/stream_connection.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace gslb::server {

namespace {

StreamConnection::Moved moved(ssize_t octets, StreamConnection::Status wait) noexcept {
  if (octets > 0) return {StreamConnection::Status::done, static_cast<std::size_t>(octets)};
  if (octets == 0) return {StreamConnection::Status::closed, 0};
  return {errno == EAGAIN || errno == EINTR ? wait : StreamConnection::Status::failed, 0};
}

}  // namespace

StreamConnection::Moved StreamConnection::read(std::span<std::uint8_t> out) noexcept {
  if (tls) return tls->read(out);
  return moved(::recv(socket.get(), out.data(), out.size(), 0), Status::wait_readable);
}

StreamConnection::Moved StreamConnection::write(std::span<const std::uint8_t> octets) noexcept {
  if (tls) return tls->write(octets);
  return moved(::send(socket.get(), octets.data(), octets.size(), MSG_NOSIGNAL), Status::wait_writable);
}

StreamConnection::Status StreamConnection::send(std::span<const std::uint8_t> octets) {
  while (!octets.empty()) {
    const Moved now = write(octets);
    if (now.status != Status::done) {
      unsent.assign(octets.begin(), octets.end());
      sent = 0;
      return now.status;
    }
    octets = octets.subspan(now.octets);
  }
  return Status::done;
}

StreamConnection::Status StreamConnection::flush() noexcept {
  while (sent < unsent.size()) {
    const Moved now = write(std::span(unsent).subspan(sent));
    if (now.status != Status::done) return now.status;
    sent += now.octets;
  }
  unsent = {};
  sent = 0;
  return Status::done;
}

}  // namespace gslb::server
