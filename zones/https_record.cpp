#include "zones/https_record.hpp"

#include <utility>

#include "dns/types.hpp"

namespace gslb::zones {

namespace {

enum Key : std::uint16_t { alpn = 1, no_default_alpn = 2, port = 3, ipv4hint = 4, ech = 5, ipv6hint = 6 };

void put_u16(std::vector<std::uint8_t>& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_parameter(std::vector<std::uint8_t>& out, Key key, std::span<const std::uint8_t> value) {
  put_u16(out, key);
  put_u16(out, value.size());
  out.insert(out.end(), value.begin(), value.end());
}

void put_hint(std::vector<std::uint8_t>& out, Key key, base::Family family,
              std::span<const base::IpAddress> addresses) {
  std::vector<std::uint8_t> value;
  for (const base::IpAddress& address : addresses)
    if (address.family == family) value.insert(value.end(), address.bytes().begin(), address.bytes().end());
  if (!value.empty()) put_parameter(out, key, value);
}

}  // namespace

void append_https_record(const policy::HttpsSpec& https, std::span<const base::IpAddress> addresses,
                         std::vector<std::uint8_t>& out) {
  constexpr std::size_t length_offset = 10;
  const std::size_t start = out.size();
  put_u16(out, 0xc00c);
  put_u16(out, static_cast<std::uint16_t>(dns::Rtype::HTTPS));
  put_u16(out, dns::class_in);
  out.insert(out.end(), {0, 0, 0, 0, 0, 0});  // TTL, RDLENGTH
  put_u16(out, 1);
  out.push_back(0);
  std::vector<std::uint8_t> value;
  for (const std::string& protocol : https.alpn) {
    value.push_back(static_cast<std::uint8_t>(protocol.size()));
    value.insert(value.end(), protocol.begin(), protocol.end());
  }
  if (!value.empty()) put_parameter(out, alpn, value);
  if (https.no_default_alpn) put_parameter(out, no_default_alpn, {});
  if (https.port) {
    value.clear();
    put_u16(value, *https.port);
    put_parameter(out, port, value);
  }
  put_hint(out, ipv4hint, base::Family::v4, addresses);
  if (!https.ech.empty()) put_parameter(out, ech, https.ech);
  put_hint(out, ipv6hint, base::Family::v6, addresses);
  const std::size_t size = out.size() - start - length_offset - 2;
  out[start + length_offset] = static_cast<std::uint8_t>(size >> 8);
  out[start + length_offset + 1] = static_cast<std::uint8_t>(size);
}

}  // namespace gslb::zones
