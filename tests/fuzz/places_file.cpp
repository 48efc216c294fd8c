// A file of places. What is accepted can be compiled on: every place says something, within its bounds; every mistake
// has a line of the file. The same octets as a list of canary networks do no harm either.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "geo/canary.hpp"
#include "geo/places_file.hpp"

using namespace gslb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  base::ErrorList errors;
  for (const geo::PlaceSpec& place : geo::parse_places("places.csv", text, errors)) {
    if (place.says_nothing() || place.name.size() > 128) std::abort();
    if (place.at && !(std::abs(place.at->latitude) <= 90 && std::abs(place.at->longitude) <= 180)) std::abort();
    if (place.prefix.address != base::masked(place.prefix.address, place.prefix.length)) std::abort();
  }
  for (const geo::PlaceSpec& place : geo::parse_places("places.csv", text, errors))
    if (!place.subdivision.empty() && !place.subdivision.starts_with(place.country + "-")) std::abort();
  static_cast<void>(geo::parse_networks("canary.txt", text, errors));
  for (const base::ConfigError& error : errors.all()) {
    if (error.what.empty() || error.where.line < 0) std::abort();
    if (error.where.line > 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'))) std::abort();
    static_cast<void>(base::to_string(error));
  }
  return 0;
}
