#include "net/tls_server.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>

#include <csignal>
#include <fstream>

#include "tests/net/tls_client.hpp"

namespace gslb::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Status = TlsSession::Status;

class Tls : public ::testing::Test {
 protected:
  Tls() { std::signal(SIGPIPE, SIG_IGN); }

  std::unique_ptr<TlsClient> client(const TlsClient::Options& options = {}) const {
    return std::make_unique<TlsClient>(server, options);
  }
  static std::string read(TlsSession& session) {
    std::array<std::uint8_t, 16384> buffer;
    const auto moved = session.read(buffer);
    return moved.status == Status::done ? std::string(buffer.begin(), buffer.begin() + moved.octets) : "";
  }

  SelfSigned own;
  std::shared_ptr<TicketKeys> tickets = std::make_shared<TicketKeys>();
  std::shared_ptr<const TlsServer> server = own.load(tickets);
};

// RFC 7858 section 3.1, RFC 9539 section 4.6.3.3: ALPN "dot" and none are served alike.
TEST_F(Tls, IsSpokenWithDotAndWithoutAnyProtocol) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto dot = client({.alpn = "\2h2\3dot", .version = version});
    ASSERT_EQ(dot->handshake(), Status::done);
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(dot->ssl, &chosen, &size);
    EXPECT_EQ(std::string(chosen, chosen + size), "dot");
    EXPECT_EQ(client({.version = version})->handshake(), Status::done);
  }
}

// RFC 7301 section 3.2.
TEST_F(Tls, AClientWithOtherProtocolsOnlyIsToldSo) {
  const auto other = client({.alpn = "\2h2\10http/1.1"});
  EXPECT_EQ(other->handshake(), Status::failed);
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
  ERR_clear_error();
}

