#include "geo/round_trips.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace gslb::geo {

namespace {

constexpr float most_ms = 60'000;
constexpr std::string_view heading = "prefix,site,ms";

std::string_view take(std::string_view& rest, char delimiter) {
  const std::size_t end = rest.find(delimiter);
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return field;
}

std::optional<float> milliseconds(std::string_view text) {
  float value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = problem == std::errc{} && end == text.data() + text.size();
  return whole && value >= 0 && value <= most_ms ? std::optional(value) : std::nullopt;
}

}  // namespace

base::Result<RoundTrips> RoundTrips::parse(std::string_view text) {
  RoundTrips out;
  std::map<std::string, std::uint32_t, std::less<>> ids;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  bool headed = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const auto wrong = [&](const std::string& what) {
      return base::Error{"line " + std::to_string(number) + ": " + what};
    };
    if (!headed) {
      if (line != heading) return wrong("the heading is not " + std::string(heading));
      headed = true;
      continue;
    }
    const auto prefix = base::parse_prefix(take(line, ','));
    const std::string site(take(line, ','));
    const auto ms = milliseconds(line);
    if (!prefix) return wrong("the first field is no network, such as 198.51.100.0/24");
    if (site.empty() || site.size() > 63) return wrong("the second field is no name of a site");
    if (!ms) return wrong("the third field is no time from 0 to 60000 ms");
    const auto [id, is_new] = ids.try_emplace(site, static_cast<std::uint32_t>(out.sites_.size()));
    if (is_new) out.sites_.push_back(site);
    auto& times = out.times_[*prefix];
    const auto same = [number_of_site = id->second](const auto& time) { return time.first == number_of_site; };
    if (std::any_of(times.begin(), times.end(), same))
      return wrong(base::to_string(*prefix) + " has a time to " + site + " already");
    times.emplace_back(id->second, *ms);
    if (out.times_.size() > most_networks) return wrong("more than 500,000 networks");
  }
  if (!headed) return base::Error{"is empty; its first line is " + std::string(heading)};
  return out;
}

std::vector<std::pair<base::Prefix, std::vector<float>>> RoundTrips::times_to(
    const std::vector<std::string>& sites) const {
  std::vector<std::size_t> place_of(sites_.size(), sites.size());
  for (std::size_t i = 0; i < sites_.size(); ++i)
    place_of[i] = static_cast<std::size_t>(std::find(sites.begin(), sites.end(), sites_[i]) - sites.begin());
  std::vector<std::pair<base::Prefix, std::vector<float>>> out;
  for (const auto& [prefix, times] : times_) {
    std::vector<float> row(sites.size(), unmeasured);
    bool any = false;
    for (const auto& [site, ms] : times) {
      if (place_of[site] == sites.size()) continue;
      row[place_of[site]] = ms;
      any = true;
    }
    if (any) out.emplace_back(prefix, std::move(row));
  }
  return out;
}

}  // namespace gslb::geo
