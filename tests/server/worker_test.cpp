#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "server/datagram_worker.hpp"
#include "server/descriptor_limit.hpp"
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

/// The header of a proxy in front of 198.51.100.7:`port`.
Octets proxy_header(std::uint16_t port = 5353) {
  Octets out{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0x00, 0x0c};
  const Octets addresses{198, 51, 100, 7, 192, 0, 2, 1, 0, 0, 0, 53};
  out.insert(out.end(), addresses.begin(), addresses.end());
  out[24] = static_cast<std::uint8_t>(port >> 8);
  out[25] = static_cast<std::uint8_t>(port & 0xff);
  return out;
}

Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const base::Prefix loopback = *base::parse_prefix("127.0.0.0/8");

TEST_F(Stream, BehindAProxyAConnectionBeginsWithAHeaderInAnyPieces) {
  start({.proxies = {loopback}}, {}, true);
  const Descriptor client = connect_to(address, SOCK_STREAM);
  send_all(client.get(), proxy_header() + framed(question("mail.example.org.")));
  EXPECT_THAT(read_framed(client.get()).answer(), testing::SizeIs(1));
  const Descriptor slow = connect_to(address, SOCK_STREAM);
  for (const std::uint8_t octet : proxy_header() + framed(question("mail.example.org."))) send_all(slow.get(), {octet});
  EXPECT_THAT(read_framed(slow.get()).answer(), testing::SizeIs(1));
}

