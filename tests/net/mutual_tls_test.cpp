#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <memory>
#include <thread>

#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "tests/net/certificates.hpp"
#include "tests/net/peer.hpp"

namespace gslb::net {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;

void name_the_peer(const ServerRequest& request, const HttpServer::Reply& reply) {
  std::string names;
  for (const std::string& name : request.peer) names.append(name).append(";");
  reply({.status = 200, .content_type = "text/plain", .body = names + request.body, .headers = {}});
}

MutualTls as(const Certificates::Pair& pair) {
  return {.certificate = pair.certificate, .key = pair.key, .client_ca = Certificates::get().ca()};
}

/// A server on a thread of its own, on a port of loopback.
class MutualServer {
 public:
  explicit MutualServer(const MutualTls& files, HttpServerLimits limits = {})
      : server_(std::make_unique<HttpServer>(context_, name_the_peer, limits)) {
    address_ = {base::parse_address("127.0.0.1").value(), 0};
    address_.port = server_->listen_tls(address_, files).value();
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~MutualServer() {
    boost::asio::post(context_, [this] {
      server_.reset();
      work_.reset();
    });
  }
  base::SocketAddress address() const { return address_; }

  Connection connect() const {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    return Connection(descriptor);
  }

  HttpResponse ask(const Certificates::Pair& shown, std::string body = {}) const {
    HttpRequest request;
    request.to = address_;
    request.tls = true;
    request.method = "POST";
    request.tls_options = {.sni = "www.example.org",
                           .ca_file = Certificates::get().ca(),
                           .certificate = shown.certificate,
                           .key = shown.key};
    request.body = std::move(body);
    request.body_limit = 1 << 20;
    request.deadline = base::steady_now() + 10s;
    return http_request_blocking(std::move(request));
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = make_work_guard(context_);
  std::unique_ptr<HttpServer> server_;
  base::SocketAddress address_;
  std::jthread thread_;
};

const Certificates& made() { return Certificates::get(); }

TEST(MutualTls, TellsWhoAsks) {
  const MutualServer server(as(made().valid()));
  const HttpResponse response = server.ask(made().vantage(), "hello");
  EXPECT_EQ(response.reached, Phase::done) << response.problem;
  EXPECT_EQ(response.body, "fra-1;hello");
  EXPECT_EQ(server.ask(made().valid()).body, "www.example.org;");
}

TEST(MutualTls, ACertificateWithoutADnsNameIsKnownByItsCommonName) {
  const MutualServer server(as(made().valid()));
  EXPECT_EQ(server.ask(made().unnamed()).body, "test;");
}

TEST(MutualTls, CarriesLargeBodies) {
  const MutualServer server(as(made().valid()));
  const std::string body(262'144, 'x');
  EXPECT_EQ(server.ask(made().vantage(), body).body, "fra-1;" + body);
}

// With TLS 1.3 the client's handshake is over before the server has seen the certificate (RFC 8446 section 2).
TEST(MutualTls, WithoutACertificateOrWithOneThatIsOverNobodyGetsIn) {
  const MutualServer server(as(made().valid()));
  for (const Certificates::Pair& shown : {Certificates::Pair{}, made().expired()}) {
    const HttpResponse response = server.ask(shown);
    EXPECT_NE(response.reached, Phase::done);
    EXPECT_EQ(response.status, 0U);
    EXPECT_NE(response.problem, "");
  }
  EXPECT_EQ(server.ask(made().vantage()).body, "fra-1;");
}

TEST(MutualTls, ACertificateOfAnotherAuthorityIsRefused) {
  MutualTls files = as(made().valid());
  files.client_ca = made().wrong_name().certificate;
  const MutualServer server(files);
  EXPECT_NE(server.ask(made().vantage()).reached, Phase::done);
}

TEST(MutualTls, TheClientShowsNothingThatItCannotRead) {
  const MutualServer server(as(made().valid()));
  EXPECT_THAT(server.ask({"/nonexistent/fra-1.pem", made().vantage().key}).problem,
              HasSubstr("cannot use certificate /nonexistent/fra-1.pem"));
  EXPECT_THAT(server.ask({made().vantage().certificate, made().valid().key}).problem,
              HasSubstr("cannot use key " + made().valid().key));
}

TEST(MutualTls, FilesThatAreNoCertificatesAreAnErrorAtTheStart) {
  boost::asio::io_context context{1};
  HttpServer server(context, name_the_peer);
  const base::SocketAddress loopback{base::parse_address("127.0.0.1").value(), 0};
  MutualTls files = as(made().valid());
  files.client_ca = "/nonexistent/ca.pem";
  EXPECT_THAT(server.listen_tls(loopback, files).error().what, HasSubstr("cannot read CA file /nonexistent/ca.pem"));
  files = as(made().valid());
  files.key = made().vantage().key;
  EXPECT_THAT(server.listen_tls(loopback, files).error().what, HasSubstr("cannot use key " + files.key));
}

TEST(MutualTls, ChangedFilesAreReadAgainAndBadOnesLeaveTheLastInUse) {
  const auto folder = std::filesystem::path(made().folder());
  auto replace = [stamp = std::filesystem::file_time_type::clock::now()](const Certificates::Pair& by,
                                                                         const Certificates::Pair& file) mutable {
    stamp += 1s;
    for (const auto& [from, to] : {std::pair(by.certificate, file.certificate), std::pair(by.key, file.key)}) {
      std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
      std::filesystem::last_write_time(to, stamp);
    }
  };
  const Certificates::Pair changing{(folder / "changing.pem").string(), (folder / "changing.key").string()};
  replace(made().wrong_name(), changing);
  const MutualServer server(as(changing));
  EXPECT_EQ(server.ask(made().vantage()).problem, "hostname mismatch");
  replace(made().valid(), changing);
  EXPECT_EQ(server.ask(made().vantage()).body, "fra-1;");
  replace({made().wrong_name().certificate, made().valid().key}, changing);
  EXPECT_EQ(server.ask(made().vantage()).body, "fra-1;");
}

TEST(MutualTls, AConnectionThatNeverShakesHandsIsLetGo) {
  const MutualServer server(as(made().valid()), {.read_timeout = 50ms});
  const Connection idle = server.connect();
  idle.await_close();
}

TEST(MutualTls, AConnectionBeyondTheMostIsClosedAtOnce) {
  const MutualServer server(as(made().valid()), {.connections = 1, .read_timeout = 10s});
  const Connection first = server.connect();
  const Connection second = server.connect();
  second.await_close();
}

TEST(MutualTls, PlainHttpIsNotServed) {
  const MutualServer server(as(made().valid()));
  const Connection plain = server.connect();
  plain.write("GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n");
  EXPECT_EQ(plain.read_until("HTTP/1.1").find("HTTP/1.1"), std::string::npos);
}

/// Both ends of a session over one connection, as a client of OpenSSL's own speaks it.
TEST(MutualTls, OneConnectionCarriesManyRequests) {
  const MutualServer server(as(made().valid()));
  const Connection connection = server.connect();
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_use_certificate_chain_file(context.get(), made().vantage().certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), made().vantage().key.c_str(), SSL_FILETYPE_PEM);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
  SSL_set_fd(ssl.get(), connection.descriptor());
  ASSERT_EQ(SSL_connect(ssl.get()), 1);
  for (const char* header : {"", "Connection: close\r\n"}) {
    const std::string request = std::string("GET / HTTP/1.1\r\nHost: www.example.org\r\n") + header + "\r\n";
    ASSERT_EQ(SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())), static_cast<int>(request.size()));
    std::string answer;
    char octets[512];
    while (answer.find("fra-1;") == std::string::npos) {
      const int size = SSL_read(ssl.get(), octets, sizeof octets);
      ASSERT_GT(size, 0) << answer;
      answer.append(octets, static_cast<std::size_t>(size));
    }
    EXPECT_THAT(answer, HasSubstr("200 OK"));
  }
  char octet = 0;
  EXPECT_EQ(SSL_read(ssl.get(), &octet, 1), 0);
  EXPECT_EQ(SSL_get_shutdown(ssl.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN) << "the end is announced";
}

}  // namespace
}  // namespace gslb::net
