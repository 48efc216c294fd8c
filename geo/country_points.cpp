#include "geo/country_points.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace gslb::geo {

namespace {

std::optional<double> degrees(std::string_view text, double limit) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !(std::abs(value) <= limit)) return std::nullopt;
  return value;
}

std::string_view take(std::string_view& rest, char delimiter) {
  const std::size_t end = rest.find(delimiter);
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return field;
}

base::Result<CountryPoints::Entry> parse_line(std::string_view line) {
  CountryPoints::Entry entry;
  entry.country = to_code(take(line, ','));
  const auto latitude = degrees(take(line, ','), 90);
  const auto longitude = degrees(take(line, ','), 180);
  entry.continent = to_code(take(line, ','));
  if (entry.country == Code{}) return base::Error{"the country is not two capital letters"};
  if (!latitude) return base::Error{"the latitude is not a number from -90 to 90"};
  if (!longitude) return base::Error{"the longitude is not a number from -180 to 180"};
  if (!is_continent(entry.continent)) return base::Error{"the continent is not one of AF AN AS EU NA OC SA"};
  entry.at = {*latitude, *longitude};
  return entry;
}

bool by_country(const CountryPoints::Entry& a, const CountryPoints::Entry& b) { return a.country < b.country; }

}  // namespace

bool is_continent(Code code) noexcept {
  constexpr std::array<Code, 7> all{
      {{'A', 'F'}, {'A', 'N'}, {'A', 'S'}, {'E', 'U'}, {'N', 'A'}, {'O', 'C'}, {'S', 'A'}}};
  return std::find(all.begin(), all.end(), code) != all.end();
}

base::Result<CountryPoints> CountryPoints::parse(std::string_view text) {
  CountryPoints points;
  bool heading = false;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = take(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::string where = "line " + std::to_string(number) + ": ";
    if (!heading) {
      if (!line.starts_with("country,lat,lon,continent")) {
        return base::Error{where + "the heading is not country,lat,lon,continent,place"};
      }
      heading = true;
      continue;
    }
    const auto entry = parse_line(line);
    if (!entry) return base::Error{where + entry.error().what};
    points.entries_.push_back(*entry);
  }
  if (points.entries_.empty()) return base::Error{"holds no country"};
  std::sort(points.entries_.begin(), points.entries_.end(), by_country);
  const auto same = std::adjacent_find(points.entries_.begin(), points.entries_.end(),
                                       [](const Entry& a, const Entry& b) { return a.country == b.country; });
  if (same != points.entries_.end()) {
    return base::Error{"holds " + std::string(same->country.begin(), same->country.end()) + " twice"};
  }
  return points;
}

const CountryPoints::Entry* CountryPoints::find(Code country) const noexcept {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), Entry{country, {}, {}}, by_country);
  return at != entries_.end() && at->country == country ? &*at : nullptr;
}

}  // namespace gslb::geo
