#include "net/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "tests/net/peer.hpp"

namespace gslb::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

HttpRequest request_to(const Peer& peer) {
  HttpRequest request;
  request.to = peer.address();
  request.deadline = base::steady_now() + 10s;
  return request;
}

/// Answers every request with `octets` and closes.
Peer::Play answering(std::string octets) {
  return [octets = std::move(octets)](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.write(octets);
  };
}

constexpr const char* ok_hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Site: fra\r\n\r\nhello";

TEST(HttpClient, ReturnsStatusHeadersAndBody) {
  Peer peer(answering(ok_hello));
  const HttpResponse response = http_request_blocking(request_to(peer));
  EXPECT_EQ(response.reached, Phase::done) << response.problem;
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body, "hello");
  EXPECT_THAT(response.headers, ElementsAre(Pair("content-length", "5"), Pair("x-site", "fra")));
  EXPECT_EQ(response.problem, "");
  EXPECT_GT(response.time(Phase::connect).count(), 0);
  EXPECT_GE(response.total_time, response.time(Phase::connect));
}

// RFC 9112 section 3.2: the Host field names the authority, with the port unless it is the default one.
TEST(HttpClient, SendsWhatItWasToldAndCloses) {
  std::string seen;
  {
    Peer peer([&seen](Connection& connection) {
      seen = connection.read_until("ping");
      connection.write("HTTP/1.1 204 No Content\r\n\r\n");
    });
    HttpRequest request = request_to(peer);
    request.method = "POST";
    request.target = "/echo?x=1";
    request.headers = {{"X-Probe", "a b"}};
    request.body = "ping";
    EXPECT_EQ(http_request_blocking(request).status, 204U);
    EXPECT_EQ(seen, "POST /echo?x=1 HTTP/1.1\r\nHost: " + base::to_string(peer.address()) +
                        "\r\nConnection: close\r\nX-Probe: a b\r\nContent-Length: 4\r\n\r\nping");
  }
}

TEST(HttpClient, SpeaksIpv6) {
  Peer peer(answering(ok_hello), "::1");
  EXPECT_EQ(http_request_blocking(request_to(peer)).body, "hello");
}

TEST(HttpClient, ReadsABodyThatEndsWithTheConnection) {
  Peer peer(answering("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
  const HttpResponse response = http_request_blocking(request_to(peer));
  EXPECT_EQ(response.reached, Phase::done);
  EXPECT_EQ(response.body, "until the end");
}

TEST(HttpClient, DoesNotWaitForTheConnectionToEndWhenTheLengthIsKnown) {
  Peer peer([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.write(ok_hello);
    connection.await_close();
  });
  EXPECT_EQ(http_request_blocking(request_to(peer)).reached, Phase::done);
}

TEST(HttpClient, SaysConnectionRefused) {
  base::SocketAddress nobody;
  {
    const Peer gone([](Connection&) {});
    nobody = gone.address();
  }
  HttpRequest request;
  request.to = nobody;
  request.deadline = base::steady_now() + 10s;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::connect);
  EXPECT_EQ(response.problem, "connection refused");
  EXPECT_FALSE(response.timed_out);
}

TEST(HttpClient, SaysThatNoSocketIsThere) {
  HttpRequest request;
  request.unix_path = "/nonexistent/control.sock";
  request.deadline = base::steady_now() + 10s;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::connect);
  EXPECT_EQ(response.problem, "no such file or directory");
}

TEST(HttpClient, RefusesAUnixPathLongerThanASocketsMayBe) {
  HttpRequest request;
  request.unix_path = std::string(200, 'x');
  request.deadline = base::steady_now() + 10s;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::connect);
  EXPECT_THAT(response.problem, HasSubstr("1 to 107 octets"));
}

TEST(HttpClient, TimesOutWhileWaitingForTheAnswer) {
  Peer peer([](Connection& connection) { connection.await_close(); });
  HttpRequest request = request_to(peer);
  request.deadline = base::steady_now() + 50ms;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::status);
  EXPECT_TRUE(response.timed_out);
  EXPECT_EQ(response.problem, "timeout");
  EXPECT_GE(base::steady_now(), request.deadline);
}

TEST(HttpClient, TimesOutInASlowBody) {
  Peer peer([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    connection.await_close();
  });
  HttpRequest request = request_to(peer);
  request.deadline = base::steady_now() + 50ms;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::body);
  EXPECT_TRUE(response.timed_out);
}

// A listener whose queue is full drops further connection requests: nobody answers, as behind a firewall.
TEST(HttpClient, TimesOutWhileConnecting) {
  boost::asio::io_context context;
  HttpClient client(context);
  Peer peer([](Connection& connection) { connection.await_close(); });
  std::vector<HttpResponse> responses;
  constexpr int many = 64;  // the peer takes one at a time and queues at most 17
  for (int i = 0; i < many; ++i) {
    HttpRequest request = request_to(peer);
    request.deadline = base::steady_now() + 300ms;
    client.send(request, [&responses](HttpResponse response) { responses.push_back(std::move(response)); });
  }
  context.run();
  ASSERT_EQ(responses.size(), static_cast<std::size_t>(many));
  const auto connecting = std::count_if(responses.begin(), responses.end(),
                                        [](const HttpResponse& r) { return r.reached == Phase::connect; });
  EXPECT_GT(connecting, 0);
  for (const HttpResponse& response : responses) EXPECT_TRUE(response.timed_out);
}

