#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <string>

#include "net/http_client.hpp"
#include "tests/net/certificates.hpp"
#include "tests/net/peer.hpp"

namespace gslb::net {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;

constexpr std::string_view ok_hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// Reads one request and answers with `octets`.
std::function<void(SSL*)> answering(std::string_view octets) {
  return [octets](SSL* ssl) {
    char request[2048];
    if (SSL_read(ssl, request, sizeof request) > 0) SSL_write(ssl, octets.data(), static_cast<int>(octets.size()));
  };
}

Peer tls_peer(const Certificates::Pair& pair, std::string_view octets = ok_hello, bool close_notify = true) {
  return Peer(over_tls(pair.certificate, pair.key, answering(octets), close_notify));
}

HttpRequest request_to(const Peer& peer, const std::string& sni) {
  HttpRequest request;
  request.to = peer.address();
  request.tls = true;
  request.tls_options.sni = sni;
  request.tls_options.ca_file = Certificates::get().ca();
  request.deadline = base::steady_now() + 10s;
  return request;
}

TEST(HttpsClient, AcceptsACertificateForTheName) {
  const Peer peer = tls_peer(Certificates::get().valid());
  const HttpResponse response = http_request_blocking(request_to(peer, "www.example.org"));
  EXPECT_EQ(response.reached, Phase::done) << response.problem;
  EXPECT_EQ(response.body, "hello");
}

TEST(HttpsClient, AcceptsACertificateForTheAddressIfThereIsNoName) {
  const Peer peer = tls_peer(Certificates::get().valid());
  const HttpResponse response = http_request_blocking(request_to(peer, ""));
  EXPECT_EQ(response.reached, Phase::done) << response.problem;
}

// RFC 6066 section 3: the name is sent, an address never is.
TEST(HttpsClient, SendsTheNameButNeverAnAddress) {
  const auto pair = Certificates::get().valid();
  std::string seen;
  {
    const Peer peer(over_tls(pair.certificate, pair.key, [&seen](SSL* ssl) {
      const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
      seen += std::string(name == nullptr ? "none" : name) + ";";
      answering(ok_hello)(ssl);
    }));
    for (const char* sni : {"www.example.org", "", "127.0.0.1"})
      EXPECT_EQ(http_request_blocking(request_to(peer, sni)).problem, "") << sni;
  }
  EXPECT_EQ(seen, "www.example.org;none;none;");
}

TEST(HttpsClient, SaysThatTheCertificateHasExpired) {
  const Peer peer = tls_peer(Certificates::get().expired());
  const HttpResponse response = http_request_blocking(request_to(peer, "www.example.org"));
  EXPECT_EQ(response.reached, Phase::tls);
  EXPECT_EQ(response.problem, "certificate has expired");
  EXPECT_FALSE(response.timed_out);
  EXPECT_GT(response.time(Phase::connect).count(), 0);
}

TEST(HttpsClient, SaysThatTheNameIsNotTheCertificates) {
  const Peer peer = tls_peer(Certificates::get().wrong_name());
  EXPECT_EQ(http_request_blocking(request_to(peer, "www.example.org")).problem, "hostname mismatch");
  EXPECT_EQ(http_request_blocking(request_to(peer, "")).problem, "IP address mismatch");
}

TEST(HttpsClient, SaysThatTheIssuerIsUnknown) {
  const Peer peer = tls_peer(Certificates::get().valid());
  HttpRequest request = request_to(peer, "www.example.org");
  request.tls_options.ca_file.clear();
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::tls);
  EXPECT_EQ(response.problem, "unable to get local issuer certificate");
}

TEST(HttpsClient, WithoutVerificationAnyCertificateWillDo) {
  const Peer peer = tls_peer(Certificates::get().expired());
  HttpRequest request = request_to(peer, "www.example.org");
  request.tls_options.verify = false;
  EXPECT_EQ(http_request_blocking(request).body, "hello");
}

TEST(HttpsClient, SaysThatThePeerDoesNotSpeakTls) {
  const Peer peer([](Connection& connection) {
    connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.await_close();
  });
  const HttpResponse response = http_request_blocking(request_to(peer, "www.example.org"));
  EXPECT_EQ(response.reached, Phase::tls);
  EXPECT_EQ(response.problem, "wrong version number");
}

TEST(HttpsClient, SaysThatTheHandshakeWasCutOff) {
  const Peer peer([](Connection& connection) { connection.read_until("\x01"); });
  const HttpResponse response = http_request_blocking(request_to(peer, "www.example.org"));
  EXPECT_EQ(response.reached, Phase::tls);
  EXPECT_THAT(response.problem, AnyOf("connection closed in the handshake", "connection reset by peer"));
}

TEST(HttpsClient, TimesOutInTheHandshake) {
  const Peer peer([](Connection& connection) { connection.await_close(); });
  HttpRequest request = request_to(peer, "www.example.org");
  request.deadline = base::steady_now() + 50ms;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::tls);
  EXPECT_TRUE(response.timed_out);
}

TEST(HttpsClient, ReportsACaFileThatCannotBeRead) {
  const Peer peer = tls_peer(Certificates::get().valid());
  HttpRequest request = request_to(peer, "www.example.org");
  request.tls_options.ca_file = "/nonexistent/ca.pem";
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::tls);
  EXPECT_THAT(response.problem, HasSubstr("cannot read CA file /nonexistent/ca.pem"));
}

// RFC 8446 section 6.1: without close_notify the end of the connection proves nothing, unless the length is known.
TEST(HttpsClient, AMissingCloseNotifyMattersOnlyIfTheLengthIsUnknown) {
  const auto pair = Certificates::get().valid();
  const Peer known = tls_peer(pair, ok_hello, false);
  EXPECT_EQ(http_request_blocking(request_to(known, "www.example.org")).body, "hello");

  const Peer open_ended = tls_peer(pair, "HTTP/1.1 200 OK\r\n\r\nhello", false);
  const HttpResponse cut = http_request_blocking(request_to(open_ended, "www.example.org"));
  EXPECT_EQ(cut.reached, Phase::body);
  EXPECT_THAT(cut.problem, HasSubstr("without close_notify"));

  const Peer ended = tls_peer(pair, "HTTP/1.1 200 OK\r\n\r\nhello", true);
  EXPECT_EQ(http_request_blocking(request_to(ended, "www.example.org")).body, "hello");
}

TEST(HttpsClient, ReadsAChangedCaFileAgainAndKeepsTheLastGoodOne) {
  const Certificates& made = Certificates::get();
  const Peer peer = tls_peer(made.valid());
  const auto ca = std::filesystem::path(made.folder()) / "changing-ca.pem";
  auto replace = [&ca, stamp = std::filesystem::file_time_type::clock::now()](const std::string& by) mutable {
    std::filesystem::copy_file(by, ca, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::last_write_time(ca, stamp += 1s);
  };
  boost::asio::io_context context;
  HttpClient client(context);
  const auto ask = [&] {
    HttpRequest request = request_to(peer, "www.example.org");
    request.tls_options.ca_file = ca.string();
    std::string problem = "not called";
    client.send(request, [&problem](const HttpResponse& response) { problem = response.problem; });
    context.restart();
    context.run();
    return problem;
  };

  replace(made.wrong_name().certificate);
  EXPECT_EQ(ask(), "unable to get local issuer certificate");
  replace(made.ca());
  EXPECT_EQ(ask(), "");
  replace(made.valid().key);  // not a certificate at all
  EXPECT_EQ(ask(), "");
}

}  // namespace
}  // namespace gslb::net
