#include "engine/reply.hpp"

#include <algorithm>

namespace gslb::engine {

namespace {
constexpr std::size_t bare_error = 4 + 2;  ///< octets of an extended error without text
}

Reply::Reply(const dns::Query& query, std::span<const std::uint8_t> message, std::span<std::uint8_t> out,
             std::size_t limit, const dns::ReplyOptions& options) noexcept
    : query_(query), writer_(out.first(std::min(limit, out.size()))), options_(options) {
  // Room for the OPT of this reply and an extended error is kept from the start: what has been added never has to go.
  if (query.edns.present) writer_.reserve(dns::opt_size(options_) + bare_error);
  writer_.put(message.first(dns::header_size));
  if (query.has_question) writer_.put(message.subspan(dns::header_size, query.question_size));
}

bool Reply::add(Section section, std::span<const std::uint8_t> records, unsigned count, std::size_t owner) noexcept {
  const std::size_t start = writer_.size();
  if (!append(section, records, count)) return false;
  if (owner != dns::header_size)
    for_each_record(start, count,
                    [&](std::size_t at) { writer_.patch_u16(at, static_cast<std::uint16_t>(0xc000U | owner)); });
  return true;
}

bool Reply::add_steered(Section section, std::span<const std::uint8_t> records, unsigned count, std::uint32_t ttl,
                        std::size_t owner) noexcept {
  const std::size_t start = writer_.size();
  if (!append(section, records, count)) return false;
  for_each_record(start, count, [&](std::size_t at) {
    writer_.patch_u16(at, static_cast<std::uint16_t>(0xc000U | owner));
    writer_.patch_u32(at + 6, ttl);
  });
  return true;
}

bool Reply::append(Section section, std::span<const std::uint8_t> records, unsigned count) noexcept {
  const std::size_t start = writer_.size();
  writer_.put(records);
  if (writer_.overflowed()) {
    writer_.rewind(start);
    return false;
  }
  counts_[static_cast<std::size_t>(section)] =
      static_cast<std::uint16_t>(counts_[static_cast<std::size_t>(section)] + count);
  return true;
}

/// Calls `visit` with where each of `count` records from `at` on starts.
template <class Visit>
void Reply::for_each_record(std::size_t at, unsigned count, Visit visit) noexcept {
  while (count > 0) {
    visit(at);
    if (--count == 0) return;
    const std::uint8_t* length = writer_.data() + at + 10;
    at += 12U + (static_cast<std::size_t>(length[0]) << 8 | length[1]);
  }
}

bool Reply::add_named(Section section, dns::NameView owner, std::span<const std::uint8_t> records,
                      unsigned count) noexcept {
  const std::size_t start = writer_.size();
  std::size_t at = 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::size_t size = 12U + (static_cast<std::size_t>(records[at + 10]) << 8 | records[at + 11]);
    writer_.put(owner);
    writer_.put(records.subspan(at + 2, size - 2));
    at += size;
  }
  if (writer_.overflowed()) {
    writer_.rewind(start);
    return false;
  }
  counts_[static_cast<std::size_t>(section)] =
      static_cast<std::uint16_t>(counts_[static_cast<std::size_t>(section)] + count);
  return true;
}

bool Reply::add_address(const base::IpAddress& address, std::uint32_t ttl) noexcept {
  const std::size_t start = writer_.size();
  writer_.put_pointer(base_);
  writer_.put_u16(static_cast<std::uint16_t>(address.family == base::Family::v4 ? dns::Rtype::A : dns::Rtype::AAAA));
  writer_.put_u16(dns::class_in);
  writer_.put_u32(ttl);
  writer_.put_u16(static_cast<std::uint16_t>(address.bytes().size()));
  writer_.put(address.bytes());
  if (writer_.overflowed()) {
    writer_.rewind(start);
    return false;
  }
  ++counts_[0];
  return true;
}

bool Reply::add_below(Section section, dns::NameView relative, std::size_t apex, std::span<const std::uint8_t> records,
                      unsigned count) noexcept {
  constexpr std::size_t reach_of_pointers = 0x4000;
  const std::size_t start = writer_.size();
  std::size_t at = 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::size_t size = 12U + (static_cast<std::size_t>(records[at + 10]) << 8 | records[at + 11]);
    if (i == 0 || start >= reach_of_pointers) {
      writer_.put(relative);
      writer_.put_pointer(apex);
    } else {
      writer_.put_pointer(start);
    }
    writer_.put(records.subspan(at + 2, size - 2));
    at += size;
  }
  if (writer_.overflowed()) {
    writer_.rewind(start);
    return false;
  }
  counts_[static_cast<std::size_t>(section)] =
      static_cast<std::uint16_t>(counts_[static_cast<std::size_t>(section)] + count);
  return true;
}

void Reply::add_chaos(std::string_view text) noexcept {
  constexpr std::size_t longest = 255;
  text = text.substr(0, longest);
  writer_.put_pointer(dns::header_size);
  writer_.put_u16(static_cast<std::uint16_t>(dns::Rtype::TXT));
  writer_.put_u16(dns::class_ch);
  writer_.put_u32(0);
  writer_.put_u16(static_cast<std::uint16_t>(text.size() + 1));
  writer_.put_u8(static_cast<std::uint8_t>(text.size()));
  writer_.put({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  ++counts_[0];
}

bool Reply::add_cname(std::uint32_t ttl, dns::NameView prefix, dns::NameView target, std::size_t owner) noexcept {
  const std::size_t start = writer_.size();
  writer_.put_pointer(owner);
  writer_.put_u16(static_cast<std::uint16_t>(dns::Rtype::CNAME));
  writer_.put_u16(dns::class_in);
  writer_.put_u32(ttl);
  writer_.put_u16(static_cast<std::uint16_t>(prefix.size() + target.size()));
  writer_.put(prefix);
  writer_.put(target);
  if (writer_.overflowed()) {
    writer_.rewind(start);
    return false;
  }
  ++counts_[0];
  return true;
}

void Reply::rewind(const Mark& mark) noexcept {
  writer_.rewind(mark.size);
  counts_ = mark.counts;
}

std::size_t Reply::finish(dns::Rcode rcode) noexcept {
  std::uint16_t additionals = counts_[2];
  if (query_.edns.present) {
    writer_.release();
    if (writer_.capacity() - writer_.size() < dns::opt_size(options_)) options_.error_text = {};
    dns::put_opt(writer_, rcode, options_);
    ++additionals;
  }
  std::uint8_t* head = writer_.data();
  head[2] =
      static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(query_.opcode) << 3 | (authoritative_ ? 0x04U : 0U) |
                                (truncated_ ? 0x02U : 0U) | (query_.recursion_desired ? 0x01U : 0U));
  head[3] = static_cast<std::uint8_t>(static_cast<unsigned>(rcode) & 0x0fU);  // CD is cleared: RFC 4035 section 3.1.6
  writer_.patch_u16(4, query_.has_question ? 1 : 0);
  writer_.patch_u16(6, counts_[0]);
  writer_.patch_u16(8, counts_[1]);
  writer_.patch_u16(10, additionals);
  return writer_.size();
}

}  // namespace gslb::engine
