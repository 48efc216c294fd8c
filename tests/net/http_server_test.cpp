#include "net/http_server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "net/http_client.hpp"
#include "tests/net/peer.hpp"

namespace gslb::net {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

void echo(const ServerRequest& request, const HttpServer::Reply& reply) {
  reply({.status = 200,
         .content_type = "text/plain",
         .body = request.method + " " + request.target + " " + request.body,
         .headers = {{"X-Test", "yes"}}});
}

/// A server on a thread of its own, on a TCP port of loopback.
class Running {
 public:
  explicit Running(HttpServer::Handler handler = echo, HttpServerLimits limits = {})
      : server_(std::make_unique<HttpServer>(context_, std::move(handler), limits)) {
    const auto port = server_->listen_tcp({base::parse_address("127.0.0.1").value(), 0});
    address_ = {base::parse_address("127.0.0.1").value(), port.value()};
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~Running() {
    boost::asio::post(context_, [this] {
      server_.reset();
      work_.reset();
    });
  }
  base::SocketAddress address() const { return address_; }

  /// A raw connection, for what the client would never send.
  Connection connect() const {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    return Connection(descriptor);
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = make_work_guard(context_);
  std::unique_ptr<HttpServer> server_;
  base::SocketAddress address_;
  std::jthread thread_;
};

TEST(HttpServer, AnswersTheClientOfThisFolder) {
  const Running server;
  HttpRequest request;
  request.to = server.address();
  request.method = "POST";
  request.target = "/a?b=c";
  request.body = "hello";
  request.deadline = base::steady_now() + 10s;
  const HttpResponse response = http_request_blocking(request);
  EXPECT_EQ(response.reached, Phase::done) << response.problem;
  EXPECT_EQ(response.body, "POST /a?b=c hello");
  EXPECT_THAT(response.headers, testing::Contains(testing::Pair("x-test", "yes")));
}

// RFC 9112 section 9.3: connections persist unless one side says close; answers come in the order of requests.
TEST(HttpServer, AnswersOneRequestAfterAnotherOnAConnection) {
  const Running server;
  const Connection connection = server.connect();
  connection.write("GET /1 HTTP/1.1\r\n\r\n");
  EXPECT_THAT(connection.read_until("GET /1 "), StartsWith("HTTP/1.1 200 OK\r\n"));
  connection.write("GET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(connection.read_until("GET /2 "), HasSubstr("Connection: keep-alive\r\n"));
  EXPECT_THAT(connection.read_until("never"), EndsWith("Connection: close\r\nX-Test: yes\r\n\r\nGET /3 "));
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  const Running server;
  const Connection connection = server.connect();
  connection.write("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(connection.read_until("never"), testing::AllOf(HasSubstr("Content-Length: 7\r\n"), EndsWith("\r\n\r\n")));
}

TEST(HttpServer, TheHandlerMayAnswerLater) {
  boost::asio::io_context context;
  HttpServer::Reply later;
  HttpServer server(context, [&later](const ServerRequest&, HttpServer::Reply reply) { later = std::move(reply); });
  const auto port = server.listen_tcp({base::parse_address("127.0.0.1").value(), 0});
  HttpClient client(context);
  HttpRequest request;
  request.to = {base::parse_address("127.0.0.1").value(), port.value()};
  request.deadline = base::steady_now() + 10s;
  std::optional<HttpResponse> response;
  client.send(request, [&response](HttpResponse r) { response = std::move(r); });
  while (!later) context.run_one();
  EXPECT_FALSE(response);
  later({.status = 202, .content_type = "text/plain", .body = "first", .headers = {}});
  later({.status = 500, .content_type = "text/plain", .body = "second", .headers = {}});  // is ignored
  while (!response) context.run_one();
  EXPECT_EQ(response->status, 202U);
  EXPECT_EQ(response->body, "first");
}

TEST(HttpServer, AReplyAfterTheEndOfTheServerDoesNothing) {
  boost::asio::io_context context;
  HttpServer::Reply later;
  auto server = std::make_unique<HttpServer>(
      context, [&later](const ServerRequest&, HttpServer::Reply reply) { later = std::move(reply); });
  const auto port = server->listen_tcp({base::parse_address("127.0.0.1").value(), 0});
  HttpClient client(context);
  HttpRequest request;
  request.to = {base::parse_address("127.0.0.1").value(), port.value()};
  request.deadline = base::steady_now() + 10s;
  std::optional<HttpResponse> response;
  client.send(request, [&response](HttpResponse r) { response = std::move(r); });
  while (!later) context.run_one();
  server.reset();
  later({});
  while (!response) context.run_one();
  EXPECT_NE(response->reached, Phase::done);
}

// RFC 6585 section 5, RFC 9110 section 15.5.14
TEST(HttpServer, RefusesWhatIsTooLong) {
  const Running server(echo, {.header_octets = 1000, .body_octets = 1000});
  const Connection header = server.connect();
  header.write("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  EXPECT_THAT(header.read_until("never"), StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));

  const Connection body = server.connect();
  body.write("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100000, 'x'));
  EXPECT_THAT(body.read_until("never"), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, RefusesWhatIsNotHttp) {
  const Running server;
  const Connection connection = server.connect();
  connection.write("\x16\x03\x01\x02\x00\x01\x00 hello\r\n\r\n");
  EXPECT_THAT(connection.read_until("never"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST(HttpServer, DoesNotWaitForeverForARequest) {
  const Running server(echo, {.read_timeout = 50ms});
  const Connection slow = server.connect();
  slow.write("GET / HTTP/1.1\r\n");
  EXPECT_THAT(slow.read_until("never"), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  const Connection idle = server.connect();
  EXPECT_EQ(idle.read_until("never"), "");
}

TEST(HttpServer, TellsConnectionsBeyondTheLimitSoAndRecovers) {
  const Running server(echo, {.connections = 1});
  {
    const Connection first = server.connect();
    first.write("GET /first HTTP/1.1\r\n\r\n");
    first.read_until("GET /first ");
    const Connection second = server.connect();
    second.write("GET /second HTTP/1.1\r\n\r\n");
    EXPECT_THAT(second.read_until("never"), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  }
  const auto until = base::steady_now() + 10s;
  std::string answer;
  while (answer.find(" 200 ") == std::string::npos && base::steady_now() < until) {
    const Connection third = server.connect();
    third.write("GET /third HTTP/1.1\r\nConnection: close\r\n\r\n");
    answer = third.read_until("never");
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
}

class UnixSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gslb-socket-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = (folder_ / "control.sock").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// A socket file as a killed process leaves it.
  void leave_stale() const {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(descriptor);
  }

  std::filesystem::path folder_;
  std::string path_;
  boost::asio::io_context context_;
};

TEST_F(UnixSocket, IsOpenToOwnerAndGroupOnlyAndGoesWithTheServer) {
  {
    HttpServer server(context_, echo);
    ASSERT_TRUE(server.listen_unix(path_));
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0660U);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocket, AnswersTheClientOfThisFolder) {
  HttpServer server(context_, echo);
  ASSERT_TRUE(server.listen_unix(path_));
  HttpClient client(context_);
  HttpRequest request;
  request.unix_path = path_;
  request.deadline = base::steady_now() + 10s;
  std::optional<HttpResponse> response;
  client.send(request, [&response](HttpResponse r) { response = std::move(r); });
  while (!response) context_.run_one();
  EXPECT_EQ(response->body, "GET / ");
}

TEST_F(UnixSocket, ReplacesWhatADeadProcessLeft) {
  leave_stale();
  HttpServer server(context_, echo);
  const auto listening = server.listen_unix(path_);
  EXPECT_TRUE(listening) << listening.error().what;
}

TEST_F(UnixSocket, DoesNotTakeALiveProcessesPlace) {
  HttpServer first(context_, echo);
  ASSERT_TRUE(first.listen_unix(path_));
  {
    HttpServer second(context_, echo);
    const auto listening = second.listen_unix(path_);
    ASSERT_FALSE(listening);
    EXPECT_EQ(listening.error().what, "another process already listens on " + path_);
  }
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(UnixSocket, LeavesOtherFilesAlone) {
  std::ofstream(path_) << "precious";
  HttpServer server(context_, echo);
  const auto listening = server.listen_unix(path_);
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().what, path_ + " exists and is not a socket");
  EXPECT_TRUE(std::filesystem::is_regular_file(path_));
}

TEST_F(UnixSocket, DoesNotRemoveTheSocketOfItsSuccessor) {
  auto first = std::make_unique<HttpServer>(context_, echo);
  ASSERT_TRUE(first->listen_unix(path_));
  std::filesystem::rename(path_, path_ + ".old");
  HttpServer successor(context_, echo);
  ASSERT_TRUE(successor.listen_unix(path_));
  first.reset();
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(UnixSocket, SaysWhyItCannotBeMade) {
  HttpServer server(context_, echo);
  const auto listening = server.listen_unix("/nonexistent/control.sock");
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().what, "cannot listen on /nonexistent/control.sock: No such file or directory");
}

}  // namespace
}  // namespace gslb::net
