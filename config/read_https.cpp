// https of a service and of the defaults
#include <algorithm>
#include <limits>

#include "config/draft.hpp"
#include "config/values.hpp"
#include "dns/rdata.hpp"

namespace gslb::config {

namespace {

using policy::HttpsSpec;

constexpr std::size_t most_protocols = 16;
constexpr std::size_t longest_protocol = 255;  // RFC 7301 section 3.1

/// The identifier (RFC 7301) of what people call a protocol; "" if the text is not such a name.
std::string_view identifier_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names{
      {{"http/2", "h2"}, {"http2", "h2"}, {"http/3", "h3"}, {"http3", "h3"}, {"quic", "h3"}, {"http1.1", "http/1.1"}}};
  for (const auto& [name, identifier] : names)
    if (name == text) return identifier;
  return {};
}

void read_alpn(const Node& node, HttpsSpec& https) {
  https.alpn.clear();
  for (const Node& item : node.items()) {
    const std::string* text = item.text();
    if (text == nullptr) continue;
    const bool printable = std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!printable || text->empty() || text->size() > longest_protocol) {
      item.error(in_quotes(*text) + " is not a protocol", "1 to 255 visible characters, such as h2 or http/1.1");
    } else if (const auto meant = identifier_of(*text); !meant.empty()) {
      item.error(in_quotes(*text) + " is not what clients know this protocol by", "write " + std::string(meant));
    } else if (std::find(https.alpn.begin(), https.alpn.end(), *text) != https.alpn.end()) {
      item.error("is in the list already");
    } else {
      https.alpn.push_back(*text);
    }
  }
  if (https.alpn.size() > most_protocols) node.error("more than " + std::to_string(most_protocols) + " protocols");
}

void read_ech(const Node& node, HttpsSpec& https) {
  const std::string* text = node.text();
  if (text == nullptr) return;
  constexpr std::size_t value_offset = 7;  // priority, target, key and length
  const bool is_base64 = !text->empty() && std::all_of(text->begin(), text->end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '=';
  });
  std::vector<std::uint8_t> rdata;
  if (is_base64 && dns::parse_rdata(dns::Rtype::HTTPS, "1 . ech=" + *text, dns::Name(), rdata) &&
      rdata.size() > value_offset)
    https.ech.assign(rdata.begin() + value_offset, rdata.end());
  else
    node.error("is not a list of configurations in base64");
}

constexpr auto keys = std::to_array<Key<HttpsSpec>>({
    {"alpn", "protocol, or list of them", "what endpoints speak beside http/1.1: h2, h3", read_alpn},
    {"no_default_alpn", "true or false", "endpoints do not speak http/1.1 unless `alpn` has it",
     [](const Node& n, HttpsSpec& h) { read_flag(n, h.no_default_alpn); }},
    {"port", "port", "where endpoints listen, if not at the port of the URL",
     [](const Node& n, HttpsSpec& h) {
       std::uint16_t port = 0;
       if (read_number(n, port, 1, std::numeric_limits<std::uint16_t>::max())) h.port = port;
     }},
    {"ech", "base64", "list of configurations for encrypted client hello", read_ech},
});
constexpr KeyTable<HttpsSpec> table{"defaults.https", keys};

}  // namespace

void read_https(const Node& node, std::optional<HttpsSpec>& out) {
  const bool scalar = node.kind() == Node::Kind::scalar;
  if (scalar && *node.text() == "off") return out.reset();
  out.emplace();
  if (scalar && *node.text() == "on") return;
  if (node.kind() != Node::Kind::mapping) return read_alpn(node, *out);
  read_mapping(node, table, *out);
  if (out->no_default_alpn && out->alpn.empty())
    node.error("\"no_default_alpn\" leaves no protocol", "name those that endpoints speak: alpn: [h2]");
}

void describe_https(std::vector<MappingInfo>& out) { out.push_back(describe(table)); }

}  // namespace gslb::config
