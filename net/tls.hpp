// net/tls.hpp: OpenSSL contexts and what OpenSSL says when it fails. For the .cpp files of this folder.
#pragma once

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

namespace gslb::net {

/// Contexts, one for each set of files and way of verifying; files are read again when they changed. Those that cannot
/// be read any more leave the last good ones in use, with a warning.
class TlsContexts {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;
  [[nodiscard]] base::Result<Context> client(const TlsClientOptions& options);
  [[nodiscard]] base::Result<Context> server(const MutualTls& files);

 private:
  struct Wanted {
    bool server;
    bool verify;
    std::string ca, certificate, key;
    auto operator<=>(const Wanted&) const = default;
  };
  struct Stamp {
    long long seconds = 0, nanoseconds = 0, size = -1;
    bool operator==(const Stamp&) const = default;
  };
  struct Entry {
    Context context;
    std::array<Stamp, 3> read;  ///< CA, certificate, key
  };
  static base::Result<Context> make(const Wanted& wanted);
  static Stamp stamp(const std::string& path);
  base::Result<Context> get(Wanted wanted);
  std::map<Wanted, Entry> entries_;
};

/// Sets what is sent as SNI and what the certificate must be for: `options.sni`, else `address`.
[[nodiscard]] base::Result<void> prepare_handshake(SSL* ssl, const TlsClientOptions& options,
                                                   const base::IpAddress& address);

/// When the certificate that the other side showed ends, if it showed one.
std::optional<base::WallTime> certificate_end(SSL* ssl);

/// Why a handshake failed: the certificate's fault where there is one, else the error.
std::string handshake_problem(SSL* ssl, const boost::system::error_code& error);

/// The DNS names of the certificate the other side showed, or its common name if it has none. Says nothing of whether
/// the certificate was verified.
std::vector<std::string> peer_names(SSL* ssl);

}  // namespace gslb::net