TEST_F(Stream, BehindAProxyWhatHasNoHeaderIsClosed) {
  start({.proxies = {loopback}}, {}, true);
  const Descriptor client = connect_to(address, SOCK_STREAM);
  send_all(client.get(), framed(question("mail.example.org.")));
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(Stream, AHeaderThatDoesNotComeInTimeEndsTheConnection) {
  start({.handshake = 100ms, .proxies = {loopback}}, {}, true);
  const Descriptor client = connect_to(address, SOCK_STREAM);
  send_all(client.get(), {0x0d, 0x0a});
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(Stream, WhoIsNoProxyIsClosedAtOnce) {
  start({.proxies = {*base::parse_prefix("192.0.2.0/24")}}, {}, true);
  const Descriptor client = connect_to(address, SOCK_STREAM);
  EXPECT_TRUE(ended(client.get()));
}

TEST_F(Stream, BehindAProxyLimitsAreTheClients) {
  start({.proxies = {loopback}}, {.connections = 10, .per_prefix = 2}, true);
  std::vector<Descriptor> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(connect_to(address, SOCK_STREAM));
    Octets header = proxy_header();
    header[18] = static_cast<std::uint8_t>(i);  // each from a network of its own
    send_all(clients.back().get(), header + framed(question("mail.example.org.")));
    ASSERT_TRUE(read_framed(clients.back().get()).sent());
  }
  EXPECT_EQ(table->size(), 4U);
  EXPECT_EQ(table->evictions(), 0U);
}

TEST_F(Stream, HalfAQueryDoesNotKeepAConnection) {
  start({.idle = 200ms});
  const Descriptor client = connect_to(address, SOCK_STREAM);
  Octets half = framed(question("mail.example.org."));
  half.resize(9);
  send_all(client.get(), half);
  EXPECT_TRUE(ended(client.get()));
}

// What a peer does not read it cannot make the server hold: reading stops with writing, and then the time is up.
TEST_F(Stream, APeerThatNeverReadsIsClosedAndHoldsLittleMeanwhile) {
  start({.idle = 300ms});
  const Descriptor client = connect_to(address, SOCK_STREAM);
  const int little = 4096;
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  const timeval limit{5, 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const Octets wire = framed(question("mail.example.org."));
  std::size_t sent = 0;
  while (sent < 64U << 20U) {
    const ssize_t now = ::send(client.get(), wire.data(), wire.size(), MSG_NOSIGNAL);
    if (now <= 0) break;
    sent += static_cast<std::size_t>(now);
  }
  EXPECT_LT(sent, 4U << 20U);
  EXPECT_NE(errno, EAGAIN) << "it was closed, not left waiting";
}

// RFC 7766 section 7: replies may come in any order; these come in that of the queries.
TEST_F(Stream, RepliesComeInTheOrderOfTheQueries) {
  start();
  const Descriptor client = connect_to(address, SOCK_STREAM);
  Octets all;
  for (unsigned i = 0; i < 500; ++i) {
    Octets wire = question(i % 2 == 0 ? "mail.example.org." : "big.example.org.");
    wire[0] = static_cast<std::uint8_t>(i >> 8);
    wire[1] = static_cast<std::uint8_t>(i & 0xff);
    all = std::move(all) + framed(wire);
  }
  std::thread sender([&] { send_all(client.get(), all); });
  for (unsigned i = 0; i < 500; ++i) {
    const auto reply = read_framed(client.get());
    ASSERT_TRUE(reply.sent()) << i;
    ASSERT_EQ(reply.octets()[0] << 8 | reply.octets()[1], i);
  }
  sender.join();
}

// Limits are one number over all workers, and the worker that has the oldest connection is told.
TEST(StreamWorkers, ShareTheirLimits) {
  ConnectionTable table({.connections = 2, .per_prefix = 2}, 2);
  std::vector<std::unique_ptr<StreamWorker>> workers;
  std::array<base::SocketAddress, 2> address;
  for (unsigned i = 0; i < 2; ++i) {
    workers.push_back(std::make_unique<StreamWorker>(
        i, StreamSettings{}, table, i, [&workers](unsigned other) { workers[other]->wake(); },
        [](const engine::GenerationPtr&) {}));
  }
  for (unsigned i = 0; i < 2; ++i)
    workers[i]->start(only(StreamSocket{bound(bind_stream, address.at(i))}), generation(1), nullptr);
  const auto ask = [](const Descriptor& client) {
    send_all(client.get(), framed(question("mail.example.org.")));
    return read_framed(client.get()).sent();
  };
  const Descriptor first = connect_to(address[0], SOCK_STREAM);
  ASSERT_TRUE(ask(first));
  const Descriptor second = connect_to(address[1], SOCK_STREAM);
  ASSERT_TRUE(ask(second));
  const Descriptor third = connect_to(address[1], SOCK_STREAM);
  ASSERT_TRUE(ask(third));
  EXPECT_TRUE(ended(first.get())) << "the oldest, though the other worker has it";
  EXPECT_TRUE(ask(second));
  for (const auto& worker : workers) worker->stop();
}

TEST(DescriptorLimit, LeavesRoomForEverythingElse) {
  EXPECT_EQ(connections_within(20'000, 1024, 600), 1024U);
  EXPECT_EQ(connections_within(1024, 1024, 600), 424U);
  EXPECT_EQ(connections_within(600, 1024, 600), 1U);
  EXPECT_EQ(connections_within(64, 1024, 600), 1U);
}

class ProxiedDatagram : public testing::Test {
 protected:
  void start(const base::Prefix& proxies) {
    worker = std::make_unique<DatagramWorker>(1, 1, std::vector{proxies}, [](const engine::GenerationPtr&) {});
    worker->start(only(DatagramSocket{bound(bind_datagram, address), base::Family::v4, false, true}), generation(1));
    client = connect_to(address, SOCK_DGRAM);
  }
  test::Reply ask(const Octets& octets) const {
    EXPECT_EQ(::send(client.get(), octets.data(), octets.size(), 0), static_cast<ssize_t>(octets.size()));
    Octets reply(4096);
    if (!readable(client.get(), 200ms)) return test::Reply({});
    reply.resize(static_cast<std::size_t>(::recv(client.get(), reply.data(), reply.size(), 0)));
    return test::Reply(std::move(reply));
  }
  base::SocketAddress address;
  std::unique_ptr<DatagramWorker> worker;
  Descriptor client;
};

TEST_F(ProxiedDatagram, IsAnsweredToTheProxyWithoutAHeader) {
  start(loopback);
  const auto reply = ask(proxy_header() + question("mail.example.org."));
  ASSERT_TRUE(reply.sent());
  EXPECT_THAT(reply.answer(), testing::ElementsAre("mail.example.org. 300 A 192.0.2.25"));
}

TEST_F(ProxiedDatagram, HasTheClientOfTheHeader) {
  start(loopback);
  EXPECT_FALSE(ask(proxy_header(0) + question("mail.example.org.")).sent()) << "source port 0 gets no reply";
  Octets local = proxy_header(0);
  local[12] = 0x20;
  EXPECT_TRUE(ask(local + question("mail.example.org.")).sent()) << "LOCAL is the proxy itself, whose port is not 0";
}

TEST_F(ProxiedDatagram, WithoutAGoodHeaderIsDropped) {
  start(loopback);
  EXPECT_FALSE(ask(question("mail.example.org.")).sent());
  Octets cut = proxy_header();
  cut.resize(20);
  EXPECT_FALSE(ask(cut).sent());
  EXPECT_FALSE(ask(proxy_header()).sent());
  EXPECT_TRUE(ask(proxy_header() + question("mail.example.org.")).sent());
}

TEST_F(ProxiedDatagram, FromSomebodyElseIsDropped) {
  start(*base::parse_prefix("192.0.2.0/24"));
  EXPECT_FALSE(ask(proxy_header() + question("mail.example.org.")).sent());
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
