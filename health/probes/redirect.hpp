// health/probes/redirect.hpp: where a Location header leads, if a probe may go there. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/result.hpp"

namespace gslb::health {

/// A request as far as a redirect can change it.
struct Place {
  bool tls = false;
  std::uint16_t port = 80;
  std::string path = "/";
};

/// Resolves `location` against the request it answers (RFC 9110 section 10.2.2, RFC 3986 section 5.2). A probe is about
/// one address, and no name is looked up for it: a redirect may change scheme, port and path, but must name `host`
/// (without regard to case; a port after it is ignored) or `address`, or no host at all.
/// @return where to go on, or in words why not: "leads to login.example.org"
[[nodiscard]] base::Result<Place> follow_location(std::string_view location, const Place& from, std::string_view host,
                                                  const base::IpAddress& address);

}  // namespace gslb::health