// RFC 8310 section 9.
TEST_F(Tls, OldVersionsAndCiphersWithoutForwardSecrecyAreRefused) {
  EXPECT_EQ(client({.version = TLS1_1_VERSION})->handshake(), Status::failed);
  EXPECT_EQ(client({.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA256"})->handshake(), Status::failed);
  EXPECT_EQ(client({.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"})->handshake(), Status::done);
  ERR_clear_error();
}

TEST_F(Tls, WhatIsWrittenIsRead) {
  const auto peer = client();
  ASSERT_EQ(peer->handshake(), Status::done);
  SSL_write(peer->ssl, "question", 8);
  peer->deliver(peer->to_send());
  EXPECT_EQ(read(*peer->session), "question");
  const std::string answer = "answer";
  const auto moved = peer->session->write({reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size()});
  EXPECT_EQ(moved.octets, answer.size());
  peer->collect();
  std::array<char, 16> got{};
  EXPECT_EQ(SSL_read(peer->ssl, got.data(), got.size()), 6);
  EXPECT_STREQ(got.data(), "answer");
}

TEST_F(Tls, AnyPiecesWillDo) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto peer = client({.version = version});
    ASSERT_EQ(peer->handshake(1), Status::done);
    SSL_write(peer->ssl, "one", 3);
    SSL_write(peer->ssl, "two", 3);
    std::string got;
    for (const char octet : peer->to_send()) {
      peer->deliver({&octet, 1});
      got += read(*peer->session);
    }
    EXPECT_EQ(got, "onetwo");
  }
}

// Records that came together leave the socket together; the second waits inside.
TEST_F(Tls, SaysWhatIsStillToBeRead) {
  const auto peer = client();
  ASSERT_EQ(peer->handshake(), Status::done);
  SSL_write(peer->ssl, "one", 3);
  SSL_write(peer->ssl, "two", 3);
  peer->deliver(peer->to_send());
  EXPECT_EQ(read(*peer->session), "one");
  EXPECT_TRUE(peer->session->pending());
  EXPECT_EQ(read(*peer->session), "two");
  EXPECT_FALSE(peer->session->pending());
}

TEST_F(Tls, ABrokenOffHandshakeEndsAtEveryOctet) {
  std::string hello;
  {
    const auto peer = client();
    SSL_do_handshake(peer->ssl);
    hello = peer->to_send();
  }
  ASSERT_GT(hello.size(), 100U);
  for (std::size_t size = 0; size <= hello.size(); ++size) {
    const auto peer = client();
    peer->deliver(std::string_view(hello).substr(0, size));
    EXPECT_EQ(peer->session->handshake(), Status::wait_readable) << size;
    peer->hang_up();
    const Status end = peer->session->handshake();
    EXPECT_TRUE(end == Status::failed || end == Status::closed) << size;
  }
  const auto peer = client();
  peer->deliver("GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n");
  EXPECT_EQ(peer->session->handshake(), Status::failed);
}

// RFC 5077; RFC 8446 section 2.2.
TEST_F(Tls, SessionsResumeAcrossANewCertificateAndNotUnderOtherKeys) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    server = own.load(tickets);
    const auto first = client({.version = version});
    ASSERT_EQ(first->handshake(), Status::done);
    ASSERT_NE(first->ticket, nullptr);
    EXPECT_EQ(SSL_SESSION_get_max_early_data(first->ticket), 0U) << "RFC 7858 has no early data";
    EXPECT_EQ(SSL_session_reused(first->ssl), 0);
    const SelfSigned renewed;
    server = renewed.load(tickets);
    const auto second = client({.version = version, .session = first->ticket});
    ASSERT_EQ(second->handshake(), Status::done);
    EXPECT_EQ(SSL_session_reused(second->ssl), 1);
    server = renewed.load(std::make_shared<TicketKeys>());
    const auto third = client({.version = version, .session = first->ticket});
    ASSERT_EQ(third->handshake(), Status::done);
    EXPECT_EQ(SSL_session_reused(third->ssl), 0);
  }
}

// RFC 8446 sections 2.3 and 4.2.10: a client that sends early data all the same, on a ticket that does not permit it.
TEST_F(Tls, EarlyDataIsNotAcceptedAndThatIsAll) {
  const auto first = client({.version = TLS1_3_VERSION});
  ASSERT_EQ(first->handshake(), Status::done);
  ASSERT_NE(first->ticket, nullptr);
  ASSERT_EQ(SSL_SESSION_set_max_early_data(first->ticket, 16384), 1);
  const auto second = client({.version = TLS1_3_VERSION, .session = first->ticket});
  std::size_t sent = 0;
  ASSERT_EQ(SSL_write_early_data(second->ssl, "early", 5, &sent), 1);
  ASSERT_EQ(second->handshake(), Status::done);
  EXPECT_EQ(SSL_get_early_data_status(second->ssl), SSL_EARLY_DATA_REJECTED);
  EXPECT_EQ(SSL_session_reused(second->ssl), 1);
  SSL_write(second->ssl, "late", 4);
  second->deliver(second->to_send());
  EXPECT_EQ(read(*second->session), "late");
}

// RFC 7525 section 3.5, RFC 9325.
TEST_F(Tls, RenegotiationIsRefused) {
  const auto peer = client({.version = TLS1_2_VERSION});
  ASSERT_EQ(peer->handshake(), Status::done);
  SSL_renegotiate(peer->ssl);
  SSL_do_handshake(peer->ssl);
  peer->deliver(peer->to_send());
  EXPECT_EQ(read(*peer->session), "");
  peer->collect();
  EXPECT_NE(SSL_do_handshake(peer->ssl), 1);
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
  ERR_clear_error();
}

TEST_F(Tls, AClientThatEndsItsSideIsClosedWithAndWithoutNotify) {
  for (const bool notify : {true, false}) {
    const auto peer = client();
    ASSERT_EQ(peer->handshake(), Status::done);
    if (notify) {
      SSL_shutdown(peer->ssl);
      peer->deliver(peer->to_send());
    } else {
      peer->hang_up();
    }
    std::array<std::uint8_t, 16> buffer;
    EXPECT_EQ(peer->session->read(buffer).status, Status::closed);
  }
}

TEST_F(Tls, EndsWithANotify) {
  const auto peer = client();
  ASSERT_EQ(peer->handshake(), Status::done);
  peer->session->end();
  peer->collect();
  char octet = 0;
  EXPECT_EQ(SSL_get_error(peer->ssl, SSL_read(peer->ssl, &octet, 1)), SSL_ERROR_ZERO_RETURN);
}

TEST_F(Tls, AFullSocketIsWaitedForWithTheSameOctets) {
  const auto peer = client();
  ASSERT_EQ(peer->handshake(), Status::done);
  const std::vector<std::uint8_t> much(15'000, 'x');
  std::size_t sent = 0;
  std::size_t got = 0;
  const auto write = [&] {
    const auto moved = peer->session->write(much);
    sent += moved.octets;
    return moved.status;
  };
  const auto drain = [&] {
    std::array<char, 16384> buffer;
    peer->collect();
    int octets = 0;
    while ((octets = SSL_read(peer->ssl, buffer.data(), buffer.size())) > 0) got += static_cast<std::size_t>(octets);
    EXPECT_EQ(SSL_get_error(peer->ssl, octets), SSL_ERROR_WANT_READ);
  };
  Status status = Status::done;
  while (status == Status::done) status = write();
  EXPECT_EQ(status, Status::wait_writable);
  EXPECT_EQ(write(), Status::wait_writable);
  drain();
  EXPECT_EQ(write(), Status::done);
  drain();
  EXPECT_EQ(got, sent);
  EXPECT_GE(got, much.size());
}

/// "what" of each error of a certificate and a key.
std::vector<std::string> errors_of(const std::string& certificate, const std::string& key) {
  base::ErrorList errors;
  EXPECT_EQ(TlsServer::load({certificate, {}}, {key, {}}, std::make_shared<TicketKeys>(), errors), nullptr);
  std::vector<std::string> out;
  for (const auto& error : errors.all()) out.push_back(error.path + ": " + error.what);
  return out;
}

TEST_F(Tls, ErrorsNameTheFileAndWhatIsWrongWithIt) {
  const SelfSigned other;
  EXPECT_THAT(errors_of("/nowhere/c.pem", "/nowhere/k.pem"),
              ElementsAre(HasSubstr("tls.certificate: "), HasSubstr("tls.key: ")));
  EXPECT_THAT(errors_of("/nowhere/c.pem", own.key), ElementsAre(HasSubstr("/nowhere/c.pem")));
  EXPECT_THAT(errors_of(own.key, own.key), ElementsAre(HasSubstr("is not a certificate that can be used")));
  EXPECT_THAT(errors_of(own.certificate, own.certificate),
              ElementsAre(HasSubstr("is not a private key that can be used")));
  EXPECT_THAT(errors_of(own.certificate, other.key),
              ElementsAre("tls.key: " + other.key + " is not the key of " + own.certificate));
  ASSERT_EQ(std::system(("openssl genrsa -out " + other.key + " 2048 2>/dev/null").c_str()), 0);
  EXPECT_THAT(errors_of(own.certificate, other.key), ElementsAre(HasSubstr(" is not the key of ")));
  // Without a terminal to ask, and without asking one.
  ASSERT_EQ(std::system(
                ("openssl ec -aes128 -passout pass:x -in " + own.key + " -out " + other.key + " 2>/dev/null").c_str()),
            0);
  EXPECT_THAT(errors_of(own.certificate, other.key), ElementsAre(HasSubstr("is not a private key that can be used")));
}

}  // namespace
}  // namespace gslb::net
