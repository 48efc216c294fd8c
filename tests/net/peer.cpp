#include "tests/net/peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace gslb::net {

namespace {

struct Native {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Native native(const base::IpAddress& address) {
  Native out;
  if (address.family == base::Family::v4) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
    v4->sin_family = AF_INET;
    std::memcpy(&v4->sin_addr, address.octets.data(), 4);
    out.size = sizeof *v4;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    v6->sin6_family = AF_INET6;
    std::memcpy(&v6->sin6_addr, address.octets.data(), 16);
    out.size = sizeof *v6;
  }
  return out;
}

}  // namespace

Connection::~Connection() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Connection::write(std::string_view octets) const {
  while (!octets.empty()) {
    const ssize_t sent = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Connection::read_until(std::string_view end) const {
  std::string got;
  char octet = 0;
  while (got.find(end) == std::string::npos && ::recv(descriptor_, &octet, 1, 0) == 1) got += octet;
  return got;
}

void Connection::await_close() const {
  char octets[256];
  while (::recv(descriptor_, octets, sizeof octets, 0) > 0) {
  }
}

void Connection::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(descriptor_, -1));
}

Peer::Peer(Play play, const char* address) : play_(std::move(play)) {
  address_.address = base::parse_address(address).value();
  Native local = native(address_.address);
  listener_ = ::socket(local.storage.ss_family, SOCK_STREAM, 0);
  if (listener_ < 0 || ::bind(listener_, local.get(), local.size) != 0 || ::listen(listener_, 16) != 0)
    throw std::runtime_error("cannot listen on loopback");
  ::getsockname(listener_, local.get(), &local.size);
  address_.port = ntohs(reinterpret_cast<sockaddr_in*>(&local.storage)->sin_port);
  thread_ = std::jthread([this] { run(); });
}

Peer::~Peer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void Peer::run() {
  for (;;) {
    const int accepted = ::accept(listener_, nullptr, nullptr);
    if (accepted < 0) return;
    Connection connection(accepted);
    play_(connection);
  }
}

Peer::Play over_tls(const std::string& certificate, const std::string& key, std::function<void(SSL*)> play,
                    bool close_notify) {
  return [=](Connection& connection) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(ssl.get(), connection.descriptor());
    if (SSL_accept(ssl.get()) != 1) return;
    play(ssl.get());
    if (close_notify) SSL_shutdown(ssl.get());
    ::shutdown(connection.descriptor(), SHUT_WR);
    connection.await_close();
  };
}

}  // namespace gslb::net
