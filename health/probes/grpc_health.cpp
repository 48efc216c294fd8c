#include "health/probes/grpc_health.hpp"

#include <array>

namespace gslb::health {

namespace {

constexpr std::size_t prefix = 5;  // flag and length
constexpr char field_one_text = 0x0a;

void append_varint(std::string& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7f));
  out += static_cast<char>(value);
}

/// Takes a varint from the front; nothing if it is cut short or has more than 64 bits.
std::optional<std::uint64_t> take_varint(std::string_view& from) {
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto octet = static_cast<std::uint8_t>(from.front());
    from.remove_prefix(1);
    out |= static_cast<std::uint64_t>(octet & 0x7f) << shift;
    if ((octet & 0x80) == 0) return out;
  }
  return std::nullopt;
}

/// Passes over the value of a field. @return false if it is cut short or of a type there is not
bool skip(std::string_view& from, std::uint64_t type) {
  std::uint64_t size = 0;
  if (type == 0) return take_varint(from).has_value();
  if (type == 1 || type == 5) {
    size = type == 1 ? 8 : 4;
  } else if (type == 2) {
    const auto length = take_varint(from);
    if (!length) return false;
    size = *length;
  } else {
    return false;
  }
  if (size > from.size()) return false;
  from.remove_prefix(size);
  return true;
}

}  // namespace

std::string grpc_request(std::string_view service) {
  std::string message;
  if (!service.empty()) {
    message += field_one_text;
    append_varint(message, service.size());
    message += service;
  }
  std::string out(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((message.size() >> shift) & 0xff);
  return out + message;
}

base::Result<Serving> read_grpc_answer(std::string_view body) {
  if (body.size() < prefix) return base::Error{"the answer has no message"};
  if (body[0] != 0) return base::Error{"the answer is compressed, which was not asked for"};
  std::size_t size = 0;
  for (std::size_t i = 1; i < prefix; ++i) size = size << 8 | static_cast<std::uint8_t>(body[i]);
  body.remove_prefix(prefix);
  if (size != body.size()) return base::Error{"the answer's message is cut short or followed by more"};
  std::uint64_t status = 0;  // what is not written is zero
  while (!body.empty()) {
    const auto tag = take_varint(body);
    if (!tag || *tag >> 3 == 0) return base::Error{"the answer's message is damaged"};
    if (*tag == 0x08) {
      const auto value = take_varint(body);
      if (!value) return base::Error{"the answer's message is damaged"};
      status = *value;
    } else if (!skip(body, *tag & 7)) {
      return base::Error{"the answer's message is damaged"};
    }
  }
  return status <= 3 ? static_cast<Serving>(status) : Serving::unknown;
}

std::string grpc_status_name(unsigned status) {
  constexpr std::array names{
      "ok",        "cancelled",      "unknown",           "invalid argument",   "deadline exceeded",
      "not found", "already exists", "permission denied", "resource exhausted", "failed precondition",
      "aborted",   "out of range",   "unimplemented",     "internal",           "unavailable",
      "data loss", "unauthenticated"};
  return status < names.size() ? names[status] : "status " + std::to_string(status);
}

}  // namespace gslb::health
