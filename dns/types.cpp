#include "dns/types.hpp"

#include <ldns/ldns.h>

#include <charconv>
#include <cstdlib>
#include <memory>

namespace gslb::dns {

std::string to_string(Rtype type) {
  const std::unique_ptr<char, decltype(&std::free)> name(ldns_rr_type2str(static_cast<ldns_rr_type>(type)), &std::free);
  return name ? std::string(name.get()) : "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::optional<Rtype> parse_rtype(std::string_view text) {
  std::string name(text);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (name.starts_with("TYPE")) {  // ldns would take "TYPE1x" and "TYPE70000"
    std::uint16_t number = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + 4, end, number);
    return error == std::errc() && stop == end ? std::optional(static_cast<Rtype>(number)) : std::nullopt;
  }
  if (name.find('\0') != std::string::npos) return std::nullopt;
  const auto number = static_cast<std::uint16_t>(ldns_get_rr_type_by_name(name.c_str()));
  return number != 0 ? std::optional(static_cast<Rtype>(number)) : std::nullopt;
}

}  // namespace gslb::dns
