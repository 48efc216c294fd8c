#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "server/datagram_worker.hpp"
#include "server/stream_worker.hpp"
#include "tests/conformance/zone_fixture.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using test::Ask;
using test::query_wire;
using test::sample_server;

using Octets = std::vector<std::uint8_t>;

base::SocketAddress bound_address(const Descriptor& socket) {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&raw), &size), 0);
  return from_sockaddr(raw);
}

Descriptor bound(base::Result<Descriptor> (*bind)(const base::SocketAddress&), base::SocketAddress& address) {
  auto socket = bind({base::IpAddress::v4(0x7f000001), 0});
  EXPECT_TRUE(socket.has_value());
  address = bound_address(*socket);
  return std::move(*socket);
}

template <class Socket>
std::vector<Socket> only(Socket&& socket) {
  std::vector<Socket> out;
  out.push_back(std::forward<Socket>(socket));
  return out;
}

Descriptor connect_to(const base::SocketAddress& address, int type) {
  Descriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_storage raw;
  const socklen_t size = to_sockaddr(address, raw);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&raw), size), 0);
  return socket;
}

bool readable(int fd, std::chrono::milliseconds limit = 5s) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(limit.count())) == 1;
}

Octets framed(const Octets& message) {
  Octets out{static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size() & 0xff)};
  out.insert(out.end(), message.begin(), message.end());
  return out;
}

Octets question(const std::string& name) {
  Ask ask;
  ask.name = name;
  return query_wire(ask);
}

/// Reads exactly `size` octets, or fewer if the peer ends or nothing comes for 5 s.
Octets read_exactly(int fd, std::size_t size) {
  Octets out(size);
  std::size_t filled = 0;
  while (filled < size && readable(fd)) {
    const ssize_t got = ::read(fd, out.data() + filled, size - filled);
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return out;
}

test::Reply read_framed(int fd) {
  const Octets head = read_exactly(fd, 2);
  if (head.size() < 2) return test::Reply({});
  return test::Reply(read_exactly(fd, static_cast<std::size_t>(head[0]) << 8 | head[1]));
}

bool ended(int fd) {
  std::uint8_t octet;
  return readable(fd) && ::read(fd, &octet, 1) <= 0;
}

void send_all(int fd, const Octets& octets) {
  ASSERT_EQ(::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL), static_cast<ssize_t>(octets.size()));
}

engine::GenerationPtr generation(std::uint64_t epoch) {
  auto copy = std::make_shared<engine::Generation>(sample_server().generation());
  copy->epoch = epoch;
  return copy;
}

class Stream : public testing::Test {
 protected:
  void start(const StreamSettings& settings = {}, const ConnectionLimits& limits = {}, bool proxied = false) {
    table = std::make_unique<ConnectionTable>(limits, 1);
    worker = std::make_unique<StreamWorker>(
        1, settings, *table, 0, [](unsigned) {}, [](const engine::GenerationPtr&) {});
    worker->start(only(StreamSocket{bound(bind_stream, address), false, proxied}), generation(1), nullptr);
  }
  base::SocketAddress address;
  std::unique_ptr<ConnectionTable> table;
  std::unique_ptr<StreamWorker> worker;
};

// RFC 7766 section 6.2.1.1.
TEST_F(Stream, QueriesSentTogetherAreAllAnswered) {
  start();
  const Descriptor client = connect_to(address, SOCK_STREAM);
  Octets both = framed(question("mail.example.org."));
  const Octets second = framed(question("ns1.example.org."));
  both.insert(both.end(), second.begin(), second.end());
  send_all(client.get(), both);
  EXPECT_THAT(read_framed(client.get()).answer(), testing::ElementsAre("mail.example.org. 300 A 192.0.2.25"));
  EXPECT_THAT(read_framed(client.get()).answer(), testing::ElementsAre("ns1.example.org. 300 A 192.0.2.53"));
}

// RFC 7766 section 8.
TEST_F(Stream, AQueryThatComesOctetByOctetIsAnswered) {
  start();
  const Descriptor client = connect_to(address, SOCK_STREAM);
  for (const std::uint8_t octet : framed(question("mail.example.org."))) send_all(client.get(), {octet});
  EXPECT_THAT(read_framed(client.get()).answer(), testing::SizeIs(1));
}

