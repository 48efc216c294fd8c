// geo and its places
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

constexpr auto place_keys = std::to_array<Key<geo::PlaceSpec>>({
    {"prefix", "network", "the clients that this is about",
     [](const Node& n, geo::PlaceSpec& p) { read_prefix(n, p.prefix); }, true},
    {"at", "[latitude, longitude]", "where they are, in degrees",
     [](const Node& n, geo::PlaceSpec& p) {
       geo::Coordinates at;
       if (read_coordinates(n, at)) p.at = at;
     }},
    {"country", "country code", "the country they are in",
     [](const Node& n, geo::PlaceSpec& p) { read_place_country(n, p.country); }},
    {"continent", "continent code", "the continent they are on; without it, their country's",
     [](const Node& n, geo::PlaceSpec& p) { read_place_continent(n, p.continent); }},
    {"subdivision", "subdivision code", "the part of the country they are in",
     [](const Node& n, geo::PlaceSpec& p) { read_place_subdivision(n, p.subdivision, p.country); }},
    {"asn", "AS number", "the autonomous system they are in",
     [](const Node& n, geo::PlaceSpec& p) { read_as_number(n, p.asn); }},
    {"name", "text", "what people call it", [](const Node& n, geo::PlaceSpec& p) { read_text(n, p.name); }},
});
constexpr KeyTable<geo::PlaceSpec> place_table{"geo.places[]", place_keys};

void read_places(const Node& node, Draft& draft) {
  auto& places = draft.config.geo.places;
  for (const Node& item : node.items()) {
    geo::PlaceSpec place;
    place.where = item.where();
    const auto errors_before = item.errors().all().size();
    if (!read_mapping(item, place_table, place) || item.errors().all().size() > errors_before) continue;
    if (place.says_nothing())
      item.error("says nothing about its clients", "give at, country, continent, subdivision or asn");
    const auto first =
        std::find_if(places.begin(), places.end(), [&](const auto& other) { return other.prefix == place.prefix; });
    if (first != places.end())
      item.error(base::to_string(place.prefix) + " is already a place at " + to_string(first->where));
    places.push_back(std::move(place));
  }
}

void read_location(const Node& node, Draft& draft) {
  draft.location_is_default = false;
  read_paths(node, draft.config.geo.location);
}

constexpr auto canary_keys = std::to_array<Key<geo::CanarySpec>>({
    {"networks", "list of networks", "those that are looked at; without any, a sample of the address space",
     [](const Node& n, geo::CanarySpec& c) {
       for (const Node& item : n.items()) {
         base::Prefix prefix;
         if (read_prefix(item, prefix)) c.networks.push_back(prefix);
       }
     }},
    {"file", "file", "more of them, one a line",
     [](const Node& n, geo::CanarySpec& c) {
       c.file.where = n.where();
       read_path(n, c.file.value);
     }},
    {"most", "share", "how many of them may change sites; with 100% new databases are not judged",
     [](const Node& n, geo::CanarySpec& c) { read_share(n, c.most); }},
});
constexpr KeyTable<geo::CanarySpec> canary_table{"geo.canary", canary_keys};

constexpr auto geo_keys = std::to_array<Key<Draft>>({
    {"city", "file, or list of them", "databases with cities; where two know an address the earlier wins",
     read_location},
    {"country", "file, or list of them", "databases with countries, asked after those with cities", read_location},
    {"location", "file, or list of them", "databases of either kind, asked last", read_location},
    {"asn", "file, or list of them", "databases with autonomous system numbers",
     [](const Node& n, Draft& d) { read_paths(n, d.config.geo.asn); }},
    {"places", "list of places", "what you know better than the databases", read_places},
    {"places_file", "CSV file, or list of them", "more of them: prefix,lat,lon,country,continent,subdivision,asn,name",
     [](const Node& n, Draft& d) { read_paths(n, d.config.geo.places_files); }},
    {"country_points", "CSV file", "one point for each country: country,lat,lon,continent,place",
     [](const Node& n, Draft& d) {
       d.config.geo.country_points.where = n.where();
       read_path(n, d.config.geo.country_points.value);
     }},
    {"canary", "mapping", "networks by which a reload judges new databases",
     [](const Node& n, Draft& d) { read_mapping(n, canary_table, d.config.geo.canary); }},
    {"unknown_at", "[latitude, longitude]", "where a client is taken to be whom nobody knows",
     [](const Node& n, Draft& d) {
       geo::Coordinates at;
       if (read_coordinates(n, at)) d.config.geo.unknown_at = at;
     }},
});
constexpr KeyTable<Draft> geo_table{"geo", geo_keys};

}  // namespace

void read_geo(const Node& node, Draft& draft) { read_mapping(node, geo_table, draft); }

void describe_geo(std::vector<MappingInfo>& out) {
  out.push_back(describe(geo_table));
  out.push_back(describe(place_table));
  out.push_back(describe(canary_table));
}

}  // namespace gslb::config
