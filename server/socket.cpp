#include "server/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gslb::server {

bool has_ipv6() noexcept { return Descriptor(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)).get() >= 0; }

bool is_wildcard(const base::IpAddress& address) noexcept {
  return std::all_of(address.octets.begin(), address.octets.end(), [](std::uint8_t o) { return o == 0; });
}

socklen_t to_sockaddr(const base::SocketAddress& address, sockaddr_storage& out) noexcept {
  std::memset(&out, 0, sizeof out);
  if (address.address.family == base::Family::v4) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, address.address.octets.data(), 4);
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port);
  std::memcpy(&v6.sin6_addr, address.address.octets.data(), 16);
  return sizeof v6;
}

base::SocketAddress from_sockaddr(const sockaddr_storage& address) noexcept {
  base::SocketAddress out;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::memcpy(out.address.octets.data(), &v4.sin_addr, 4);
    out.port = ntohs(v4.sin_port);
    return out;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  out.address.family = base::Family::v6;
  std::memcpy(out.address.octets.data(), &v6.sin6_addr, 16);
  out.address = base::unmapped(out.address);
  out.port = ntohs(v6.sin6_port);
  return out;
}

namespace {

base::Error failure(const base::SocketAddress& address, const char* doing) {
  std::string what = "cannot " + std::string(doing) + " " + base::to_string(address) + ": " + std::strerror(errno);
  if (errno == EACCES) what += " (ports below 1024 need root or CAP_NET_BIND_SERVICE)";
  if (errno == EADDRNOTAVAIL) what += " (no interface has this address)";
  return {what};
}

bool set(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

base::Result<Descriptor> open_socket(const base::SocketAddress& address, int type) {
  const bool v6 = address.address.family == base::Family::v6;
  Descriptor socket(::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return failure(address, "open a socket for");
  if (v6 && !set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) return failure(address, "set up");
  return socket;
}

base::Result<void> bind_socket(const Descriptor& socket, const base::SocketAddress& address) {
  sockaddr_storage raw;
  const socklen_t size = to_sockaddr(address, raw);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&raw), size) != 0) return failure(address, "listen on");
  return {};
}

}  // namespace

base::Result<Descriptor> bind_datagram(const base::SocketAddress& address) {
  auto socket = open_socket(address, SOCK_DGRAM);
  if (!socket) return socket;
  const int fd = socket->get();
  const bool v6 = address.address.family == base::Family::v6;
  bool good = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  good = good && (v6 ? set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT)
                     : set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT));
  if (is_wildcard(address.address))
    good = good && (v6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : set(fd, IPPROTO_IP, IP_PKTINFO, 1));
  if (!good) return failure(address, "set up");
  set(fd, SOL_SOCKET, SO_RCVBUF, 4 << 20);  // as much of it as the system grants
  if (const auto bound = bind_socket(*socket, address); !bound) return bound.error();
  return socket;
}

base::Result<Descriptor> bind_stream(const base::SocketAddress& address) {
  auto socket = open_socket(address, SOCK_STREAM);
  if (!socket) return socket;
  const int fd = socket->get();
  if (!set(fd, SOL_SOCKET, SO_REUSEPORT, 1) || !set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) return failure(address, "set up");
  // Connections inherit what follows. Without limits the kernel would keep megabytes for each peer that never reads.
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_SNDBUF, 64 << 10);
  set(fd, SOL_SOCKET, SO_RCVBUF, 32 << 10);
  if (const auto bound = bind_socket(*socket, address); !bound) return bound.error();
  if (::listen(fd, 4096) != 0) return failure(address, "listen on");
  set(fd, IPPROTO_TCP, TCP_FASTOPEN, 256);  // RFC 7413; without effect unless net.ipv4.tcp_fastopen has bit 2
  return socket;
}

base::Result<void> check_free(const base::SocketAddress& address, int type) {
  if (address.port == 0) return {};
  const auto socket = open_socket(address, type);
  if (!socket) return socket.error();
  // Connections of a server that has just ended wait for their time to pass; they are no other program.
  if (type == SOCK_STREAM) set(socket->get(), SOL_SOCKET, SO_REUSEADDR, 1);
  auto bound = bind_socket(*socket, address);
  if (!bound && errno == EADDRINUSE) {
    return base::Error{"another program already listens on " + base::to_string(address) +
                       " (see: ss -lntup sport = :" + std::to_string(address.port) + ")"};
  }
  return bound;
}

}  // namespace gslb::server