TEST_F(Stream, APeerThatOnlyClosesItsOwnSideStillGetsItsReplies) {
  start();
  const Descriptor client = connect_to(address, SOCK_STREAM);
  send_all(client.get(), framed(question("mail.example.org.")));
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_THAT(read_framed(client.get()).answer(), testing::SizeIs(1));
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(Stream, ALongPipelineIsAnsweredToTheEnd) {
  start();
  const Descriptor client = connect_to(address, SOCK_STREAM);
  constexpr int queries = 2000;
  std::thread sender([&] {
    for (int i = 0; i < queries; ++i) send_all(client.get(), framed(question("mail.example.org.")));
  });
  int answered = 0;
  while (answered < queries && read_framed(client.get()).sent()) ++answered;
  sender.join();
  EXPECT_EQ(answered, queries);
}

TEST_F(Stream, AMessageOverTheLimitEndsTheConnection) {
  start();
  const Descriptor client = connect_to(address, SOCK_STREAM);
  send_all(client.get(), {0xff, 0xff, 0, 0});
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(Stream, WhatIsNoQueryEndsTheConnection) {
  start();
  const Descriptor client = connect_to(address, SOCK_STREAM);
  send_all(client.get(), {0, 1, 0});
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(Stream, AnIdleConnectionIsClosed) {
  start({.idle = 100ms});
  const Descriptor client = connect_to(address, SOCK_STREAM);
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(Stream, ANewConnectionTakesThePlaceOfTheOneLongestWithoutAQuery) {
  start({}, {.connections = 2});
  const Descriptor first = connect_to(address, SOCK_STREAM);
  send_all(first.get(), framed(question("mail.example.org.")));
  ASSERT_TRUE(read_framed(first.get()).sent());
  const Descriptor second = connect_to(address, SOCK_STREAM);
  send_all(second.get(), framed(question("mail.example.org.")));
  ASSERT_TRUE(read_framed(second.get()).sent());
  send_all(first.get(), framed(question("mail.example.org.")));
  ASSERT_TRUE(read_framed(first.get()).sent());
  const Descriptor third = connect_to(address, SOCK_STREAM);
  send_all(third.get(), framed(question("mail.example.org.")));
  EXPECT_TRUE(read_framed(third.get()).sent());
  EXPECT_TRUE(ended(second.get()));
  send_all(first.get(), framed(question("mail.example.org.")));
  EXPECT_TRUE(read_framed(first.get()).sent());
}

class Datagram : public testing::Test {
 protected:
  Datagram() : worker(1, 1, {}, [this](const engine::GenerationPtr& old) { retired.store(old->epoch); }) {
    worker.start(only(DatagramSocket{bound(bind_datagram, address)}), generation(5));
  }
  base::SocketAddress address;
  std::atomic<std::uint64_t> retired{0};
  DatagramWorker worker;
};

TEST_F(Datagram, AnswersEachOfManyDatagrams) {
  const Descriptor client = connect_to(address, SOCK_DGRAM);
  const Octets wire = question("mail.example.org.");
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(::send(client.get(), wire.data(), wire.size(), 0), static_cast<ssize_t>(wire.size()));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(readable(client.get()));
    Octets reply(4096);
    const ssize_t got = ::recv(client.get(), reply.data(), reply.size(), 0);
    ASSERT_GT(got, 0);
    reply.resize(static_cast<std::size_t>(got));
    EXPECT_THAT(test::Reply(std::move(reply)).answer(), testing::SizeIs(1));
  }
}

std::uint64_t wait_for(const std::atomic<std::uint64_t>& value, std::uint64_t wanted) {
  const auto deadline = base::steady_now() + 5s;
  while (value.load() != wanted && base::steady_now() < deadline) std::this_thread::yield();
  return value.load();
}

TEST_F(Datagram, ANewGenerationSendsTheOldOneBack) {
  worker.post(generation(6));
  EXPECT_EQ(wait_for(retired, 5), 5U);
}

// The delayed writer: an older plan that arrives later must never win.
TEST_F(Datagram, AnOlderGenerationIsSentBackItself) {
  worker.post(generation(4));
  EXPECT_EQ(wait_for(retired, 4), 4U);
  worker.post(generation(6));
  EXPECT_EQ(wait_for(retired, 5), 5U);
}

TEST(Sockets, ATakenAddressIsNotedThoughItsOwnerWouldShareIt) {
  base::SocketAddress address;
  const Descriptor held = bound(bind_datagram, address);
  const auto free = check_free(address, SOCK_DGRAM);
  ASSERT_FALSE(free.has_value());
  EXPECT_THAT(free.error().what, testing::HasSubstr("another program already listens on 127.0.0.1:"));
}

TEST(Sockets, AnAddressOfNoInterfaceIsAClearError) {
  const auto socket = bind_datagram({*base::parse_address("192.0.2.1"), 5300});
  ASSERT_FALSE(socket.has_value());
  EXPECT_THAT(socket.error().what, testing::HasSubstr("no interface has this address"));
}

}  // namespace
}  // namespace gslb::server
