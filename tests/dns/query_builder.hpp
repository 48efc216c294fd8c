// tests/dns/query_builder.hpp: queries octet by octet, well formed or not.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "dns/types.hpp"

namespace gslb::dns {

using Bytes = std::vector<std::uint8_t>;

inline Bytes& operator+=(Bytes& to, const Bytes& from) {
  to.insert(to.end(), from.begin(), from.end());
  return to;
}

inline void append_u16(Bytes& to, unsigned value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

/// "www.Example.org" as labels with the root behind them; no escapes.
inline Bytes wire_name(std::string_view text) {
  Bytes wire;
  while (!text.empty()) {
    const std::string_view label = text.substr(0, text.find('.'));
    wire.push_back(static_cast<std::uint8_t>(label.size()));
    wire.insert(wire.end(), label.begin(), label.end());
    text.remove_prefix(std::min(text.size(), label.size() + 1));
  }
  wire.push_back(0);
  return wire;
}

inline Bytes option(unsigned code, const Bytes& data) {
  Bytes out;
  append_u16(out, code);
  append_u16(out, static_cast<unsigned>(data.size()));
  return out += data;
}

inline Bytes subnet_data(unsigned family, std::uint8_t source, std::uint8_t scope, const Bytes& address) {
  Bytes data;
  append_u16(data, family);
  data += Bytes{source, scope};
  return data += address;
}

/// Any resource record with TTL 0.
inline Bytes record(const Bytes& owner, Rtype type, unsigned rclass, const Bytes& rdata) {
  Bytes out = owner;
  append_u16(out, static_cast<unsigned>(type));
  append_u16(out, rclass);
  append_u16(out, 0);
  append_u16(out, 0);
  append_u16(out, static_cast<unsigned>(rdata.size()));
  return out += rdata;
}

inline Bytes opt(const Bytes& options, unsigned payload = 1232, std::uint8_t version = 0, bool dnssec_ok = false) {
  Bytes out = record({0}, Rtype::OPT, payload, options);
  out[6] = version;
  out[7] = dnssec_ok ? 0x80 : 0;
  return out;
}

inline Bytes tsig(unsigned rclass = class_any) {
  Bytes rdata = wire_name("hmac-sha256");
  rdata += Bytes{0, 0, 0x65, 0, 0, 0, 1, 0x2c, 0, 4, 1, 2, 3, 4, 0x12, 0x34, 0, 0, 0, 0};
  return record(wire_name("key.example.org"), Rtype::TSIG, rclass, rdata);
}

/// A message of sections that the caller fills; the counts are the caller's too, so that they may lie.
struct QueryBuilder {
  std::uint16_t id = 0x1234;
  std::uint8_t flags_high = 0x01;  ///< RD
  std::uint8_t flags_low = 0;
  unsigned questions = 1, answers = 0, authority = 0, additional = 0;
  Bytes body;

  QueryBuilder& question(const Bytes& name, Rtype type = Rtype::A, unsigned qclass = class_in) {
    body += name;
    append_u16(body, static_cast<unsigned>(type));
    append_u16(body, qclass);
    return *this;
  }
  QueryBuilder& add(const Bytes& record_bytes) {
    ++additional;
    body += record_bytes;
    return *this;
  }
  Bytes bytes() const {
    Bytes out;
    append_u16(out, id);
    out += Bytes{flags_high, flags_low};
    for (const unsigned count : {questions, answers, authority, additional}) append_u16(out, count);
    return out += body;
  }
};

inline QueryBuilder ask(std::string_view name = "www.example.org") { return QueryBuilder().question(wire_name(name)); }

/// A query with all that we read: EDNS with DO, client subnet and cookie.
inline Bytes full_query() {
  Bytes options = option(option_client_subnet, subnet_data(1, 24, 0, {198, 51, 100}));
  options += option(option_cookie, {1, 2, 3, 4, 5, 6, 7, 8});
  return ask().add(opt(options, 1232, 0, true)).bytes();
}

}  // namespace gslb::dns
