// dns/reply_reader.hpp: questions that this server itself asks of other name servers, and their replies.
//
// Never used by a worker. A reply is as hostile as a query: names are followed backwards only, work is linear in the
// message, nothing is read that the counts and lengths do not cover.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::dns {

/// A query without recursion, with EDNS (RFC 6891).
/// @param qname      lower case
/// @param dnssec_ok  RFC 4035 section 3.2.1
/// @param subnet     for a client subnet option (RFC 7871); none: no option
std::vector<std::uint8_t> make_query(std::uint16_t id, NameView qname, Rtype qtype, bool dnssec_ok = true,
                                     const std::optional<base::Prefix>& subnet = std::nullopt);

struct ReplyRecord {
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  std::span<const std::uint8_t> rdata;  ///< into the message; names in it may be compressed
};

struct Reply {
  Rcode rcode = Rcode::noerror;  ///< of the header: the extended part is not looked at
  bool authoritative = false;
  bool truncated = false;
  std::vector<ReplyRecord> answer;  ///< the records of the answer section that `qname` owns
};

/// Reads the reply to make_query(id, qname, qtype). A truncated one has no records.
/// @return an error, fit for a log line, if the message is malformed or answers another question
[[nodiscard]] base::Result<Reply> read_reply(std::span<const std::uint8_t> message, std::uint16_t id, NameView qname,
                                             Rtype qtype);

}  // namespace gslb::dns
