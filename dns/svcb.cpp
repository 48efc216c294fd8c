#include "dns/svcb.hpp"

#include <map>

namespace gslb::dns {
namespace {

using Octets = std::span<const std::uint8_t>;
using Parameters = std::map<unsigned, Octets>;

enum Key : unsigned { mandatory = 0, alpn = 1, no_default_alpn = 2, port = 3, ipv4hint = 4, ipv6hint = 6 };

unsigned u16(Octets in, std::size_t at) { return static_cast<unsigned>(in[at] << 8 | in[at + 1]); }

std::string key_name(unsigned key) {
  switch (key) {
    case mandatory:
      return "mandatory";
    case alpn:
      return "alpn";
    case no_default_alpn:
      return "no-default-alpn";
    case port:
      return "port";
    case ipv4hint:
      return "ipv4hint";
    case 5:
      return "ech";
    case ipv6hint:
      return "ipv6hint";
    case 7:
      return "dohpath";
    default:
      return "key" + std::to_string(key);
  }
}

bool is_list_of(std::size_t size, Octets value) { return !value.empty() && value.size() % size == 0; }

bool is_alpn(Octets value) {
  std::size_t at = 0;
  while (at < value.size() && value[at] != 0) at += 1U + value[at];
  return !value.empty() && at == value.size();
}

bool has_valid_shape(unsigned key, Octets value) {
  switch (key) {
    case mandatory:
      return is_list_of(2, value);
    case alpn:
      return is_alpn(value);
    case no_default_alpn:
      return value.empty();
    case port:
      return value.size() == 2;
    case ipv4hint:
      return is_list_of(4, value);
    case ipv6hint:
      return is_list_of(16, value);
    default:
      return true;
  }
}

std::optional<std::string> mandatory_fault(Octets value, const Parameters& parameters) {
  unsigned last = mandatory;  // it may not name itself, so every key is above it
  for (std::size_t at = 0; at < value.size(); at += 2) {
    const unsigned key = u16(value, at);
    if (key <= last) return "mandatory must name each key once, in the order of their numbers, and not itself";
    if (!parameters.contains(key)) return "mandatory names " + key_name(key) + ", which is not there";
    last = key;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> svcb_fault(Octets rdata) {
  std::size_t at = 2;
  while (at < rdata.size() && rdata[at] != 0) at += 1U + rdata[at];
  if (at >= rdata.size()) return "the target is not whole";
  ++at;
  if (u16(rdata, 0) == 0 && at != rdata.size()) return "priority 0 makes an alias, which has no parameters";
  Parameters parameters;
  for (; at < rdata.size();) {
    if (rdata.size() - at < 4 || rdata.size() - at - 4 < u16(rdata, at + 2)) return "a parameter is not whole";
    const unsigned key = u16(rdata, at);
    const Octets value = rdata.subspan(at + 4, u16(rdata, at + 2));
    if (!parameters.empty() && key == parameters.rbegin()->first) return key_name(key) + " stands there twice";
    if (!parameters.empty() && key < parameters.rbegin()->first)
      return "the keys are not in the order of their numbers";
    if (!has_valid_shape(key, value)) return "the value of " + key_name(key) + " is not valid";
    parameters.emplace(key, value);
    at += 4 + value.size();
  }
  if (parameters.contains(no_default_alpn) && !parameters.contains(alpn)) return "no-default-alpn needs alpn";
  const auto found = parameters.find(mandatory);
  return found == parameters.end() ? std::nullopt : mandatory_fault(found->second, parameters);
}

}  // namespace gslb::dns
