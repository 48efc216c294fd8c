// tests/net/tls_client.hpp: a TLS client whose octets the test carries itself, as many at a time as it likes, to a
// TlsSession on the other end of a pair of sockets.
//
//   TlsClient ─► to_send ─carry(n)─► socket ─► TlsSession        and back
#pragma once

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "net/tls_server.hpp"

namespace gslb::net {

/// A key and its own certificate in two files, which go with it.
class SelfSigned {
 public:
  SelfSigned() {
    certificate = temporary();
    key = temporary();
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 86400);
    X509_set_pubkey(x509.get(), pair.get());
    X509_sign(x509.get(), pair.get(), EVP_sha256());
    std::FILE* file = std::fopen(certificate.c_str(), "w");
    PEM_write_X509(file, x509.get());
    std::fclose(file);
    file = std::fopen(key.c_str(), "w");
    PEM_write_PrivateKey(file, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }
  ~SelfSigned() {
    ::unlink(certificate.c_str());
    ::unlink(key.c_str());
  }
  SelfSigned(const SelfSigned&) = delete;

  std::shared_ptr<const TlsServer> load(std::shared_ptr<TicketKeys> tickets) const {
    base::ErrorList errors;
    return TlsServer::load({certificate, {}}, {key, {}}, std::move(tickets), errors);
  }

  std::string certificate, key;

 private:
  static std::string temporary() {
    std::string path = "/tmp/gslb-tls-XXXXXX";
    const int fd = ::mkstemp(path.data());
    if (fd < 0) std::abort();
    ::close(fd);
    return path;
  }
};

class TlsClient {
 public:
  using Status = TlsSession::Status;
  struct Options {
    std::string alpn = {};  ///< protocols, each behind its length: "\3dot"
    int version = 0;        ///< the only one; 0 for any
    SSL_SESSION* session = nullptr;
    const char* ciphers = nullptr;
  };

  TlsClient(std::shared_ptr<const TlsServer> server, const Options& options)
      : context_(SSL_CTX_new(TLS_client_method())) {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair_.data()) != 0) std::abort();
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_, [](SSL* from, SSL_SESSION* fresh) {
      auto* self = static_cast<TlsClient*>(SSL_get_app_data(from));
      SSL_SESSION_free(self->ticket);
      self->ticket = fresh;
      return 1;
    });
    if (options.version != 0) {
      SSL_CTX_set_min_proto_version(context_, options.version);
      SSL_CTX_set_max_proto_version(context_, options.version);
      if (options.version < TLS1_2_VERSION) SSL_CTX_set_security_level(context_, 0);
    }
    if (options.ciphers != nullptr) SSL_CTX_set_cipher_list(context_, options.ciphers);
    ssl = SSL_new(context_);
    SSL_set_app_data(ssl, this);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    const auto* alpn = reinterpret_cast<const unsigned char*>(options.alpn.data());
    if (!options.alpn.empty()) SSL_set_alpn_protos(ssl, alpn, static_cast<unsigned>(options.alpn.size()));
    if (options.session != nullptr) SSL_set_session(ssl, options.session);
    session = std::make_unique<TlsSession>(std::move(server), pair_[0]);
  }
  ~TlsClient() {
    SSL_SESSION_free(ticket);
    SSL_free(ssl);
    SSL_CTX_free(context_);
    session.reset();
    for (const int fd : pair_) {
      if (fd >= 0) ::close(fd);
    }
  }
  TlsClient(const TlsClient&) = delete;

  /// Takes what the client wants to send.
  std::string to_send() const {
    std::string out(BIO_ctrl_pending(SSL_get_wbio(ssl)), '\0');
    if (!out.empty()) BIO_read(SSL_get_wbio(ssl), out.data(), static_cast<int>(out.size()));
    return out;
  }
  /// Puts octets before the server.
  void deliver(std::string_view octets) const {
    if (!octets.empty() && ::send(pair_[1], octets.data(), octets.size(), MSG_NOSIGNAL) < 0) return;
  }
  void hang_up() { ::close(std::exchange(pair_[1], -1)); }
  /// Gives the client what the server has sent.
  void collect() const {
    std::array<char, 16384> buffer;
    ssize_t got = 0;
    while ((got = ::recv(pair_[1], buffer.data(), buffer.size(), 0)) > 0)
      BIO_write(SSL_get_rbio(ssl), buffer.data(), static_cast<int>(got));
  }
  /// Both sides until each is done or one fails, `piece` octets at a time to the server.
  Status handshake(std::size_t piece = 100'000) {
    Status status = Status::wait_readable;
    for (int turn = 0; turn < 10; ++turn) {
      const int result = SSL_do_handshake(ssl);
      const std::string octets = to_send();
      for (std::size_t at = 0; at < octets.size(); at += piece) {
        deliver(std::string_view(octets).substr(at, piece));
        if (status != Status::done) status = session->handshake();
      }
      collect();
      if (status == Status::failed || (status == Status::done && result == 1)) break;
    }
    SSL_do_handshake(ssl);  // it may have an alert to read
    char none = 0;
    SSL_read(ssl, &none, 0);  // and tickets
    return status;
  }

  SSL* ssl = nullptr;
  SSL_SESSION* ticket = nullptr;  ///< the last that came
  std::unique_ptr<TlsSession> session;

 private:
  SSL_CTX* context_;
  std::array<int, 2> pair_{-1, -1};
};

}  // namespace gslb::net
