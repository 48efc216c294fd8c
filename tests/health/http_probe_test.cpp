// What http and https monitors ask, beyond tests/health/probe_test.cpp, and what they make of an answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <optional>

#include "health/pattern.hpp"
#include "health/probes/probe.hpp"
#include "tests/health/loopback_server.hpp"
#include "tests/net/certificates.hpp"
#include "tests/net/peer.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class HttpProbeTest : public testing::Test {
 protected:
  HttpProbeTest() { std::signal(SIGPIPE, SIG_IGN); }  // the peers write to those that hang up
  Observation probe(const Target& target) { return probe(tools, target); }
  Observation probe(ProbeTools& with, const Target& target) {
    std::optional<Observation> seen;
    const auto under_way = start_probe(with, target, [&seen](Observation o) { seen = std::move(o); });
    EXPECT_TRUE(run_until(context, [&] { return seen.has_value(); }));
    return seen.value_or(Observation{});
  }

  boost::asio::io_context context{1};
  ProbeTools tools{context};
};

LoopbackServer::Play always(const Reaction& reaction) {
  return [reaction](const std::string&) { return reaction; };
}

std::shared_ptr<const Pattern> pattern(const std::string& text) {
  const auto compiled = Pattern::compile(text);
  EXPECT_TRUE(compiled) << text;
  return *compiled;
}

TEST_F(HttpProbeTest, AsksWithItsMethodAndHeaders) {
  LoopbackServer server(context, always(answer(200)));
  Target target = loopback_target(server.port());
  target.monitor.method = "OPTIONS";
  target.monitor.headers = {{"Authorization", "Bearer abc"}, {"X-Probe", "gslb"}};
  EXPECT_TRUE(probe(target).ok);
  EXPECT_THAT(server.last_request(), AllOf(StartsWith("OPTIONS / HTTP/1.1\r\n"),
                                           HasSubstr("\r\nAuthorization: Bearer abc\r\nX-Probe: gslb\r\n")));
}

