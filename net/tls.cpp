#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include "base/log.hpp"
#include "net/endpoint.hpp"

namespace gslb::net {

namespace ssl = boost::asio::ssl;

namespace {

base::Result<std::shared_ptr<ssl::context>> make_context(bool verify, const std::string& ca_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  boost::system::error_code error;
  if (!verify) {
    SSL_CTX_set_verify(native, SSL_VERIFY_NONE, nullptr);
    return context;
  }
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    context->set_default_verify_paths(error);
    if (error) return base::Error{"cannot read the system's certificate store: " + error.message()};
  } else {
    context->load_verify_file(ca_file, error);
    if (error) return base::Error{"cannot read CA file " + ca_file + ": " + error.message()};
  }
  return context;
}

}  // namespace

TlsContexts::Stamp TlsContexts::stamp(const std::string& path) {
  struct stat status {};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
  return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size};
}

base::Result<std::shared_ptr<ssl::context>> TlsContexts::get(bool verify, const std::string& ca_file) {
  Entry& entry = entries_[{verify, verify ? ca_file : std::string()}];
  const Stamp now = verify ? stamp(ca_file) : Stamp{};
  if (entry.context && entry.read == now) return entry.context;
  auto made = make_context(verify, ca_file);
  if (made) {
    entry.context = std::move(*made);
  } else {
    if (!entry.context) return made.error();
    base::log_warning(made.error().what + "; the one read before stays in use");
  }
  entry.read = now;
  return entry.context;
}

base::Result<void> prepare_handshake(SSL* ssl, const TlsClientOptions& options, const base::IpAddress& address) {
  const bool by_name = !options.sni.empty() && !base::parse_address(options.sni);
  if (by_name && SSL_set_tlsext_host_name(ssl, options.sni.c_str()) != 1)
    return base::Error{"\"" + options.sni + "\" cannot be a server name"};
  if (!options.verify) return {};
  if (by_name) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(ssl, options.sni.c_str()) == 1) return {};
    return base::Error{"\"" + options.sni + "\" cannot be a server name"};
  }
  const std::string text = options.sni.empty() ? base::to_string(address) : options.sni;
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), text.c_str()) == 1) return {};
  return base::Error{"cannot verify a certificate for " + text};
}

std::string handshake_problem(SSL* ssl, const boost::system::error_code& error) {
  if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK)
    return X509_verify_cert_error_string(verdict);
  if (error == ssl::error::stream_truncated || error == boost::asio::error::eof)
    return "connection closed in the handshake";
  if (error.category() == boost::asio::error::get_ssl_category()) {
    const char* reason = ERR_reason_error_string(static_cast<unsigned long>(error.value()));
    if (reason != nullptr) return reason;
  }
  return in_words(error);
}

}  // namespace gslb::net
