#include "dns/query.hpp"

#include <algorithm>
#include <cstring>

#include "dns/name_hash.hpp"

namespace gslb::dns {
namespace {

using Octets = std::span<const std::uint8_t>;

std::uint16_t u16(const std::uint8_t* at) noexcept {
  std::uint16_t big;
  std::memcpy(&big, at, 2);
  return __builtin_bswap16(big);
}

/// Fills name_size, labels and offset from the uncompressed name at the start of `in`.
/// @return false if it is not whole, compressed or too long.
bool measure_name(Octets in, Query& query) noexcept {
  const std::size_t limit = std::min(in.size(), max_name);
  unsigned labels = 0;
  for (std::size_t at = 0; at < limit; ++labels) {
    query.offset[labels] = static_cast<std::uint8_t>(at);
    const std::uint8_t length = in[at];
    if (length == 0) {
      query.labels = static_cast<std::uint8_t>(labels);
      query.name_size = static_cast<std::uint8_t>(at + 1);
      return true;
    }
    if (length > max_label) return false;
    at += 1U + length;
  }
  return false;
}

/// Copies the name_size octets at `from` in lower case. May write up to 7 octets more, into the array's spare room.
void copy_name(const std::uint8_t* from, Query& query) noexcept {
  const std::size_t size = query.name_size;
  std::uint64_t word;
  if (size < 8) {
    word = lower8(base::short_word(from, size));
    std::memcpy(query.name.data(), &word, 8);
    return;
  }
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    std::memcpy(&word, from + at, 8);
    word = lower8(word);
    std::memcpy(&query.name[at], &word, 8);
  }
  std::memcpy(&word, from + size - 8, 8);
  word = lower8(word);
  std::memcpy(&query.name[size - 8], &word, 8);
}

void hash_suffixes(Query& query) noexcept {
  std::uint64_t hash = root_hash;
  query.hash[query.labels] = hash;
  for (unsigned label = query.labels; label-- > 0;) {
    const std::uint8_t* at = &query.name[query.offset[label]];
    hash = child_hash(hash, at + 1, *at);
    query.hash[label] = hash;
  }
}

/// Moves `at` behind the owner name of a record, by bounds only.
bool skip_name(Octets message, std::size_t& at) noexcept {
  while (at < message.size()) {
    const std::uint8_t length = message[at];
    if (length > max_label) {
      at += 2;
      return (length & 0xc0) == 0xc0 && at <= message.size();
    }
    at += 1U + length;
    if (length == 0) return true;
  }
  return false;
}

/// RFC 7871 sections 6 and 7.1.2. FAMILY 0 is refused even with SOURCE 0, although some stub tools send it for "no
/// address": the RFC wants FORMERR for every family it does not define, and says "no address" by SOURCE 0 of family 1
/// or 2.
bool read_client_subnet(Octets data, ClientSubnet& subnet) noexcept {
  if (subnet.present || data.size() < 4) return false;
  const std::uint16_t family_number = u16(data.data());
  const std::uint8_t source = data[2];
  const std::uint8_t scope = data[3];
  const Octets address = data.subspan(4);
  if (family_number != 1 && family_number != 2) return false;
  const auto family = family_number == 1 ? base::Family::v4 : base::Family::v6;
  if (scope != 0 || source > base::bits(family) || address.size() != (source + 7U) / 8) return false;
  if (source % 8 != 0 && (address.back() & (0xffU >> source % 8)) != 0) return false;
  subnet.present = true;
  subnet.source = source;
  subnet.family = subnet.address.family = family;
  std::copy(address.begin(), address.end(), subnet.address.octets.begin());
  return true;
}

/// RFC 6891 section 6.1.2. Options that are not ours are skipped. One with malformed data does not hide those behind
/// it: the error, too, has to be padded (RFC 8467 section 4.1).
bool read_options(Octets message, std::size_t at, std::size_t end, Edns& edns) noexcept {
  bool well_formed = true;
  while (at < end) {
    if (end - at < 4) return false;
    const std::uint16_t code = u16(&message[at]);
    const std::size_t size = u16(&message[at + 2]);
    at += 4;
    if (end - at < size) return false;
    switch (code) {
      case option_client_subnet:
        if (!read_client_subnet(message.subspan(at, size), edns.subnet)) well_formed = false;
        break;
      case option_cookie:
        if (edns.cookie_size != 0) break;             // of several the first counts (RFC 7873 section 5.2)
        if (size != 8 && (size < 16 || size > 40)) {  // section 5.2.2
          well_formed = false;
          break;
        }
        edns.cookie_size = static_cast<std::uint8_t>(size);
        edns.cookie_at = static_cast<std::uint16_t>(at);
        break;
      case option_nsid:
        edns.wants_nsid = true;
        break;
      case option_keepalive:
        if (size == 0) edns.wants_keepalive = true;
        break;
      case option_padding:
        edns.padded = true;
        break;
      default:
        break;
    }
    at += size;
  }
  return well_formed;
}

/// RFC 6891 section 6.1.3. `at` is where the class of the OPT record stands; its data is inside the message.
bool read_opt(Octets message, std::size_t at, std::size_t size, Edns& edns) noexcept {
  edns.present = true;
  edns.payload = std::max<std::uint16_t>(u16(&message[at]), 512);
  edns.version = message[at + 3];
  edns.dnssec_ok = (message[at + 4] & 0x80) != 0;
  if (edns.version != 0) return true;  // the options of a later version may mean something else
  return read_options(message, at + 8, at + 8 + size, edns);
}

void name_root(Query& query) noexcept {
  query.name_size = 1;
  query.labels = 0;
  query.name[0] = 0;
  query.offset[0] = 0;
  query.hash[0] = root_hash;
}

bool read_question(Octets message, Query& query) noexcept {
  const Octets in = message.subspan(header_size);
  if (!measure_name(in, query) || in.size() < query.name_size + 4U) {
    name_root(query);
    return false;
  }
  copy_name(in.data(), query);
  hash_suffixes(query);
  query.qtype = u16(&in[query.name_size]);
  query.qclass = u16(&in[query.name_size + 2U]);
  query.question_size = static_cast<std::uint16_t>(query.name_size + 4U);
  query.has_question = true;
  return true;
}

/// Reads all that follows the header.
/// @return false if the message is malformed.
bool read_body(Octets message, Query& query, bool& has_tsig) noexcept {
  const unsigned questions = u16(&message[4]);
  if (questions > 1 || (questions == 1 && !read_question(message, query))) return false;
  const unsigned before_additional = u16(&message[6]) + u16(&message[8]);
  const unsigned records = before_additional + u16(&message[10]);
  std::size_t at = header_size + query.question_size;
  for (unsigned record = 0; record < records; ++record) {
    const std::size_t owner = at;
    if (!skip_name(message, at) || message.size() - at < 10) return false;
    const auto type = static_cast<Rtype>(u16(&message[at]));
    const std::size_t size = u16(&message[at + 8]);
    if (message.size() - at - 10 < size) return false;
    if (type == Rtype::OPT) {
      if (record < before_additional || query.edns.present || message[owner] != 0) return false;
      if (!read_opt(message, at + 2, size, query.edns)) return false;
    } else if (type == Rtype::TSIG) {
      if (record < before_additional || record + 1 != records) return false;  // RFC 8945 section 5.1
      has_tsig = true;
    }
    at += 10 + size;
  }
  return at == message.size();
}

}  // namespace

ParseOutcome parse_query(Octets message, Query& query) noexcept {
  if (message.size() < header_size || (message[2] & 0x80) != 0) return ParseOutcome::drop;
  query.id = u16(&message[0]);
  query.opcode = message[2] >> 3 & 0x0f;
  query.recursion_desired = (message[2] & 0x01) != 0;
  query.has_question = false;
  query.qtype = 0;
  query.qclass = 0;
  query.question_size = 0;
  query.edns = Edns{};
  name_root(query);
  bool has_tsig = false;
  const bool well_formed = read_body(message, query, has_tsig);
  if (query.opcode != 0) return ParseOutcome::not_imp;
  if (!well_formed) return ParseOutcome::form_error;
  if (query.edns.version != 0) return ParseOutcome::bad_version;
  return has_tsig ? ParseOutcome::signed_query : ParseOutcome::ok;
}

void set_name(Query& query, NameView name) noexcept {
  measure_name(name, query);
  copy_name(name.data(), query);
  hash_suffixes(query);
}

}  // namespace gslb::dns