// RFC 9112 section 6.3: whatever Content-Length says.
TEST_F(HttpProbeTest, TheAnswerToHeadHasNoBody) {
  LoopbackServer server(context, always({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", true}));
  Target target = loopback_target(server.port());
  target.monitor.method = "HEAD";
  target.monitor.reuse = 2;
  EXPECT_TRUE(probe(target).ok);
}

TEST_F(HttpProbeTest, TheBodyMustMatchThePattern) {
  LoopbackServer server(context, always(answer(200, "{\"queue\": 17}")));
  Target target = loopback_target(server.port());
  target.monitor.expect_pattern = pattern("\"queue\": [0-9]{1,2}\\b");
  EXPECT_EQ(probe(target).detail, "http 200");
  target.monitor.expect_pattern = pattern("\"queue\": [0-9]{3}");
  const Observation seen = probe(target);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.phase, Phase::body);
  EXPECT_EQ(seen.detail, "body does not match \"\"queue\": [0-9]{3}\"");
}

// Where std::regex takes exponential time, or its stack.
TEST_F(HttpProbeTest, AHostileBodyCannotMakeAPatternSlow) {
  const base::SteadyTime before = base::steady_now();
  EXPECT_FALSE(pattern("(a*)*(a*)*b")->found_in(std::string(1'000'000, 'a')));
  EXPECT_TRUE(pattern("(a|b|ab)*c")->found_in(std::string(1'000'000, 'a') + "c"));
  EXPECT_LT(base::steady_now() - before, 10s);
}

TEST(Pattern, SaysWhatIsWrongWithIt) {
  const auto compiled = Pattern::compile("a(b");
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().what, "missing ): a(b");
}

TEST(Pattern, TakesAnyOctets) {
  EXPECT_TRUE(pattern("ok")->found_in(std::string_view("\xff\x00\xfeok\x80", 6)));
  EXPECT_EQ(pattern("o.k")->text(), "o.k");
}

TEST_F(HttpProbeTest, TellsHowLongEachPhaseTook) {
  LoopbackServer server(context, always(answer(200, "ok")));
  Target target = loopback_target(server.port());
  target.monitor.expect = "ok";
  const Observation seen = probe(target);
  EXPECT_GT(seen.times.connect, 0ns);
  EXPECT_GT(seen.times.status, 0ns);
  EXPECT_EQ(seen.times.tls, 0ns);
  const auto sum = seen.times.connect + seen.times.send + seen.times.status + seen.times.body;
  EXPECT_LE(sum, seen.latency);
  EXPECT_THAT(to_string(seen.times), AllOf(StartsWith("connect 0."), HasSubstr(", status ")));
}

TEST_F(HttpProbeTest, TheTimeOfAPhaseThatFailedIsKept) {
  LoopbackServer server(context, always({"", true}));
  Target target = loopback_target(server.port());
  target.monitor.timeout = 50ms;
  const Observation seen = probe(target);
  EXPECT_EQ(seen.phase, Phase::timeout);
  EXPECT_GE(seen.times.status, 40ms);
}

/// A listener whose queue of connections is full: what comes more is not answered, as by a black hole.
class BlackHole {
 public:
  explicit BlackHole(boost::asio::io_context& context) : context_(context) {
    acceptor_.open(boost::asio::ip::tcp::v4());
    acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    for (auto& socket : fill_) socket.async_connect(acceptor_.local_endpoint(), [](const auto&) {});
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  boost::asio::io_context& context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_};
  std::array<boost::asio::ip::tcp::socket, 4> fill_{
      boost::asio::ip::tcp::socket(context_), boost::asio::ip::tcp::socket(context_),
      boost::asio::ip::tcp::socket(context_), boost::asio::ip::tcp::socket(context_)};
};

TEST_F(HttpProbeTest, TheConnectionHasATimeoutOfItsOwn) {
  const BlackHole hole(context);
  for (const ProbeKind kind : {ProbeKind::http, ProbeKind::tcp}) {
    Target target = loopback_target(hole.port(), kind);
    target.monitor.connect_timeout = 50ms;
    const Observation seen = probe(target);
    EXPECT_EQ(seen.detail, "timeout before connect");
    EXPECT_GE(seen.latency, 50ms);
    EXPECT_LT(seen.latency, 5s);
  }
}

TEST_F(HttpProbeTest, TheConnectTimeoutIsOverOnceTheConnectionStands) {
  LoopbackServer server(context, always({"", true}));
  Target target = loopback_target(server.port());
  target.monitor.connect_timeout = 30ms;
  target.monitor.timeout = 200ms;
  const Observation seen = probe(target);
  EXPECT_EQ(seen.detail, "timeout after connect");
  EXPECT_GE(seen.latency, 200ms);
}

/// Answers every request on a connection with 200 until the other side closes; counts both. It ends once its clients
/// have hung up, so tests that keep connections have tools of their own, which go first.
struct KeepAlive {
  explicit KeepAlive(int most_on_a_connection = 1000)
      : peer([this, most_on_a_connection](net::Connection& connection) {
          ++connections;
          for (int i = 0; i < most_on_a_connection; ++i) {
            if (connection.read_until("\r\n\r\n").empty()) return;
            ++requests;
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        }) {}
  std::atomic<int> connections{0};
  std::atomic<int> requests{0};
  net::Peer peer;
};

TEST_F(HttpProbeTest, ProbesShareAConnectionAndEveryThirdMakesAFreshOne) {
  KeepAlive server;
  ProbeTools own(context);
  Target target = loopback_target(server.peer.address().port);
  target.monitor.reuse = 3;
  for (int i = 0; i < 7; ++i) EXPECT_EQ(probe(own, target).detail, "http 200");
  EXPECT_EQ(server.requests, 7);
  EXPECT_EQ(server.connections, 3);
}

TEST_F(HttpProbeTest, AConnectionThatTheServerClosedMeanwhileIsNotHeldAgainstIt) {
  KeepAlive server(2);
  ProbeTools own(context);
  Target target = loopback_target(server.peer.address().port);
  target.monitor.reuse = 100;
  for (int i = 0; i < 6; ++i) EXPECT_EQ(probe(own, target).detail, "http 200");
  EXPECT_EQ(server.requests, 6);
  EXPECT_EQ(server.connections, 3);
}

TEST_F(HttpProbeTest, MonitorsThatDifferShareNoConnection) {
  KeepAlive one, other;
  ProbeTools own(context);
  Target target = loopback_target(one.peer.address().port);
  target.monitor.reuse = 100;
  EXPECT_TRUE(probe(own, target).ok);
  target.monitor.port = other.peer.address().port;
  EXPECT_TRUE(probe(own, target).ok);
  EXPECT_EQ(own.http.waiting_connections(), 2U);
  EXPECT_EQ(one.connections + other.connections, 2);
}

TEST_F(HttpProbeTest, AConnectionThatNobodyUsesAnyMoreIsClosed) {
  KeepAlive server;
  ProbeTools own(context);
  Target target = loopback_target(server.peer.address().port);
  target.monitor.reuse = 100;
  target.monitor.interval = 1ms;
  EXPECT_TRUE(probe(own, target).ok);
  EXPECT_EQ(own.http.waiting_connections(), 1U);
  EXPECT_TRUE(run_until(context, [&] { return own.http.waiting_connections() == 0; }));
}

/// Speaks TLS and answers each request with 200.
net::Peer tls_peer(const net::Certificates::Pair& pair) {
  return net::Peer(net::over_tls(pair.certificate, pair.key, [](SSL* ssl) {
    char request[2048];
    constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    while (SSL_read(ssl, request, sizeof request) > 0) SSL_write(ssl, reply.data(), static_cast<int>(reply.size()));
  }));
}

Target tls_target(const net::Peer& peer, ProbeKind kind) {
  Target target = loopback_target(peer.address().port, kind);
  target.monitor.sni = "www.example.org";
  target.monitor.ca_file = net::Certificates::get().ca();
  return target;
}

TEST_F(HttpProbeTest, ConnectionsOverTlsAreSharedToo) {
  const net::Peer peer = tls_peer(net::Certificates::get().valid());
  ProbeTools own(context);
  Target target = tls_target(peer, ProbeKind::https);
  target.monitor.reuse = 10;
  EXPECT_GT(probe(own, target).times.tls, 0ns);
  const Observation second = probe(own, target);
  EXPECT_EQ(second.detail, "http 200");
  EXPECT_EQ(second.times.tls, 0ns);
  EXPECT_EQ(second.times.connect, 0ns);
}

// The test's certificate is good for two days.
TEST_F(HttpProbeTest, ACertificateThatEndsSoonIsWarnedOf) {
  const net::Peer peer = tls_peer(net::Certificates::get().valid());
  for (const ProbeKind kind : {ProbeKind::https, ProbeKind::tls}) {
    Target target = tls_target(peer, kind);
    target.monitor.certificate_warn = 21 * 24h;
    target.monitor.certificate_fail = 24h;
    const Observation seen = probe(target);
    EXPECT_TRUE(seen.ok) << seen.detail;
    EXPECT_EQ(seen.warning, "certificate ends in 47 h");
    target.monitor.certificate_warn = 36h;
    EXPECT_EQ(probe(target).warning, "");
  }
}

TEST_F(HttpProbeTest, ACertificateThatEndsTooSoonFails) {
  const net::Peer peer = tls_peer(net::Certificates::get().valid());
  for (const ProbeKind kind : {ProbeKind::https, ProbeKind::tls}) {
    Target target = tls_target(peer, kind);
    target.monitor.certificate_fail = 3 * 24h;
    const Observation seen = probe(target);
    EXPECT_FALSE(seen.ok);
    EXPECT_EQ(seen.phase, Phase::tls);
    EXPECT_EQ(seen.detail, "tls: certificate ends in 47 h");
  }
}

TEST_F(HttpProbeTest, AnExpiredCertificateFailsEvenIfItIsNotVerified) {
  const net::Peer peer = tls_peer(net::Certificates::get().expired());
  Target target = tls_target(peer, ProbeKind::https);
  target.monitor.verify = false;
  EXPECT_TRUE(probe(target).ok);
  target.monitor.certificate_fail = 1s;
  EXPECT_EQ(probe(target).detail, "tls: certificate has expired");
}

}  // namespace
}  // namespace gslb::health
