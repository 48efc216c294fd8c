#include "engine/reply.hpp"

#include <algorithm>

namespace gslb::engine {

Reply::Reply(const dns::Query& query, std::span<const std::uint8_t> message, std::span<std::uint8_t> out,
             std::size_t limit) noexcept
    : query_(query), writer_(out.first(std::min(limit, out.size()))) {
  if (query.edns.present) {
    // Room for the largest OPT of this reply is kept from the start: what has been added never has to go again.
    options_.dnssec_ok = query.edns.dnssec_ok;
    options_.subnet = query.edns.subnet;
    writer_.reserve(dns::opt_size(options_) + 4 + 2);
  }
  writer_.put(message.first(dns::header_size));
  if (query.has_question) writer_.put(message.subspan(dns::header_size, query.question_size));
}

bool Reply::add(Section section, std::span<const std::uint8_t> records, unsigned count, std::size_t owner) noexcept {
  const std::size_t start = writer_.size();
  writer_.put(records);
  if (writer_.overflowed()) {
    writer_.rewind(start);
    return false;
  }
  if (owner != dns::header_size) {
    std::size_t at = start;
    for (unsigned i = 0; i < count; ++i) {
      writer_.patch_u16(at, static_cast<std::uint16_t>(0xc000U | owner));
      const std::uint8_t* length = writer_.data() + at + 10;
      at += 12U + (static_cast<std::size_t>(length[0]) << 8 | length[1]);
    }
  }
  counts_[static_cast<std::size_t>(section)] =
      static_cast<std::uint16_t>(counts_[static_cast<std::size_t>(section)] + count);
  return true;
}

bool Reply::add_steered(std::span<const std::uint8_t> record, std::uint32_t ttl, std::size_t owner) noexcept {
  const std::size_t start = writer_.size();
  if (!add(Section::answer, record, 1, owner)) return false;
  writer_.patch_u32(start + 6, ttl);
  return true;
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

void Reply::rewind(std::size_t size, std::uint16_t answers) noexcept {
  writer_.rewind(size);
  counts_[0] = answers;
}

std::size_t Reply::finish(dns::Rcode rcode) noexcept {
  std::uint16_t additionals = counts_[2];
  if (query_.edns.present) {
    writer_.release();
    dns::put_opt(writer_, rcode, options_);
    ++additionals;
  }
  std::uint8_t* head = writer_.data();
  head[2] =
      static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(query_.opcode) << 3 | (authoritative_ ? 0x04U : 0U) |
                                (truncated_ ? 0x02U : 0U) | (query_.recursion_desired ? 0x01U : 0U));
  head[3] = static_cast<std::uint8_t>((query_.checking_disabled ? 0x10U : 0U) | (static_cast<unsigned>(rcode) & 0x0fU));
  writer_.patch_u16(4, query_.has_question ? 1 : 0);
  writer_.patch_u16(6, counts_[0]);
  writer_.patch_u16(8, counts_[1]);
  writer_.patch_u16(10, additionals);
  return writer_.size();
}

}  // namespace gslb::engine