TEST(HttpClient, ADeadlineInThePastIsATimeout) {
  Peer peer(answering(ok_hello));
  HttpRequest request = request_to(peer);
  request.deadline = base::SteadyTime{};
  EXPECT_TRUE(http_request_blocking(request).timed_out);
}

TEST(HttpClient, SaysWhereAnAnswerWasCutOff) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "connection closed without a word"},
      {"HTTP/1.1 200 OK\r\nContent-Le", "connection closed in the header"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "connection closed after 5 octets of an unfinished body"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
       "connection closed after 5 octets of an unfinished body"},
  };
  for (const auto& [answer, problem] : cases) {
    Peer peer(answering(answer));
    const HttpResponse response = http_request_blocking(request_to(peer));
    EXPECT_NE(response.reached, Phase::done) << answer;
    EXPECT_EQ(response.problem, problem);
  }
}

TEST(HttpClient, SaysThatTheConnectionWasReset) {
  Peer peer([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.reset();
  });
  const HttpResponse response = http_request_blocking(request_to(peer));
  EXPECT_EQ(response.reached, Phase::status);
  EXPECT_EQ(response.problem, "connection reset by peer");
}

TEST(HttpClient, RefusesWhatIsNotHttp) {
  Peer peer(answering("220 mail.example.org ESMTP\r\n\r\n"));
  const HttpResponse response = http_request_blocking(request_to(peer));
  EXPECT_EQ(response.reached, Phase::status);
  EXPECT_THAT(response.problem, StartsWith("not HTTP: "));
}

TEST(HttpClient, LimitsTheHeader) {
  Peer peer(answering("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"));
  const HttpResponse response = http_request_blocking(request_to(peer));
  EXPECT_EQ(response.reached, Phase::status);
  EXPECT_EQ(response.problem, "the header is longer than 16384 octets");
}

TEST(HttpClient, LimitsTheBody) {
  Peer peer(answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(100, 'x')));
  HttpRequest request = request_to(peer);
  request.body_limit = 10;
  const HttpResponse strict = http_request_blocking(request);
  EXPECT_EQ(strict.reached, Phase::body);
  EXPECT_EQ(strict.problem, "the body is longer than 10 octets");

  request.body_limit_is_error = false;
  const HttpResponse lenient = http_request_blocking(request);
  EXPECT_EQ(lenient.reached, Phase::done);
  EXPECT_EQ(lenient.body, std::string(10, 'x'));
}

TEST(HttpClient, CanLeaveTheBodyAlone) {
  Peer peer([](Connection& connection) {
    connection.read_until("\r\n\r\n");
    connection.write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 1000\r\n\r\n");
    connection.await_close();
  });
  HttpRequest request = request_to(peer);
  request.read_body = false;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::done);
  EXPECT_EQ(response.status, 503U);
}

TEST(HttpClient, RefusesOctetsThatWouldEndALineOfTheRequest) {
  Peer peer(answering(ok_hello));
  HttpRequest in_target = request_to(peer);
  in_target.target = "/ HTTP/1.1\r\nX: y";
  HttpRequest in_header = request_to(peer);
  in_header.headers = {{"X", "a\r\nY: b"}};
  HttpRequest in_host = request_to(peer);
  in_host.host = "a\nb";
  for (const HttpRequest& request : {in_target, in_header, in_host}) {
    const HttpResponse response = http_request_blocking(request);
    EXPECT_EQ(response.reached, Phase::send);
    EXPECT_THAT(response.problem, HasSubstr("octet that HTTP does not allow"));
  }
}

TEST(HttpClient, CallsBackLaterEvenIfItFailsAtOnce) {
  boost::asio::io_context context;
  HttpClient client(context);
  HttpRequest request;
  request.target = "\n";
  int calls = 0;
  client.send(request, [&calls](const HttpResponse&) { ++calls; });
  EXPECT_EQ(calls, 0);
  context.run();
  EXPECT_EQ(calls, 1);
}

TEST(HttpClient, ACancelledRequestIsNotCalledBack) {
  boost::asio::io_context context;
  HttpClient client(context);
  Peer peer([](Connection& connection) { connection.await_close(); });
  const auto number = client.send(request_to(peer), [](const HttpResponse&) { FAIL() << "was cancelled"; });
  boost::asio::post(context, [&] { client.cancel(number); });
  const auto begin = base::steady_now();
  context.run();
  EXPECT_LT(base::steady_now() - begin, 5s);
  client.cancel(number);      // twice does no harm
  client.cancel(number + 1);  // nor does a number never given
}

TEST(HttpClient, DestroyingItCancelsWhatIsUnderWay) {
  boost::asio::io_context context;
  auto client = std::make_unique<HttpClient>(context);
  Peer peer([](Connection& connection) { connection.await_close(); });
  for (int i = 0; i < 3; ++i) client->send(request_to(peer), [](const HttpResponse&) { FAIL() << "was cancelled"; });
  boost::asio::post(context, [&] { client.reset(); });
  context.run();
}

TEST(HttpClient, MayBeDestroyedInACallback) {
  boost::asio::io_context context;
  auto client = std::make_unique<HttpClient>(context);
  Peer peer(answering(ok_hello));
  bool called = false;
  client->send(request_to(peer), [&](const HttpResponse& response) {
    EXPECT_EQ(response.status, 200U);
    client.reset();
    called = true;
  });
  context.run();
  EXPECT_TRUE(called);
}

}  // namespace
}  // namespace gslb::net
