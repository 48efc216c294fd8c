#include "net/udp_exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <thread>

#include "base/clock.hpp"
#include "base/descriptor.hpp"

namespace gslb::net {
namespace {

/// Answers on loopback: with the message, but for those whose third octet is 0 (silence) or 1 (a stranger's id first).
class Echo {
 public:
  Echo() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    const timeval patience{0, 50'000};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  base::SocketAddress address() const { return {base::IpAddress::v4(0x7f000001), port_}; }

 private:
  void run(const std::stop_token& stop) const {
    std::array<std::uint8_t, 512> message;
    while (!stop.stop_requested()) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got =
          ::recvfrom(socket_.get(), message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 3 || message[2] == 0) continue;
      const auto send = [&] {
        ::sendto(socket_.get(), message.data(), static_cast<std::size_t>(got), 0, reinterpret_cast<sockaddr*>(&from),
                 size);
      };
      if (message[2] == 1) {
        message[0] ^= 0xff;
        send();
        message[0] ^= 0xff;
      }
      send();
    }
  }

  base::Descriptor socket_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

std::map<std::size_t, std::vector<std::uint8_t>> asked(const base::SocketAddress& server,
                                                       std::vector<std::vector<std::uint8_t>> messages,
                                                       const ExchangeLimits& limits) {
  std::map<std::size_t, std::vector<std::uint8_t>> out;
  const auto done = exchange(server, std::move(messages), limits,
                             [&](std::size_t number, std::optional<std::span<const std::uint8_t>> answer) {
                               EXPECT_FALSE(out.contains(number)) << "once";
                               out[number] = answer ? std::vector<std::uint8_t>(answer->begin() + 2, answer->end())
                                                    : std::vector<std::uint8_t>();
                             });
  EXPECT_TRUE(done) << done.error().what;
  return out;
}

TEST(UdpExchange, EveryMessageGetsItsOwnAnswer) {
  const Echo echo;
  std::vector<std::vector<std::uint8_t>> messages;
  for (std::uint8_t i = 0; i < 200; ++i) messages.push_back({0, 0, 2, i});
  const auto answers = asked(echo.address(), messages, {100'000, 16, std::chrono::seconds(5)});
  ASSERT_EQ(answers.size(), 200U);
  for (std::uint8_t i = 0; i < 200; ++i) EXPECT_THAT(answers.at(i), testing::ElementsAre(2, i));
}

TEST(UdpExchange, SilenceIsNoAnswerAndStrangersAreNotHeard) {
  const Echo echo;
  const auto answers =
      asked(echo.address(), {{0, 0, 0, 7}, {0, 0, 1, 8}}, {100'000, 16, std::chrono::milliseconds(300)});
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_THAT(answers.at(0), testing::IsEmpty());
  EXPECT_THAT(answers.at(1), testing::ElementsAre(1, 8));
}

TEST(UdpExchange, NoMoreAreSentInATimeThanAllowed) {
  const Echo echo;
  const auto begun = base::steady_now();
  asked(echo.address(), std::vector<std::vector<std::uint8_t>>(11, {0, 0, 2, 0}), {100, 16, std::chrono::seconds(5)});
  EXPECT_GE(base::steady_now() - begun, std::chrono::milliseconds(100)) << "ten pauses of 10 ms";
}

TEST(UdpExchange, AClosedPortIsNoAnswer) {
  std::uint16_t port = 0;
  {
    const Echo gone;
    port = gone.address().port;
  }
  const auto answers =
      asked({base::IpAddress::v4(0x7f000001), port}, {{0, 0, 2, 7}}, {100, 16, std::chrono::milliseconds(200)});
  EXPECT_THAT(answers.at(0), testing::IsEmpty());
}

}  // namespace
}  // namespace gslb::net
