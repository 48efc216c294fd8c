#include "server/dns_asker.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <random>

#include "base/clock.hpp"
#include "dns/reply_reader.hpp"

namespace gslb::server {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int udp_tries = 2;

asio::ip::address to_asio(const base::IpAddress& address) {
  if (address.family == base::Family::v4) return asio::ip::address_v4(address.as_v4());
  return asio::ip::address_v6(address.octets);
}

/// One question until its answer; owned by the operations under way.
class Asking : public std::enable_shared_from_this<Asking> {
 public:
  Asking(asio::io_context& context, const base::SocketAddress& server, const dns::Name& qname, dns::Rtype qtype,
         AskDone done, std::chrono::milliseconds patience)
      : address_(to_asio(server.address)),
        port_(server.port),
        qname_(qname),
        qtype_(qtype),
        done_(std::move(done)),
        patience_(patience),
        udp_(context),
        tcp_(context),
        timer_(context) {}

  /// Each try has a port and an ID of its own (RFC 5452 section 9.2).
  void over_udp() {
    if (tries_++ == udp_tries) return finish(base::Error{"does not answer"});
    id_ = static_cast<std::uint16_t>(std::random_device{}());
    query_ = dns::make_query(id_, qname_.wire(), qtype_);
    error_code error;
    udp_ = asio::ip::udp::socket(udp_.get_executor());
    udp_.open(address_.is_v4() ? asio::ip::udp::v4() : asio::ip::udp::v6(), error);
    if (!error) udp_.connect({address_, port_}, error);  // the kernel drops what anybody else sends
    if (!error) udp_.send(asio::buffer(query_), 0, error);
    if (error) return finish(base::Error{error.message()});
    give_up_after_patience();
    receive();
  }

 private:
  void give_up_after_patience() {
    gave_up_ = false;
    timer_.expires_after(patience_);
    timer_.async_wait([self = shared_from_this()](const error_code& stopped) {
      if (stopped) return;
      error_code ignored;
      self->gave_up_ = true;
      self->udp_.close(ignored);
      self->tcp_.close(ignored);
    });
  }

  void receive() {
    udp_.async_receive(asio::buffer(buffer_), [self = shared_from_this()](const error_code& error, std::size_t size) {
      if (self->gave_up_) return self->over_udp();
      if (error) return self->finish(base::Error{error.message()});
      self->received_over_udp(size);
    });
  }

  void received_over_udp(std::size_t size) {
    const auto reply = dns::read_reply(std::span(buffer_).first(size), id_, qname_.wire(), qtype_);
    if (!reply) return receive();  // a forgery or a late one: the true one may still come
    timer_.cancel();
    if (reply->truncated) return over_tcp();
    take(*reply);
  }

  void over_tcp() {
    give_up_after_patience();
    framed_ = {static_cast<std::uint8_t>(query_.size() >> 8), static_cast<std::uint8_t>(query_.size() & 0xff)};
    framed_.insert(framed_.end(), query_.begin(), query_.end());
    tcp_.async_connect({address_, port_}, [self = shared_from_this()](const error_code& error) {
      if (error) return self->tcp_failed(error);
      asio::async_write(self->tcp_, asio::buffer(self->framed_), [self](const error_code& failed, std::size_t) {
        if (failed) return self->tcp_failed(failed);
        self->read_length();
      });
    });
  }

  void read_length() {
    asio::async_read(tcp_, asio::buffer(buffer_, 2), [self = shared_from_this()](const error_code& error, std::size_t) {
      if (error) return self->tcp_failed(error);
      self->read_message(static_cast<std::size_t>(self->buffer_[0] << 8 | self->buffer_[1]));
    });
  }

  void read_message(std::size_t size) {
    asio::async_read(
        tcp_, asio::buffer(buffer_, size), [self = shared_from_this()](const error_code& error, std::size_t got) {
          if (error) return self->tcp_failed(error);
          const auto reply =
              dns::read_reply(std::span(self->buffer_).first(got), self->id_, self->qname_.wire(), self->qtype_);
          if (!reply) return self->finish(reply.error());
          if (reply->truncated) return self->finish(base::Error{"truncates over TCP"});
          self->take(*reply);
        });
  }

  void tcp_failed(const error_code& error) {
    finish(base::Error{"over TCP: " + (gave_up_ ? "does not answer" : error.message())});
  }

  void take(const dns::Reply& reply) {
    if (reply.rcode != dns::Rcode::noerror && reply.rcode != dns::Rcode::nxdomain)
      return finish(base::Error{"answers with RCODE " + std::to_string(static_cast<unsigned>(reply.rcode))});
    if (!reply.authoritative) return finish(base::Error{"is not authoritative"});
    std::vector<Answered> records;
    for (const dns::ReplyRecord& record : reply.answer)
      records.push_back({record.type, record.ttl, {record.rdata.begin(), record.rdata.end()}});
    finish(std::move(records));
  }

  void finish(base::Result<std::vector<Answered>> result) {
    timer_.cancel();
    if (done_) std::exchange(done_, nullptr)(std::move(result));
  }

  asio::ip::address address_;
  std::uint16_t port_;
  dns::Name qname_;
  dns::Rtype qtype_;
  AskDone done_;
  std::chrono::milliseconds patience_;  // for each try
  std::uint16_t id_ = 0;
  std::vector<std::uint8_t> query_, framed_;
  asio::ip::udp::socket udp_;
  asio::ip::tcp::socket tcp_;
  asio::steady_timer timer_;
  bool gave_up_ = false;
  int tries_ = 0;
  std::array<std::uint8_t, dns::max_message> buffer_{};
};

}  // namespace

void ask_server(asio::io_context& context, const base::SocketAddress& server, const dns::Name& qname, dns::Rtype qtype,
                AskDone done, std::chrono::milliseconds patience) {
  auto asking = std::make_shared<Asking>(context, server, qname, qtype, std::move(done), patience);
  asio::post(context, [asking] { asking->over_udp(); });
}

}  // namespace gslb::server
