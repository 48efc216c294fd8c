#include "net/tls_server.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include <algorithm>
#include <new>

#include "base/file.hpp"

namespace gslb::net {

namespace {

constexpr std::size_t longest_pem = std::size_t{1} << 20;
constexpr std::string_view protocol = "dot";

/// RFC 7301 section 3.2: who offers protocols and not ours is told so; who offers none is served.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void* /*argument*/) {
  for (std::span<const unsigned char> left(offered, offered_size); !left.empty() && left.size() > left[0];
       left = left.subspan(std::size_t{1} + left[0])) {
    const auto name = left.subspan(1, left[0]);
    if (!std::equal(name.begin(), name.end(), protocol.begin(), protocol.end())) continue;
    *out = name.data();
    *out_size = left[0];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Sets up `cipher` and `mac` to make a ticket or to open one. @return as OpenSSL wants it: 0 for a ticket of an
/// unknown key, 2 for one that opens but should be replaced, negative for a failure
int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                   int encrypt) {
  auto* tickets = static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  TicketKey key;
  bool old = false;
  if (encrypt != 0) {
    const auto current = tickets->current(base::steady_now());
    if (!current || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    key = *current;
    std::copy(key.name.begin(), key.name.end(), name);
  } else {
    const auto found = tickets->find(name, base::steady_now());
    if (!found) return 0;
    key = found->key;
    old = found->old;
  }
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end(),
  };
  if (EVP_MAC_CTX_set_params(mac, parameters) != 1) return -1;
  if (EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, encrypt) != 1) return -1;
  return old ? 2 : 1;
}

/// A key with a passphrase must not make the server ask its terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*argument*/) { return -1; }

std::string last_reason() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return reason == nullptr ? "" : std::string(" (") + reason + ")";
}

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

bool set_up(SSL_CTX* context, TicketKeys* tickets) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::period).count());
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_app_data(context, tickets);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
         SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key) == 1;
}

/// OpenSSL says only that it failed, so the file is read beforehand.
bool readable(const base::Sourced<std::string>& path, const char* key, base::ErrorList& errors) {
  const auto text = base::read_file(path.value, longest_pem);
  if (!text) errors.add(path.where, key, text.error().what);
  return text.has_value();
}

}  // namespace

std::shared_ptr<const TlsServer> TlsServer::load(const base::Sourced<std::string>& certificate,
                                                 const base::Sourced<std::string>& key,
                                                 std::shared_ptr<TicketKeys> tickets, base::ErrorList& errors) {
  const bool has_certificate = readable(certificate, "tls.certificate", errors);
  const bool has_key = readable(key, "tls.key", errors);
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_server_method()));
  if (!context || !set_up(context.get(), tickets.get())) {
    errors.add(certificate.where, "tls", "OpenSSL cannot be set up" + last_reason());
    return nullptr;
  }
  const bool good_certificate =
      has_certificate && SSL_CTX_use_certificate_chain_file(context.get(), certificate.value.c_str()) == 1;
  if (has_certificate && !good_certificate) {
    errors.add(certificate.where, "tls.certificate",
               certificate.value + " is not a certificate that can be used" + last_reason());
  }
  if (has_key && SSL_CTX_use_PrivateKey_file(context.get(), key.value.c_str(), SSL_FILETYPE_PEM) != 1 &&
      ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH) {
    errors.add(key.where, "tls.key", key.value + " is not a private key that can be used" + last_reason(),
               "a PEM file without passphrase");
    return nullptr;
  }
  if (good_certificate && has_key && SSL_CTX_check_private_key(context.get()) != 1) {
    errors.add(key.where, "tls.key", key.value + " is not the key of " + certificate.value);
    ERR_clear_error();
    return nullptr;
  }
  if (!good_certificate || !has_key) return nullptr;
  return std::shared_ptr<const TlsServer>(new TlsServer(context.release(), std::move(tickets)));
}

TlsServer::~TlsServer() { SSL_CTX_free(context_); }

TlsSession::TlsSession(std::shared_ptr<const TlsServer> server, int fd)
    : server_(std::move(server)), ssl_(SSL_new(server_->context_)) {
  if (ssl_ != nullptr && SSL_set_fd(ssl_, fd) == 1) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_free(ssl_);
  throw std::bad_alloc();
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

TlsSession::Status TlsSession::why(int result) noexcept {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return Status::wait_readable;
    case SSL_ERROR_WANT_WRITE:
      return Status::wait_writable;
    case SSL_ERROR_ZERO_RETURN:
      return Status::closed;
    default:
      broken_ = true;
      return Status::failed;
  }
}

TlsSession::Status TlsSession::handshake() noexcept {
  ERR_clear_error();  // what anything else left in this thread's queue would be taken for this session's
  const int result = SSL_do_handshake(ssl_);
  return result == 1 ? Status::done : why(result);
}

TlsSession::Moved TlsSession::read(std::span<std::uint8_t> out) noexcept {
  ERR_clear_error();
  std::size_t octets = 0;
  const int result = SSL_read_ex(ssl_, out.data(), out.size(), &octets);
  return result == 1 ? Moved{Status::done, octets} : Moved{why(result), 0};
}

TlsSession::Moved TlsSession::write(std::span<const std::uint8_t> octets) noexcept {
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_, octets.data(), octets.size(), &written);
  return result == 1 ? Moved{Status::done, written} : Moved{why(result), 0};
}

bool TlsSession::pending() const noexcept { return SSL_has_pending(ssl_) == 1; }

void TlsSession::end() noexcept {
  if (broken_ || SSL_is_init_finished(ssl_) != 1) return;
  SSL_shutdown(ssl_);
}

}  // namespace gslb::net
