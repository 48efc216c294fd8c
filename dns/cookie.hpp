// dns/cookie.hpp: server cookies (RFC 7873) in the form that all implementations share (RFC 9018), so that several name
// servers with one secret accept each other's.
//
//   server cookie: version 1 │ 3 reserved │ time, 4 │ SipHash-2-4 of client cookie, these 8 and the client's address, 8
//
// Pure: secret and time come from outside. No allocation on check and make. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "dns/siphash.hpp"

namespace gslb::dns {

inline constexpr std::size_t client_cookie_size = 8;
inline constexpr std::size_t whole_cookie_size = 24;  ///< client and server cookie

/// The secrets of a server: the first makes cookies, all are accepted, so that a roll-over (RFC 9018 section 5) loses
/// no client: add the new one behind on every node, then move it to the front on every node, then take the old one
/// away.
struct CookieSecrets {
  static constexpr std::size_t most = 4;
  std::vector<SipKey> keys;
};

/// Reads secrets: a line each of 32 hexadecimal digits; empty lines and what follows "#" do not count. The error names
/// the line and never quotes it.
[[nodiscard]] base::Result<CookieSecrets> parse_cookie_secrets(std::string_view text);

enum class CookieVerdict : std::uint8_t {
  absent,
  client_only,  ///< a client that has no server cookie yet
  invalid,      ///< of another server, another address, too old, or made up
  valid,
};

using WholeCookie = std::array<std::uint8_t, whole_cookie_size>;

/// What a COOKIE option is worth, and the cookie to reply with.
struct CookieCheck {
  CookieVerdict verdict = CookieVerdict::absent;
  WholeCookie reply;  ///< set unless absent
};

/// @param option  the option's data: 8 octets, or 16 to 40; empty for no option
/// @param now  Unix time in seconds, modulo 2^32. A cookie is valid for an hour, and up to 5 minutes in the future;
/// after half an hour the reply carries a new one (RFC 9018 section 4.3)
/// @param secrets  at least one
CookieCheck check_cookie(std::span<const std::uint8_t> option, const base::IpAddress& client, std::uint32_t now,
                         const CookieSecrets& secrets) noexcept;

/// The server cookie for a client, with the client's own before it.
WholeCookie make_cookie(std::span<const std::uint8_t, client_cookie_size> client_cookie, const base::IpAddress& client,
                        std::uint32_t now, const SipKey& secret) noexcept;

}  // namespace gslb::dns
