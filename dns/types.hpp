// dns/types.hpp: the numbers of the IANA DNS registries that this server acts on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gslb::dns {

enum class Rtype : std::uint16_t {
  A = 1,
  NS = 2,
  CNAME = 5,
  SOA = 6,
  PTR = 12,
  MX = 15,
  TXT = 16,
  AAAA = 28,
  SRV = 33,
  DNAME = 39,
  OPT = 41,
  DS = 43,
  RRSIG = 46,
  NSEC = 47,
  DNSKEY = 48,
  NSEC3 = 50,
  NSEC3PARAM = 51,
  CDS = 59,
  CDNSKEY = 60,
  ZONEMD = 63,
  SVCB = 64,
  HTTPS = 65,
  TKEY = 249,
  TSIG = 250,
  IXFR = 251,
  AXFR = 252,
  MAILB = 253,
  MAILA = 254,
  ANY = 255,
  CAA = 257,
};

enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,
  notauth = 9,
  badvers = 16,
  badcookie = 23,
};

/// RFC 8914 section 4.
enum class ExtendedError : std::uint16_t {
  other = 0,
  stale_answer = 3,
  not_ready = 14,
  filtered = 17,
  not_authoritative = 20,
  not_supported = 21,
  network_error = 23
};

inline constexpr std::uint16_t class_in = 1;
inline constexpr std::uint16_t class_ch = 3;
inline constexpr std::uint16_t class_any = 255;

inline constexpr std::uint16_t option_nsid = 3;             ///< RFC 5001
inline constexpr std::uint16_t option_client_subnet = 8;    ///< RFC 7871
inline constexpr std::uint16_t option_cookie = 10;          ///< RFC 7873
inline constexpr std::uint16_t option_keepalive = 11;       ///< RFC 7828
inline constexpr std::uint16_t option_padding = 12;         ///< RFC 7830
inline constexpr std::uint16_t option_extended_error = 15;  ///< RFC 8914

inline constexpr std::size_t header_size = 12;
inline constexpr std::uint16_t udp_payload_limit = 1232;  ///< what we send and announce over UDP
inline constexpr std::size_t max_message = 65535;
inline constexpr std::size_t padding_block = 468;  ///< a padded reply is a multiple of this (RFC 8467 section 4.1)

/// "A", "SVCB", "TYPE65280"; by ldns' table of mnemonics and RFC 3597.
std::string to_string(Rtype type);
/// From the mnemonic or TYPEnnn, in any case; nothing for anything else.
std::optional<Rtype> parse_rtype(std::string_view text);

}  // namespace gslb::dns
