#include "dns/reply_reader.hpp"

#include <algorithm>
#include <array>

#include "dns/message_writer.hpp"

namespace gslb::dns {

namespace {

constexpr std::uint16_t flag_response = 0x8000, flag_authoritative = 0x0400, flag_truncated = 0x0200;
constexpr std::uint16_t opcode_mask = 0x7800, rcode_mask = 0x000f;
constexpr unsigned most_jumps = 127;

/// Reads forward; the first read past the end sticks.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> message) noexcept : message_(message) {}

  std::uint16_t u16() noexcept {
    const auto octets = take(2);
    return octets.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
  }
  std::uint32_t u32() noexcept {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }
  std::span<const std::uint8_t> take(std::size_t count) noexcept {
    failed_ = failed_ || message_.size() - at_ < count;
    if (failed_) return {};
    at_ += count;
    return message_.subspan(at_ - count, count);
  }

  /// Whether the name here is `expected`, in any case; moves behind it.
  bool name_is(NameView expected) noexcept {
    std::array<std::uint8_t, max_name> name{};
    const std::size_t size = read_name(name);
    return !failed_ && std::ranges::equal(std::span(name).first(size), expected);
  }
  bool failed() const noexcept { return failed_; }

 private:
  /// Decompresses, in lower case. Pointers lead backwards only (RFC 1035 section 4.1.4), and no more of them are
  /// followed than a name can have labels, so that a reply made of pointers costs no more than one of names.
  std::size_t read_name(std::array<std::uint8_t, max_name>& out) noexcept {
    std::size_t size = 0;
    std::size_t at = at_;
    std::size_t lowest = at_;
    unsigned jumps = 0;
    for (;;) {
      if (at >= message_.size()) return fail();
      const std::uint8_t length = message_[at];
      if (length >= 0xc0) {
        if (at + 1 >= message_.size()) return fail();
        if (jumps == 0) at_ = at + 2;
        if (++jumps > most_jumps) return fail();
        at = static_cast<std::size_t>(length & 0x3f) << 8 | message_[at + 1];
        if (at >= lowest) return fail();
        lowest = at;
        continue;
      }
      if (length > max_label || message_.size() - at <= length || out.size() - size <= length) return fail();
      for (std::size_t i = 0; i <= length; ++i) out[size + i] = lower(message_[at + i]);
      size += 1U + length;
      at += 1U + length;
      if (length == 0) break;
    }
    if (jumps == 0) at_ = at;
    return size;
  }
  std::size_t fail() noexcept {
    failed_ = true;
    return 0;
  }

  std::span<const std::uint8_t> message_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<std::uint8_t> make_query(std::uint16_t id, NameView qname, Rtype qtype, bool dnssec_ok,
                                     const std::optional<base::Prefix>& subnet) {
  constexpr std::size_t question_and_opt = 4 + 11;
  constexpr std::uint32_t flag_dnssec_ok = 0x8000;
  const std::size_t address_octets = subnet ? (subnet->length + 7U) / 8 : 0;
  const std::size_t options = subnet ? 8 + address_octets : 0;
  std::vector<std::uint8_t> out(header_size + qname.size() + question_and_opt + options);
  MessageWriter writer(out);
  for (const std::uint16_t word :
       {id, std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{1}})
    writer.put_u16(word);
  writer.put(qname);
  writer.put_u16(static_cast<std::uint16_t>(qtype));
  writer.put_u16(class_in);
  writer.put_u8(0);
  writer.put_u16(static_cast<std::uint16_t>(Rtype::OPT));
  writer.put_u16(udp_payload_limit);
  writer.put_u32(dnssec_ok ? flag_dnssec_ok : 0);
  writer.put_u16(static_cast<std::uint16_t>(options));
  if (subnet) {
    writer.put_u16(option_client_subnet);
    writer.put_u16(static_cast<std::uint16_t>(4 + address_octets));
    writer.put_u16(subnet->address.family == base::Family::v4 ? 1 : 2);
    writer.put_u8(subnet->length);
    writer.put_u8(0);
    writer.put({subnet->address.octets.data(), address_octets});
  }
  return out;
}

base::Result<Reply> read_reply(std::span<const std::uint8_t> message, std::uint16_t id, NameView qname, Rtype qtype) {
  Reader reader(message);
  const std::uint16_t its_id = reader.u16();
  const std::uint16_t flags = reader.u16();
  const std::uint16_t questions = reader.u16();
  const std::uint16_t answers = reader.u16();
  reader.u32();  // the counts of the sections behind
  if (reader.failed()) return base::Error{"a reply shorter than its header"};
  if (its_id != id || (flags & flag_response) == 0 || (flags & opcode_mask) != 0)
    return base::Error{"no reply to this query"};
  Reply out;
  out.rcode = static_cast<Rcode>(flags & rcode_mask);
  out.authoritative = (flags & flag_authoritative) != 0;
  out.truncated = (flags & flag_truncated) != 0;
  if (questions != 1) return base::Error{"a reply with " + std::to_string(questions) + " questions"};
  const bool same_name = reader.name_is(qname);
  const bool same_type = reader.u16() == static_cast<std::uint16_t>(qtype);
  const bool same_class = reader.u16() == class_in;
  if (reader.failed() || !same_name || !same_type || !same_class) return base::Error{"a reply to another question"};
  if (out.truncated) return out;
  for (unsigned i = 0; i < answers && !reader.failed(); ++i) {
    const bool owned = reader.name_is(qname);
    ReplyRecord record;
    record.type = reader.u16();
    const bool internet = reader.u16() == class_in;
    record.ttl = reader.u32();
    record.rdata = reader.take(reader.u16());
    if (owned && internet && !reader.failed()) out.answer.push_back(record);
  }
  if (reader.failed()) return base::Error{"a malformed reply"};
  return out;
}

}  // namespace gslb::dns
