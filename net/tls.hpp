// net/tls.hpp: OpenSSL contexts and what OpenSSL says when it fails. For the .cpp files of this folder.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/result.hpp"
#include "net/http_client.hpp"

namespace gslb::net {

/// Client contexts, one for each way of verifying; a CA file is read again when it changed. One that cannot be read any
/// more leaves the last good one in use, with a warning.
class TlsContexts {
 public:
  [[nodiscard]] base::Result<std::shared_ptr<boost::asio::ssl::context>> get(bool verify, const std::string& ca_file);

 private:
  struct Stamp {
    long long seconds = 0, nanoseconds = 0, size = -1;
    bool operator==(const Stamp&) const = default;
  };
  struct Entry {
    std::shared_ptr<boost::asio::ssl::context> context;
    Stamp read;
  };
  static Stamp stamp(const std::string& path);
  std::map<std::pair<bool, std::string>, Entry> entries_;
};

/// Sets what is sent as SNI and what the certificate must be for: `options.sni`, else `address`.
[[nodiscard]] base::Result<void> prepare_handshake(SSL* ssl, const TlsClientOptions& options,
                                                   const base::IpAddress& address);

/// Why a handshake failed: the certificate's fault where there is one, else the error.
std::string handshake_problem(SSL* ssl, const boost::system::error_code& error);

}  // namespace gslb::net
