#include "health/probes/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <optional>

#include "net/http_client.hpp"
#include "tests/health/loopback_server.hpp"
#include "tests/net/certificates.hpp"
#include "tests/net/peer.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class ProbeTest : public testing::Test {
 protected:
  Observation probe(const Target& target) {
    std::optional<Observation> seen;
    const auto under_way = start_probe(tools, target, [&seen](Observation o) { seen = std::move(o); });
    EXPECT_FALSE(seen) << "done was called from inside start_probe";
    EXPECT_TRUE(run_until(context, [&] { return seen.has_value(); }));
    return seen.value_or(Observation{});
  }
  Target target(const LoopbackServer& server, ProbeKind kind = ProbeKind::http) {
    return loopback_target(server.port(), kind);
  }

  boost::asio::io_context context{1};
  ProbeTools tools{context};
};

LoopbackServer::Play always(const Reaction& reaction) {
  return [reaction](const std::string&) { return reaction; };
}

TEST_F(ProbeTest, AnAcceptedStatusPasses) {
  LoopbackServer server(context, always(answer(200)));
  const base::SteadyTime before = base::steady_now();
  const Observation seen = probe(target(server));
  EXPECT_TRUE(seen.ok);
  EXPECT_FALSE(seen.voided);
  EXPECT_EQ(seen.phase, Phase::passed);
  EXPECT_EQ(seen.detail, "http 200");
  EXPECT_GE(seen.when - seen.latency, before);
  EXPECT_GT(seen.latency, 0s);
}

TEST_F(ProbeTest, AsksForThePathOfTheHostAndSaysWhoItIs) {
  LoopbackServer server(context, always(answer(200)));
  Target t = target(server);
  t.monitor.path = "/healthz?deep=1";
  probe(t);
  EXPECT_THAT(server.last_request(), StartsWith("GET /healthz?deep=1 HTTP/1.1\r\n"));
  EXPECT_THAT(server.last_request(), HasSubstr("\r\nHost: www.example.org\r\n"));
  EXPECT_THAT(server.last_request(), HasSubstr("\r\nUser-Agent: gslbd/"));
}

TEST_F(ProbeTest, AnyOtherStatusFails) {
  LoopbackServer server(context, always(answer(503)));
  const Observation seen = probe(target(server));
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.phase, Phase::status);
  EXPECT_EQ(seen.detail, "http 503");
}

TEST_F(ProbeTest, TheStatusMayBeInAnyOfTheRanges) {
  LoopbackServer server(context, always(answer(404)));
  Target t = target(server);
  t.monitor.status = {{200, 204}, {404, 404}};
  EXPECT_TRUE(probe(t).ok);
  t.monitor.status = {{200, 204}, {405, 499}};
  EXPECT_FALSE(probe(t).ok);
}

TEST_F(ProbeTest, TheBodyMustHoldTheText) {
  LoopbackServer server(context, always(answer(200, "status: ok\n")));
  Target t = target(server);
  t.monitor.expect = "ok";
  EXPECT_TRUE(probe(t).ok);
  t.monitor.expect = "fine";
  const Observation seen = probe(t);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.phase, Phase::body);
  EXPECT_EQ(seen.detail, "body does not hold \"fine\"");
}

TEST_F(ProbeTest, TheTextMustStandWithinTheLimit) {
  LoopbackServer server(context, always(answer(200, std::string(5000, '.') + "ok")));
  Target t = target(server);
  t.monitor.expect = "ok";
  t.monitor.expect_limit = 5002;
  EXPECT_TRUE(probe(t).ok);
  t.monitor.expect_limit = 5001;
  EXPECT_EQ(probe(t).detail, "body does not hold \"ok\"");
}

TEST_F(ProbeTest, WithoutATextToFindTheBodyIsNotAwaited) {
  LoopbackServer server(context, always({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true}));
  EXPECT_TRUE(probe(target(server)).ok);
}

