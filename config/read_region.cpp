// serves: and the words for places on earth
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

/// ISO 3166-1 alpha-2
bool is_country(std::string_view text) { return text.size() == 2 && is_upper(text[0]) && is_upper(text[1]); }

/// ISO 3166-2
bool is_subdivision(std::string_view text) {
  if (text.size() < 4 || text.size() > 6 || !is_country(text.substr(0, 2)) || text[2] != '-') return false;
  return std::all_of(text.begin() + 3, text.end(), [](char c) { return is_upper(c) || is_digit(c); });
}

bool is_continent(std::string_view text) {
  static constexpr std::array<std::string_view, 7> continents{"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
  return std::find(continents.begin(), continents.end(), text) != continents.end();
}

/// One code; `what` and `examples` are for the error.
bool read_code(const Node& node, std::string& out, bool (*is_code)(std::string_view), std::string_view what,
               std::string_view examples) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  if (is_code(*text)) {
    out = *text;
    return true;
  }
  const std::string capitals = upper(*text);
  node.error(in_quotes(*text) + " is not a " + std::string(what),
             is_code(capitals) ? "did you mean \"" + capitals + "\"?" : std::string(examples));
  return false;
}

bool read_country(const Node& node, std::string& out) {
  return read_code(node, out, is_country, "country code", "two letters of ISO 3166-1, such as \"DE\"");
}
bool read_continent(const Node& node, std::string& out) {
  return read_code(node, out, is_continent, "continent", "continents: AF, AN, AS, EU, NA, OC, SA");
}
bool read_subdivision(const Node& node, std::string& out) {
  return read_code(node, out, is_subdivision, "subdivision code", "ISO 3166-2, such as \"US-CA\"");
}
bool read_asn(const Node& node, std::uint32_t& out) {
  const std::string* text = node.text();
  if (text == nullptr) return false;
  const bool prefixed = text->starts_with("AS") || text->starts_with("as");
  const auto number = parse_count(std::string_view(*text).substr(prefixed ? 2 : 0));
  if (!number || *number == 0 || *number > 0xffffffff || !is_digit(text->back())) {
    node.error(in_quotes(*text) + " is not an AS number", "1 to 4294967295, or AS64500");
    return false;
  }
  out = static_cast<std::uint32_t>(*number);
  return true;
}

/// A list, or one alone; one that comes twice is an error.
template <class T>
void read_each(const Node& node, std::vector<T>& out, bool (*read)(const Node&, T&)) {
  for (const Node& item : node.items()) {
    T value{};
    if (!read(item, value)) continue;
    if (std::find(out.begin(), out.end(), value) != out.end()) item.error("is in the list already");
    out.push_back(std::move(value));
  }
}

constexpr auto except_keys = std::to_array<Key<geo::RegionSpec>>({
    {"continents", "list of continent codes", "not clients on these",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.except_continents, read_continent); }},
    {"countries", "list of country codes", "not clients in these",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.except_countries, read_country); }},
    {"subdivisions", "list of subdivision codes", "not clients in these",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.except_subdivisions, read_subdivision); }},
    {"asns", "list of AS numbers", "not clients in these autonomous systems",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.except_asns, read_asn); }},
    {"prefixes", "list of networks", "not clients in these, unless a longer one is in `prefixes` of `serves`",
     [](const Node& n, geo::RegionSpec& r) {
       read_each(n, r.except_prefixes, read_prefix);
       for (const base::Prefix& prefix : r.except_prefixes) {
         if (std::find(r.prefixes.begin(), r.prefixes.end(), prefix) != r.prefixes.end())
           n.error(base::to_string(prefix) + " is both served and excepted");
       }
     }},
});
constexpr KeyTable<geo::RegionSpec> except_table{"zones.*.services.*.endpoints[].serves.except", except_keys};

constexpr auto serves_keys = std::to_array<Key<geo::RegionSpec>>({
    {"continents", "list of continent codes", "clients on these",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.continents, read_continent); }},
    {"countries", "list of country codes", "clients in these",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.countries, read_country); }},
    {"subdivisions", "list of subdivision codes", "clients in these; needs a database with ISO 3166-2 codes",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.subdivisions, read_subdivision); }},
    {"asns", "list of AS numbers", "clients in these autonomous systems",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.asns, read_asn); }},
    {"prefixes", "list of networks", "clients in these, unless a longer one is in `except`",
     [](const Node& n, geo::RegionSpec& r) { read_each(n, r.prefixes, read_prefix); }},
    {"except", "mapping", "clients taken out again; alone, of everybody",
     [](const Node& n, geo::RegionSpec& r) { read_mapping(n, except_table, r); }},
    {"unknown", "true or false", "clients without a known continent",
     [](const Node& n, geo::RegionSpec& r) { read_flag(n, r.unknown); }},
});
constexpr KeyTable<geo::RegionSpec> serves_table{"zones.*.services.*.endpoints[].serves", serves_keys};

}  // namespace

void read_serves(const Node& node, geo::RegionSpec& region) {
  const auto errors_before = node.errors().all().size();
  region.anyone = false;
  if (!read_mapping(node, serves_table, region) || node.errors().all().size() > errors_before) return;
  const bool nobody = region.continents.empty() && region.countries.empty() && region.subdivisions.empty() &&
                      region.asns.empty() && region.prefixes.empty() && !region.unknown;
  region.anyone = nobody && region.excepts();
  if (nobody && !region.excepts()) node.error_at_key("serves nobody", "leave it out to serve everybody");
}

void read_place_country(const Node& node, std::string& out) { read_country(node, out); }
void read_place_continent(const Node& node, std::string& out) { read_continent(node, out); }
void read_place_subdivision(const Node& node, std::string& out, std::string& country) {
  if (!read_subdivision(node, out)) return;
  if (country.empty()) country = out.substr(0, 2);
  if (!out.starts_with(country + "-")) node.error(out + " is not in " + country);
}
void read_as_number(const Node& node, std::uint32_t& out) { read_asn(node, out); }

void describe_region(std::vector<MappingInfo>& out) {
  out.push_back(describe(serves_table));
  out.push_back(describe(except_table));
}

}  // namespace gslb::config
