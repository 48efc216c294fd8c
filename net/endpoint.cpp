#include "net/endpoint.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>

namespace gslb::net {

namespace asio = boost::asio;

asio::generic::stream_protocol::endpoint tcp_endpoint(const base::SocketAddress& address) {
  const auto bytes = address.address.bytes();
  if (address.address.family == base::Family::v4) {
    asio::ip::address_v4::bytes_type v4;
    std::copy(bytes.begin(), bytes.end(), v4.begin());
    return asio::ip::tcp::endpoint(asio::ip::address_v4(v4), address.port);
  }
  asio::ip::address_v6::bytes_type v6;
  std::copy(bytes.begin(), bytes.end(), v6.begin());
  return asio::ip::tcp::endpoint(asio::ip::address_v6(v6), address.port);
}

base::Result<asio::generic::stream_protocol::endpoint> unix_endpoint(const std::string& path) {
  constexpr std::size_t most = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.size() > most)
    return base::Error{"the path of a socket has 1 to " + std::to_string(most) + " octets: \"" + path + "\""};
  return asio::generic::stream_protocol::endpoint(asio::local::stream_protocol::endpoint(path));
}

std::uint16_t port_of(const asio::generic::stream_protocol::endpoint& endpoint) {
  sockaddr_storage storage{};
  std::memcpy(&storage, endpoint.data(), std::min<std::size_t>(endpoint.size(), sizeof storage));
  // sin_port and sin6_port stand at the same place.
  in_port_t port;
  std::memcpy(&port, reinterpret_cast<const char*>(&storage) + offsetof(sockaddr_in, sin_port), sizeof port);
  return ntohs(port);
}

std::string in_words(const asio::generic::stream_protocol::endpoint& endpoint) {
  sockaddr_storage storage{};
  std::memcpy(&storage, endpoint.data(), std::min<std::size_t>(endpoint.size(), sizeof storage));
  base::SocketAddress address{{}, port_of(endpoint)};
  if (storage.ss_family == AF_INET) {
    std::memcpy(address.address.octets.data(), &reinterpret_cast<const sockaddr_in&>(storage).sin_addr, 4);
  } else if (storage.ss_family == AF_INET6) {
    address.address.family = base::Family::v6;
    std::memcpy(address.address.octets.data(), &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr, 16);
  } else {
    return {};
  }
  return base::to_string(address);
}

std::string in_words(const boost::system::error_code& error) {
  std::string text = error == asio::error::eof ? "connection closed" : error.message();
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + ('a' - 'A'));
  return text;
}

}  // namespace gslb::net