TEST_F(ProbeTest, ARefusedConnectionFailsAtOnce) {
  const RefusedPort refused;
  for (const ProbeKind kind : {ProbeKind::http, ProbeKind::tcp}) {
    const Observation seen = probe(loopback_target(refused.port(), kind));
    EXPECT_FALSE(seen.ok);
    EXPECT_FALSE(seen.voided);
    EXPECT_EQ(seen.phase, Phase::connect);
    EXPECT_EQ(seen.detail, "connect: connection refused");
  }
}

TEST_F(ProbeTest, AConnectionClosedWithoutAnAnswerFails) {
  LoopbackServer server(context, always({}));
  const Observation seen = probe(target(server));
  EXPECT_EQ(seen.phase, Phase::status);
  EXPECT_THAT(seen.detail, StartsWith("status: "));
}

TEST_F(ProbeTest, AServerThatAcceptsAndSaysNothingTimesOut) {
  LoopbackServer server(context, always({"", true}));
  Target t = target(server);
  t.monitor.timeout = 50ms;
  const Observation seen = probe(t);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.phase, Phase::timeout);
  EXPECT_EQ(seen.detail, "timeout after connect");
  EXPECT_GE(seen.latency, 50ms);
}

TEST_F(ProbeTest, ABodyThatDoesNotComeTimesOut) {
  LoopbackServer server(context, always({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true}));
  Target t = target(server);
  t.monitor.expect = "ok";
  t.monitor.timeout = 50ms;
  EXPECT_EQ(probe(t).detail, "timeout after status");
}

TEST_F(ProbeTest, ARedirectIsAnAnswerLikeAnyOther) {
  LoopbackServer server(context, always(answer(302, "", "Location: /ready\r\n")));
  Target t = target(server);
  EXPECT_EQ(probe(t).detail, "http 302");
  t.monitor.status = {{200, 399}};
  EXPECT_TRUE(probe(t).ok);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ProbeTest, FollowsARedirectIfAskedTo) {
  LoopbackServer server(context, [](const std::string& request) {
    return request.starts_with("GET /ready ") ? answer(200) : answer(302, "", "Location: /ready\r\n");
  });
  Target t = target(server);
  t.monitor.follow_redirects = true;
  EXPECT_EQ(probe(t).detail, "http 200");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ProbeTest, FollowsNoMoreThanThreeRedirects) {
  LoopbackServer server(context, always(answer(307, "", "Location: /\r\n")));
  Target t = target(server);
  t.monitor.follow_redirects = true;
  EXPECT_EQ(probe(t).detail, "http 307: more than 3 redirects");
  EXPECT_EQ(server.connections(), 4U);
}

TEST_F(ProbeTest, DoesNotFollowARedirectToAnotherHost) {
  LoopbackServer server(context, always(answer(301, "", "Location: http://login.example.org/\r\n")));
  Target t = target(server);
  t.monitor.follow_redirects = true;
  EXPECT_EQ(probe(t).detail, "http 301: leads to login.example.org");
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ProbeTest, ATcpProbePassesWhenTheConnectionStands) {
  LoopbackServer server(context, always({}));
  const Observation seen = probe(target(server, ProbeKind::tcp));
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.detail, "tcp connected");
}

TEST_F(ProbeTest, ACancelledProbeSaysNothingAndHangsUp) {
  LoopbackServer server(context, always({"", true}));
  bool called = false;
  auto under_way = start_probe(tools, target(server), [&called](const Observation&) { called = true; });
  ASSERT_TRUE(run_until(context, [&] { return server.connections() == 1; }));
  under_way.reset();
  EXPECT_TRUE(run_until(context, [&] { return server.open_connections() == 0; }));
  EXPECT_FALSE(called);
}

TEST_F(ProbeTest, ACancelledTcpProbeSaysNothing) {
  LoopbackServer server(context, always({}));
  bool called = false;
  start_probe(tools, target(server, ProbeKind::tcp), [&called](const Observation&) { called = true; }).reset();
  EXPECT_TRUE(probe(target(server)).phase == Phase::status);
  EXPECT_FALSE(called);
}

