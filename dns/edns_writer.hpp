// dns/edns_writer.hpp: the OPT record of a reply (RFC 6891 section 6.1), from what the query had and what we decided.
//
//   writer.reserve(opt_size(options)) ─► RRsets, rewinding what does not fit ─► writer.release() ─► put_opt()
//
// Owns nothing; any thread; no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dns/message_writer.hpp"
#include "dns/query.hpp"
#include "dns/types.hpp"

namespace gslb::dns {

/// What a reply's OPT record says beside version 0 and our payload size.
struct ReplyOptions {
  bool dnssec_ok = false;                     ///< echoed from the query (RFC 3225 section 3)
  ClientSubnet subnet = {};                   ///< the query's; an option goes out only if it is `present`
  std::uint8_t scope = 0;                     ///< SCOPE PREFIX-LENGTH (RFC 7871 section 7.2.1); at most `subnet.source`
  std::span<const std::uint8_t> cookie = {};  ///< client and server cookie (RFC 7873); empty: no option
  std::string_view nsid = {};                 ///< RFC 5001; empty: no option
  std::optional<std::uint16_t> keepalive = {};  ///< units of 100 ms (RFC 7828 section 3.1)
  bool pad = false;  ///< fill up to a multiple of padding_block, as far as there is room (RFC 8467 section 4.1)
  std::optional<ExtendedError> error = {};  ///< RFC 8914
  std::string_view error_text = {};         ///< UTF-8, short; only with `error`
};

/// Octets that put_opt will write, padding not counted.
std::size_t opt_size(const ReplyOptions& options) noexcept;

/// Appends the OPT record. The lower four bits of `rcode` belong into the header; the upper eight go in here.
void put_opt(MessageWriter& writer, Rcode rcode, const ReplyOptions& options) noexcept;

}  // namespace gslb::dns
