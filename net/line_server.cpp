#include "net/line_server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <unordered_set>
#include <vector>

#include "net/endpoint.hpp"
#include "net/listener.hpp"

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t most_connections = 256;
constexpr std::size_t longest_line = 256;
constexpr std::chrono::seconds patience{1};  // for the line, and again for the answer to be taken

class Conversation;
struct Shared {
  LineServer::Answer answer;
  std::unordered_set<std::shared_ptr<Conversation>> open;
};

class Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  Conversation(Shared& shared, StreamSocket socket)
      : shared_(shared), timer_(socket.get_executor()), socket_(std::move(socket)) {}

  void begin() {
    arm([](Conversation& self) { self.reply({}); });
    read();
  }

  void close() {
    closed_ = true;
    error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
  }

 private:
  void arm(void (*late)(Conversation&)) {
    timer_.expires_after(patience);
    timer_.async_wait([self = shared_from_this(), late](const error_code& error) {
      if (!error && !self->closed_) late(*self);
    });
  }

  void read() {
    socket_.async_read_some(asio::buffer(octets_.data() + filled_, octets_.size() - filled_),
                            [self = shared_from_this()](const error_code& error, std::size_t got) {
                              if (!self->closed_ && !self->answered_) self->heard(error, got);
                            });
  }

  void heard(const error_code& error, std::size_t got) {
    filled_ += got;
    const std::string_view text(octets_.data(), filled_);
    const std::size_t end = text.find('\n');
    if (end != std::string_view::npos) return reply(text.substr(0, end - (end > 0 && text[end - 1] == '\r' ? 1 : 0)));
    if (error == asio::error::eof) return reply(text);
    if (error || filled_ == octets_.size()) return end_it();
    read();
  }

  void reply(std::string_view line) {
    answered_ = true;
    said_ = shared_.answer(line);
    arm([](Conversation& self) { self.end_it(); });
    asio::async_write(socket_, asio::buffer(said_), [self = shared_from_this()](const error_code&, std::size_t) {
      if (self->closed_) return;
      error_code ignored;
      self->socket_.shutdown(StreamSocket::shutdown_send, ignored);
      self->end_it();
    });
  }

  void end_it() {
    const auto self = shared_from_this();
    shared_.open.erase(self);
    close();
  }

  Shared& shared_;  // not used once closed_
  SteadyTimer timer_;
  StreamSocket socket_;
  std::array<char, longest_line> octets_{};
  std::size_t filled_ = 0;
  std::string said_;
  bool answered_ = false, closed_ = false;
};

}  // namespace

struct LineServer::Impl {
  void welcome(StreamSocket socket) {
    if (shared.open.size() >= most_connections) return;
    const auto one = std::make_shared<Conversation>(shared, std::move(socket));
    shared.open.insert(one);
    one->begin();
  }

  asio::io_context& context;
  Shared shared;
  std::vector<std::shared_ptr<Listener>> listeners;
};

LineServer::LineServer(asio::io_context& context, Answer answer)
    : impl_(std::make_unique<Impl>(Impl{context, {std::move(answer), {}}, {}})) {}

LineServer::~LineServer() {
  for (const auto& listener : impl_->listeners) listener->close();
  for (const auto& one : impl_->shared.open) one->close();
}

base::Result<std::uint16_t> LineServer::listen(const base::SocketAddress& address) {
  const auto listener = std::make_shared<Listener>(
      impl_->context, [impl = impl_.get()](StreamSocket socket) { impl->welcome(std::move(socket)); });
  if (const auto opened = listener->open(tcp_endpoint(address), base::to_string(address)); !opened)
    return opened.error();
  listener->accept();
  impl_->listeners.push_back(listener);
  return port_of(listener->local_endpoint());
}

}  // namespace gslb::net
