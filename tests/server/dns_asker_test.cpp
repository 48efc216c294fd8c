#include "server/dns_asker.hpp"

#include <gmock/gmock.h>
#include <ldns/ldns.h>
#undef bool
#undef true
#undef false

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>

namespace gslb::server {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using Bytes = std::vector<std::uint8_t>;

enum class Say { answer, truncated, refused, not_authoritative, nothing };

/// What a name server that ldns writes for would say.
Bytes reply_to(std::span<const std::uint8_t> query, Say say, const char* record) {
  ldns_pkt* packet = nullptr;
  EXPECT_EQ(ldns_wire2pkt(&packet, query.data(), query.size()), LDNS_STATUS_OK);
  ldns_pkt_set_qr(packet, 1);
  ldns_pkt_set_aa(packet, say != Say::not_authoritative);
  ldns_pkt_set_tc(packet, say == Say::truncated);
  ldns_pkt_set_rcode(packet, say == Say::refused ? LDNS_RCODE_REFUSED : LDNS_RCODE_NOERROR);
  if (say == Say::answer) {
    ldns_rr* rr = nullptr;
    EXPECT_EQ(ldns_rr_new_frm_str(&rr, record, 0, nullptr, nullptr), LDNS_STATUS_OK);
    ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, rr);
  }
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(ldns_pkt2wire(&wire, packet, &size), LDNS_STATUS_OK);
  Bytes out(wire, wire + size);
  free(wire);
  ldns_pkt_free(packet);
  return out;
}

constexpr const char* ds =
    "example.org. 3600 IN DS 4711 13 2 "
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A name server on loopback: over UDP it says one thing after the other, over TCP always the same.
class DnsAsker : public testing::Test {
 protected:
  /// Where something stays silent the asker's patience is short, else long: a busy machine is no silence.
  base::Result<std::vector<Answered>> ask(std::vector<Say> over_udp, Say over_tcp = Say::answer) {
    const bool silent = over_tcp == Say::nothing || std::ranges::find(over_udp, Say::nothing) != over_udp.end();
    const auto patience = std::chrono::milliseconds(silent ? 300 : 15'000);
    says_ = std::move(over_udp);
    tcp_says_ = over_tcp;
    receive();
    accept();
    base::Result<std::vector<Answered>> out = base::Error{"never told"};
    const base::SocketAddress server{base::IpAddress::v4(0x7f000001), udp_.local_endpoint().port()};
    ask_server(
        context_, server, *dns::Name::parse("example.org."), dns::Rtype::DS,
        [&](auto answer) {
          out = std::move(answer);
          context_.stop();
        },
        patience);
    context_.run_for(std::chrono::seconds(20));
    return out;
  }

  void receive() {
    udp_.async_receive_from(asio::buffer(buffer_), from_,
                            [this](const boost::system::error_code& error, std::size_t n) {
                              if (error) return;
                              const std::span query(buffer_.data(), n);
                              ids_.push_back(buffer_[0] << 8 | buffer_[1]);
                              ports_.push_back(from_.port());
                              const Say say = says_.empty() ? Say::nothing : says_.front();
                              if (!says_.empty()) says_.erase(says_.begin());
                              if (forge_) {
                                Bytes forged = reply_to(query, Say::answer, "example.org. 3600 IN DS 1 13 2 00");
                                forged[1] ^= 1;
                                udp_.send_to(asio::buffer(forged), from_);
                              }
                              if (say != Say::nothing) udp_.send_to(asio::buffer(reply_to(query, say, ds)), from_);
                              receive();
                            });
  }

  void accept() {
    acceptor_.async_accept(peer_, [this](const boost::system::error_code& error) {
      if (error || tcp_says_ == Say::nothing) return;
      asio::async_read(peer_, asio::buffer(buffer_, 2), [this](const boost::system::error_code&, std::size_t) {
        const std::size_t size = static_cast<std::size_t>(buffer_[0] << 8 | buffer_[1]);
        asio::async_read(peer_, asio::buffer(buffer_, size), [this](const boost::system::error_code&, std::size_t n) {
          Bytes reply = reply_to(std::span(buffer_.data(), n), tcp_says_, ds);
          framed_ = {static_cast<std::uint8_t>(reply.size() >> 8), static_cast<std::uint8_t>(reply.size() & 0xff)};
          framed_.insert(framed_.end(), reply.begin(), reply.end());
          asio::async_write(peer_, asio::buffer(framed_), [](const boost::system::error_code&, std::size_t) {});
        });
      });
    });
  }

  asio::io_context context_{1};
  udp::socket udp_{context_, udp::endpoint(asio::ip::address_v4::loopback(), 0)};
  asio::ip::tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), udp_.local_endpoint().port()}};
  asio::ip::tcp::socket peer_{context_};
  udp::endpoint from_;
  std::array<std::uint8_t, 4096> buffer_{};
  Bytes framed_;
  std::vector<Say> says_;
  Say tcp_says_ = Say::answer;
  bool forge_ = false;
  std::vector<int> ids_;
  std::vector<std::uint16_t> ports_;
};

TEST_F(DnsAsker, GivesTheRecordsOfTheAnswer) {
  const auto answer = ask({Say::answer});
  ASSERT_TRUE(answer) << answer.error().what;
  ASSERT_EQ(answer->size(), 1U);
  EXPECT_EQ(answer->front().type, static_cast<std::uint16_t>(dns::Rtype::DS));
  EXPECT_EQ(answer->front().ttl, 3600U);
  EXPECT_EQ(answer->front().rdata.size(), 36U);
}

// RFC 5452 section 9.2: another ID and another port for each try.
TEST_F(DnsAsker, AsksAgainWhereNothingComes) {
  ASSERT_TRUE(ask({Say::nothing, Say::answer}));
  ASSERT_EQ(ids_.size(), 2U);
  EXPECT_TRUE(ids_[0] != ids_[1] || ports_[0] != ports_[1]);
}

TEST_F(DnsAsker, GivesUpOnASilentServer) {
  EXPECT_EQ(ask({Say::nothing, Say::nothing}).error().what, "does not answer");
}

// RFC 5452 section 9.1.
TEST_F(DnsAsker, GoesOnWaitingAfterAForgery) {
  forge_ = true;
  const auto answer = ask({Say::answer});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->front().rdata.size(), 36U);
}

// RFC 7766 section 5.
TEST_F(DnsAsker, AsksOverTcpWhatIsTruncatedOverUdp) { EXPECT_EQ(ask({Say::truncated})->size(), 1U); }

TEST_F(DnsAsker, BelievesNoTruncationOverTcp) {
  EXPECT_EQ(ask({Say::truncated}, Say::truncated).error().what, "truncates over TCP");
}

TEST_F(DnsAsker, GivesUpOnAServerThatIsSilentOverTcp) {
  EXPECT_EQ(ask({Say::truncated}, Say::nothing).error().what, "over TCP: does not answer");
}

TEST_F(DnsAsker, TakesNoRefusalForAnAnswer) { EXPECT_EQ(ask({Say::refused}).error().what, "answers with RCODE 5"); }

TEST_F(DnsAsker, WantsAuthoritativeAnswers) {
  EXPECT_EQ(ask({Say::not_authoritative}).error().what, "is not authoritative");
}

}  // namespace
}  // namespace gslb::server
