#include "net/udp_exchange.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <random>

#include "base/clock.hpp"
#include "base/descriptor.hpp"

namespace gslb::net {

namespace {

using Done = std::function<void(std::size_t, std::optional<std::span<const std::uint8_t>>)>;

base::Error failure(const base::SocketAddress& server, const char* what) {
  return base::Error{base::to_string(server) + ": " + what + ": " + std::strerror(errno)};
}

class Exchange {
 public:
  Exchange(int socket, std::vector<std::vector<std::uint8_t>> messages, const ExchangeLimits& limits, const Done& done)
      : socket_(socket), messages_(std::move(messages)), limits_(limits), done_(done) {}

  base::Result<void> run(const base::SocketAddress& server) {
    const auto pause = std::chrono::nanoseconds(std::chrono::seconds(1)) / std::max(limits_.rate, 1U);
    base::SteadyTime due = base::steady_now();
    while (next_ < messages_.size() || !waiting_.empty()) {
      const auto now = base::steady_now();
      give_up(now);
      if (next_ < messages_.size() && now >= due && waiting_.size() < limits_.outstanding) {
        if (!send(now)) return failure(server, "send");
        due += pause;
        continue;
      }
      wait_until(next_ < messages_.size() && waiting_.size() < limits_.outstanding ? due : first_deadline());
    }
    return {};
  }

 private:
  struct Waiting {
    std::size_t number;
    base::SteadyTime deadline;
  };

  bool send(base::SteadyTime now) {
    std::uint16_t id = 0;
    do {
      id = static_cast<std::uint16_t>(random_());
    } while (waiting_.contains(id));
    std::vector<std::uint8_t>& message = messages_[next_];
    message[0] = static_cast<std::uint8_t>(id >> 8);
    message[1] = static_cast<std::uint8_t>(id & 0xff);
    const ssize_t sent = ::send(socket_, message.data(), message.size(), 0);
    if (sent < 0 && errno != ECONNREFUSED && errno != EAGAIN && errno != ENOBUFS) return false;
    waiting_[id] = {next_++, now + limits_.timeout};
    return true;
  }

  void give_up(base::SteadyTime now) {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (at->second.deadline > now) {
        ++at;
        continue;
      }
      const std::size_t number = at->second.number;
      at = waiting_.erase(at);
      done_(number, std::nullopt);
    }
  }

  base::SteadyTime first_deadline() const {
    base::SteadyTime first = base::SteadyTime::max();
    for (const auto& [id, one] : waiting_) first = std::min(first, one.deadline);
    return first;
  }

  void wait_until(base::SteadyTime when) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - base::steady_now());
    pollfd poll{socket_, POLLIN, 0};
    const auto most = std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0), limits_.timeout);
    if (::poll(&poll, 1, static_cast<int>(most.count())) <= 0) return;
    std::array<std::uint8_t, 65535> answer;
    for (;;) {
      const ssize_t size = ::recv(socket_, answer.data(), answer.size(), MSG_DONTWAIT);
      if (size < 2) {
        if (size < 0 && errno == ECONNREFUSED) continue;  // of an earlier datagram
        return;
      }
      const auto id = static_cast<std::uint16_t>(answer[0] << 8 | answer[1]);
      const auto found = waiting_.find(id);
      if (found == waiting_.end()) continue;
      const std::size_t number = found->second.number;
      waiting_.erase(found);
      done_(number, std::span<const std::uint8_t>(answer.data(), static_cast<std::size_t>(size)));
    }
  }

  int socket_;
  std::vector<std::vector<std::uint8_t>> messages_;
  ExchangeLimits limits_;
  const Done& done_;
  std::size_t next_ = 0;
  std::map<std::uint16_t, Waiting> waiting_;
  std::random_device random_;
};

}  // namespace

base::Result<void> exchange(const base::SocketAddress& server, std::vector<std::vector<std::uint8_t>> messages,
                            const ExchangeLimits& limits, const Done& done) {
  sockaddr_storage address{};
  socklen_t size = 0;
  if (server.address.family == base::Family::v4) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(server.port);
    std::memcpy(&v4.sin_addr, server.address.octets.data(), 4);
    size = sizeof v4;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(server.port);
    std::memcpy(&v6.sin6_addr, server.address.octets.data(), 16);
    size = sizeof v6;
  }
  const base::Descriptor socket(::socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return failure(server, "socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return failure(server, "connect");
  return Exchange(socket.get(), std::move(messages), limits, done).run(server);
}

}  // namespace gslb::net