TEST_F(ProbeTest, ItsOwnerMayDestroyItWhenItIsDone) {
  LoopbackServer server(context, always(answer(200)));
  for (const ProbeKind kind : {ProbeKind::http, ProbeKind::tcp}) {
    const Target asked = target(server, kind);
    std::unique_ptr<Probe> under_way;
    under_way = start_probe(tools, asked, [&](const Observation&) { under_way.reset(); });
    EXPECT_TRUE(run_until(context, [&] { return under_way == nullptr; }));
  }
}

// A server that has run out of descriptors knows nothing of its targets.
TEST_F(ProbeTest, OurOwnShortageOfDescriptorsIsNotTheTargetsFault) {
  LoopbackServer server(context, always(answer(200)));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const Observation http_seen = probe(target(server));
  const Observation tcp_seen = probe(target(server, ProbeKind::tcp));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(http_seen.voided) << http_seen.detail;
  EXPECT_TRUE(tcp_seen.voided) << tcp_seen.detail;
  EXPECT_EQ(tcp_seen.detail, "connect: too many open files");
}

/// Speaks TLS and answers each request with 200.
net::Peer tls_peer(const net::Certificates::Pair& pair) {
  return net::Peer(net::over_tls(pair.certificate, pair.key, [](SSL* ssl) {
    char request[2048];
    constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    if (SSL_read(ssl, request, sizeof request) > 0) SSL_write(ssl, reply.data(), static_cast<int>(reply.size()));
  }));
}

Target tls_target(const net::Peer& peer) {
  Target target = loopback_target(peer.address().port, ProbeKind::https);
  target.monitor.ca_file = net::Certificates::get().ca();
  return target;
}

TEST_F(ProbeTest, HttpsPassesWithACertificateForTheHost) {
  const net::Peer peer = tls_peer(net::Certificates::get().valid());
  const Observation seen = probe(tls_target(peer));
  EXPECT_TRUE(seen.ok) << seen.detail;
  EXPECT_EQ(seen.detail, "http 200");
}

TEST_F(ProbeTest, ThePortOfTheHostIsNoPartOfItsName) {
  const net::Peer peer = tls_peer(net::Certificates::get().valid());
  Target t = tls_target(peer);
  t.monitor.host = "www.example.org:8443";
  EXPECT_EQ(probe(t).detail, "http 200");
}

TEST_F(ProbeTest, HttpsSaysWhatIsWrongWithACertificate) {
  const net::Peer expired = tls_peer(net::Certificates::get().expired());
  const Observation seen = probe(tls_target(expired));
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.phase, Phase::tls);
  EXPECT_EQ(seen.detail, "tls: certificate has expired");
}

TEST_F(ProbeTest, TheSniCanDifferFromTheHost) {
  const net::Peer peer = tls_peer(net::Certificates::get().wrong_name());
  Target t = tls_target(peer);
  EXPECT_THAT(probe(t).detail, StartsWith("tls: "));
  t.monitor.sni = "other.example.org";
  EXPECT_EQ(probe(t).detail, "http 200");
}

TEST_F(ProbeTest, WithoutVerifyAnyCertificateWillDo) {
  const net::Peer peer = tls_peer(net::Certificates::get().expired());
  Target t = tls_target(peer);
  t.monitor.verify = false;
  EXPECT_EQ(probe(t).detail, "http 200");
}

TEST_F(ProbeTest, AServerThatDoesNotSpeakTlsFailsInTheHandshake) {
  net::Peer peer([](net::Connection& connection) { connection.write("220 mail.example.org\r\n"); });
  const Observation seen = probe(tls_target(peer));
  EXPECT_EQ(seen.phase, Phase::tls);
  EXPECT_THAT(seen.detail, StartsWith("tls: "));
}

}  // namespace
}  // namespace gslb::health
