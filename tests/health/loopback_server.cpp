#include "tests/health/loopback_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>
#include <utility>

namespace gslb::health {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Reaction answer(unsigned status, const std::string& body, const std::string& more_headers) {
  return {"HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
          more_headers + "\r\n" + body};
}

struct LoopbackServer::Impl : std::enable_shared_from_this<Impl> {
  struct Session {
    explicit Session(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    std::string request;
    std::string reply;
  };

  Impl(asio::io_context& context, Play p)
      : acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), play(std::move(p)) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      if (error) return;
      ++self->connections;
      ++self->open;
      self->read(std::make_shared<Session>(std::move(socket)));
      self->accept();
    });
  }

  void read(std::shared_ptr<Session> session) {
    auto& in = *session;
    asio::async_read_until(
        in.socket, asio::dynamic_buffer(in.request), "\r\n\r\n",
        [self = shared_from_this(), session = std::move(session)](const error_code& error, std::size_t) {
          if (error) {
            --self->open;
            return;
          }
          self->last_request = session->request;
          self->react(session);
        });
  }

  void react(const std::shared_ptr<Session>& session) {
    Reaction reaction = play(session->request);
    session->reply = std::move(reaction.octets);
    asio::async_write(session->socket, asio::buffer(session->reply),
                      [self = shared_from_this(), session, hang = reaction.hang](const error_code&, std::size_t) {
                        if (!hang) session->socket.shutdown(tcp::socket::shutdown_send, self->ignored);
                        self->await_close(session);
                      });
  }

  void await_close(const std::shared_ptr<Session>& session) {
    session->reply.resize(1);
    session->socket.async_read_some(asio::buffer(session->reply),
                                    [self = shared_from_this(), session](const error_code& error, std::size_t) {
                                      if (!error) return self->await_close(session);
                                      --self->open;
                                    });
  }

  tcp::acceptor acceptor;
  Play play;
  unsigned connections = 0;
  unsigned open = 0;
  std::string last_request;
  error_code ignored;
};

LoopbackServer::LoopbackServer(asio::io_context& context, Play play)
    : impl_(std::make_shared<Impl>(context, std::move(play))) {
  impl_->accept();
}
LoopbackServer::~LoopbackServer() { impl_->acceptor.close(); }
std::uint16_t LoopbackServer::port() const { return impl_->acceptor.local_endpoint().port(); }
unsigned LoopbackServer::connections() const { return impl_->connections; }
unsigned LoopbackServer::open_connections() const { return impl_->open; }
const std::string& LoopbackServer::last_request() const { return impl_->last_request; }

// Bound but not listening: nobody else gets the port, and connecting to it is refused.
RefusedPort::RefusedPort() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* native = reinterpret_cast<sockaddr*>(&address);
  if (::bind(descriptor_, native, size) != 0 || ::getsockname(descriptor_, native, &size) != 0)
    throw std::runtime_error("cannot bind on loopback");
  port_ = ntohs(address.sin_port);
}
RefusedPort::~RefusedPort() { ::close(descriptor_); }

Target loopback_target(std::uint16_t port, ProbeKind kind) {
  using namespace std::chrono_literals;
  Target target{base::IpAddress::v4(INADDR_LOOPBACK), {}};
  target.monitor.kind = kind;
  target.monitor.port = port;
  target.monitor.host = "www.example.org";
  target.monitor.interval = 50ms;
  target.monitor.timeout = 10s;
  return target;
}

bool run_until(asio::io_context& context, const std::function<bool()>& condition) {
  const auto deadline = base::steady_now() + std::chrono::seconds(20);
  while (!condition()) {
    if (base::steady_now() > deadline) return false;
    context.restart();
    context.run_one_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace gslb::health
