// dns/query.hpp: octets from the network to a Query, or to the reason why not.
//
//   octets ──parse_query()──► Query{id, question, EDNS}        ok: look it up
//                        └──► ParseOutcome other than ok        drop it, or reply with that RCODE
//
// Work is linear in the size of the message; no recursion, no allocation, no exception. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/address.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::dns {

/// RFC 7871 section 6. Of a query: SCOPE is 0 and no bit after `source` is set.
struct ClientSubnet {
  bool present = false;
  base::Family family = base::Family::v4;
  std::uint8_t source = 0;
  base::IpAddress address;
};

struct Edns {
  bool present = false;
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  std::uint16_t payload = 512;  ///< requestor's payload size; at least 512
  ClientSubnet subnet;
  std::uint8_t cookie_size = 0;  ///< octets of the first COOKIE option's data (RFC 7873): 8, or 16 to 40; 0: no cookie
  std::uint16_t cookie_at = 0;   ///< where in the message they start
  bool wants_nsid = false;       ///< RFC 5001 section 2.1
  bool wants_keepalive = false;  ///< an empty edns-tcp-keepalive (RFC 7828 section 3.2.1)
  bool padded = false;           ///< RFC 7830 section 4: so is the reply, where the transport hides it
};

/// What the sender asked. Filled by parse_query; about 1.4 KiB of scratch that a caller keeps and reuses.
struct Query {
  std::uint16_t id = 0;
  std::uint8_t opcode = 0;
  bool recursion_desired = false;
  bool has_question = false;  ///< false: QDCOUNT 0, or the question could not be read
  std::uint16_t qtype = 0;
  std::uint16_t qclass = 0;
  std::uint16_t question_size = 0;  ///< octets of the question at offset 12: qname, qtype, qclass
  std::uint8_t name_size = 1;       ///< octets of the qname
  std::uint8_t labels = 0;          ///< without the root
  Edns edns;
  /// The qname in lower case. The qname as sent is at offset 12 of the message, never compressed.
  std::array<std::uint8_t, max_name + 1> name;
  /// offset[i]: where in `name` (and, plus 12, in the message) the i-th label starts; offset[labels] is the root.
  std::array<std::uint8_t, max_labels + 1> offset;
  /// hash[i]: name_hash of the suffix that starts at offset[i]; hash[labels] is root_hash.
  std::array<std::uint64_t, max_labels + 1> hash;

  NameView qname() const noexcept { return {name.data(), name_size}; }
  NameView suffix(unsigned label) const noexcept {
    return {name.data() + offset[label], static_cast<std::size_t>(name_size) - offset[label]};
  }
};

enum class ParseOutcome : std::uint8_t {
  ok,
  drop,          ///< not a whole header, or a response (QR set): no reply at all
  form_error,    ///< FORMERR
  not_imp,       ///< an OPCODE other than QUERY: NOTIMP, OPT kept
  bad_version,   ///< EDNS version above 0: BADVERS
  signed_query,  ///< a TSIG is present and in place: NOTAUTH, RFC 8945
};

/// Reads a message. These are form_error: QDCOUNT over 1, two OPT, OPT outside the additional section or
/// not at the root, a malformed client subnet (RFC 7871 7.1.2: family other than 1 and 2, too long, set bits after
/// SOURCE, SCOPE not 0), a compressed or over-long qname, octets after the message: form_error. TSIG not last:
/// form_error. Answer, authority and additional records are skipped by bounds only; names in them may be compressed but
/// are not followed. On any outcome other than drop, `query` holds id, opcode, flags and, as far as they could be read,
/// question and EDNS.
[[nodiscard]] ParseOutcome parse_query(std::span<const std::uint8_t> message, Query& query) noexcept;

/// The part of parse_query that fills name, offset, labels, hash and name_size from an uncompressed wire name in any
/// case; for following CNAMEs. The name must be valid.
void set_name(Query& query, NameView name) noexcept;

}  // namespace gslb::dns
