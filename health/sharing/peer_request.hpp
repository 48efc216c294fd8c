// health/sharing/peer_request.hpp: what one node sends another over HTTPS, on which both sides show certificates.
#pragma once

#include <string>

#include "health/sharing/sharing_spec.hpp"
#include "net/http_client.hpp"

namespace gslb::health {

/// A POST to the vantage `name`, whose certificate must be for that name. Limits and the deadline are the caller's.
inline net::HttpRequest peer_request(const SharingSpec& spec, const std::string& name, const base::SocketAddress& to,
                                     std::string target, std::string body) {
  net::HttpRequest out;
  out.to = to;
  out.tls = true;
  out.tls_options = {.sni = name, .ca_file = spec.ca, .certificate = spec.certificate, .key = spec.key, .alpn = {}};
  out.method = "POST";
  out.target = std::move(target);
  out.host = name;
  out.body = std::move(body);
  return out;
}

}  // namespace gslb::health
