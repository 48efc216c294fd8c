// geo/country_points.hpp: one town and the continent for each country.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "geo/geo_spec.hpp"
#include "geo/record.hpp"

namespace gslb::geo {

class CountryPoints {
 public:
  struct Entry {
    Code country{};
    Code continent{};
    Coordinates at;
  };

  /// Reads CSV "country,lat,lon,continent,place" with that heading; lines that begin with # are comments. Fails with
  /// the line number and the reason.
  [[nodiscard]] static base::Result<CountryPoints> parse(std::string_view text);
  /// The table built into the program, as text.
  static std::string_view shipped_text() noexcept;

  /// Null if the country is not in the table.
  const Entry* find(Code country) const noexcept;

 private:
  std::vector<Entry> entries_;  ///< by country
};

/// One of AF AN AS EU NA OC SA.
bool is_continent(Code code) noexcept;

}  // namespace gslb::geo
