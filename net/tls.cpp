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

/// A key with a passphrase must not make the server ask its terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*argument*/) { return -1; }

base::Result<void> use_identity(ssl::context& context, const std::string& certificate, const std::string& key) {
  boost::system::error_code error;
  context.use_certificate_chain_file(certificate, error);
  if (error) return base::Error{"cannot use certificate " + certificate + ": " + in_words(error)};
  context.use_private_key_file(key, ssl::context::pem, error);
  if (error) return base::Error{"cannot use key " + key + " with certificate " + certificate + ": " + in_words(error)};
  return {};
}

base::Result<void> trust(ssl::context& context, const std::string& ca) {
  boost::system::error_code error;
  if (ca.empty()) {
    context.set_default_verify_paths(error);
    if (error) return base::Error{"cannot read the system's certificate store: " + error.message()};
  } else {
    context.load_verify_file(ca, error);
    if (error) return base::Error{"cannot read CA file " + ca + ": " + error.message()};
  }
  return {};
}

/// Clients must show a certificate each time: a resumed session would outlive the trust in the one it began with.
base::Result<void> demand_certificates(SSL_CTX* native, const std::string& ca) {
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(native, 0);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca.c_str());
  if (names == nullptr) return base::Error{"cannot read CA file " + ca};
  SSL_CTX_set_client_CA_list(native, names);
  return {};
}

}  // namespace

base::Result<TlsContexts::Context> TlsContexts::make(const Wanted& wanted) {
  ERR_clear_error();
  auto context = std::make_shared<ssl::context>(wanted.server ? ssl::context::tls_server : ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(native, no_passphrase);
  SSL_CTX_set_verify(native, wanted.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  base::Result<void> done;
  if (wanted.verify) done = trust(*context, wanted.ca);
  if (done && !wanted.certificate.empty()) done = use_identity(*context, wanted.certificate, wanted.key);
  if (done && wanted.server) done = demand_certificates(native, wanted.ca);
  ERR_clear_error();
  if (!done) return done.error();
  return context;
}

TlsContexts::Stamp TlsContexts::stamp(const std::string& path) {
  struct stat status {};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
  return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size};
}

base::Result<TlsContexts::Context> TlsContexts::client(const TlsClientOptions& options) {
  return get({.server = false,
              .verify = options.verify,
              .ca = options.verify ? options.ca_file : std::string(),
              .certificate = options.certificate,
              .key = options.key});
}

base::Result<TlsContexts::Context> TlsContexts::server(const MutualTls& files) {
  return get(
      {.server = true, .verify = true, .ca = files.client_ca, .certificate = files.certificate, .key = files.key});
}

base::Result<TlsContexts::Context> TlsContexts::get(Wanted wanted) {
  const std::array<Stamp, 3> now{stamp(wanted.ca), stamp(wanted.certificate), stamp(wanted.key)};
  const auto [found, added] = entries_.try_emplace(std::move(wanted));
  Entry& entry = found->second;
  if (entry.context && entry.read == now) return entry.context;
  if (auto made = make(found->first)) {
    entry.context = std::move(*made);
  } else {
    if (!entry.context) return made.error();
    base::log_warning(made.error().what + "; what was read before stays in use");
  }
  entry.read = now;
  return entry.context;
}

base::Result<void> prepare_handshake(SSL* ssl, const TlsClientOptions& options, const base::IpAddress& address) {
  if (!options.alpn.empty()) {
    const std::string list = static_cast<char>(options.alpn.size()) + options.alpn;
    if (SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size())) != 0)
      return base::Error{"\"" + options.alpn + "\" cannot be a protocol"};
  }
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

std::optional<base::WallTime> certificate_end(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), &X509_free);
  std::tm end{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) return std::nullopt;
  return base::WallTime(std::chrono::seconds(::timegm(&end)));
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

std::vector<std::string> peer_names(SSL* ssl) {
  std::vector<std::string> out;
  X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return out;
  const auto text = [](const ASN1_STRING* name) {
    return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
                       static_cast<std::size_t>(ASN1_STRING_length(name)));
  };
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS) out.push_back(text(name->d.dNSName));
  }
  GENERAL_NAMES_free(names);
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = out.empty() ? X509_NAME_get_index_by_NID(subject, NID_commonName, -1) : -1;
  if (at >= 0) out.push_back(text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return out;
}

}  // namespace gslb::net
