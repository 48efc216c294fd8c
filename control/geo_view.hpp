// control/geo_view.hpp: what is known of an address, as JSON and as text: `gslbctl geo`, GET /v1/geo.
//
//   engine::Whereabouts ─► GeoView ─► JSON ──HTTP──► GeoView ─► text
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/whereabouts.hpp"

namespace gslb::control {

struct GeoFactView {
  std::string what;   ///< "coordinates", "country", "continent", "subdivision", "asn", "city", "organization", "place"
  std::string value;  ///< "48.86,2.35", "FR", "AS64500"; of a place its name, which may be ""
  std::string from;   ///< "database", "place", "country_table", "unknown_at"
  std::string file;   ///< "" for what is built in or in no file
  int line = 0;       ///< of a place in its file; 0: none
  std::string network;  ///< that the file says it of; "" for none
};

struct GeoView {
  std::string address;
  std::string special;   ///< the special-purpose block around it, or ""
  bool believed = true;  ///< false: a special-purpose address without a place; policies look at the resolver instead
  std::optional<double> latitude, longitude;
  std::vector<GeoFactView> facts;
  std::vector<engine::SiteDistance> sites;
  std::vector<engine::ServiceOrder> services;
};

GeoView geo_view(const engine::Whereabouts& found);
std::string to_json(const GeoView& view);
[[nodiscard]] base::Result<GeoView> geo_from_json(std::string_view text);

/// The place, then each fact with its source, the sites by distance, and the order of each service's sites.
std::string render_geo(const GeoView& view, bool color);

}  // namespace gslb::control
