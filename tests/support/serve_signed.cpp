// tests/support/serve_signed.cpp: the query handler with fixed keys behind plain sockets, so that real resolvers can
// validate signed answers without waiting for keys to be made, published and activated.
//
//   serve_signed APEX CONFIG ADDRESS...      port 53 of each address, UDP, and TCP one query a connection
//
// One thread, for tests only.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "base/file.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using Buffer = std::vector<std::uint8_t>;

struct From {
  sockaddr_in address{};
  socklen_t size = sizeof(sockaddr_in);
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&address); }
  engine::Client client() const {
    return {base::IpAddress::v4(ntohl(address.sin_addr.s_addr)), ntohs(address.sin_port)};
  }
};

int listen_on(const char* text, int type) {
  From at;
  at.address.sin_family = AF_INET;
  at.address.sin_port = htons(53);
  const int descriptor = ::socket(AF_INET, type, 0);
  const int one = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const bool good = ::inet_pton(AF_INET, text, &at.address.sin_addr) == 1 &&
                    ::bind(descriptor, at.raw(), at.size) == 0 && (type == SOCK_DGRAM || ::listen(descriptor, 64) == 0);
  if (!good) {
    std::perror(text);
    std::exit(1);
  }
  return descriptor;
}

void answer_datagram(engine::QueryHandler& handler, int descriptor, Buffer& in, Buffer& out) {
  From from;
  const ssize_t got = ::recvfrom(descriptor, in.data(), in.size(), 0, from.raw(), &from.size);
  if (got <= 0) return;
  const auto octets =
      handler.handle(from.client(), {in.data(), static_cast<std::size_t>(got)}, out, engine::Transport::datagram);
  if (octets != 0) ::sendto(descriptor, out.data(), octets, 0, from.raw(), from.size);
}

void answer_connection(engine::QueryHandler& handler, int descriptor, Buffer& in, Buffer& out) {
  From from;
  const int peer = ::accept(descriptor, from.raw(), &from.size);
  const timeval patience{2, 0};
  ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::uint8_t head[2] = {};
  if (::recv(peer, head, 2, MSG_WAITALL) == 2) {
    const std::size_t size = std::size_t{head[0]} << 8 | head[1];
    if (::recv(peer, in.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size)) {
      const auto octets = handler.handle(from.client(), {in.data(), size}, out, engine::Transport::stream);
      head[0] = static_cast<std::uint8_t>(octets >> 8);
      head[1] = static_cast<std::uint8_t>(octets);
      ::send(peer, head, 2, MSG_MORE | MSG_NOSIGNAL);
      ::send(peer, out.data(), octets, MSG_NOSIGNAL);
    }
  }
  ::close(peer);
}

int serve(const char* apex, const char* path, std::span<char*> addresses) {
  const auto text = base::read_file(path);
  if (!text) {
    std::fprintf(stderr, "%s\n", text.error().what.c_str());
    return 1;
  }
  SignedServer server(apex, *text, csk(), std::time(nullptr));
  std::vector<pollfd> sockets;
  for (const char* address : addresses) {
    sockets.push_back({listen_on(address, SOCK_DGRAM), POLLIN, 0});
    sockets.push_back({listen_on(address, SOCK_STREAM), POLLIN, 0});
  }
  Buffer in(65535);
  Buffer out(65535);
  while (::poll(sockets.data(), sockets.size(), -1) >= 0) {
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      (i % 2 == 0 ? answer_datagram : answer_connection)(server.server().handler(), sockets[i].fd, in, out);
    }
  }
  return 1;
}

}  // namespace
}  // namespace gslb::test

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: serve_signed APEX CONFIG ADDRESS...\n");
    return 2;
  }
  return gslb::test::serve(argv[1], argv[2], {argv + 3, static_cast<std::size_t>(argc - 3)});
}
