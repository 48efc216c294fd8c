#include "geo/questions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace gslb::geo {

namespace {

constexpr double earth_radius_km = 6371.0088;

template <class T>
bool holds(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

template <class T>
std::uint32_t index_of(std::vector<T>& all, const T& one) {
  const auto at = std::find(all.begin(), all.end(), one);
  if (at != all.end()) return static_cast<std::uint32_t>(at - all.begin());
  all.push_back(one);
  return static_cast<std::uint32_t>(all.size() - 1);
}

std::vector<Code> codes(const std::vector<std::string>& texts) {
  std::vector<Code> all;
  all.reserve(texts.size());
  for (const std::string& text : texts) all.push_back(to_code(text));
  return all;
}

template <class Key>
std::uint32_t id_of(std::map<Key, std::uint32_t>& ids, const Key& key) {
  return ids.try_emplace(key, static_cast<std::uint32_t>(ids.size() + 2)).first->second;
}

/// For each point its rank, and then for each the last rank within the tolerance beyond it.
template <class Number>
void ranks_of(const std::vector<Number>& cost, double within, const std::vector<std::uint32_t>& order,
              std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + 2 * cost.size());
  std::size_t reach = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    while (reach + 1 < order.size() && cost[order[reach + 1]] <= cost[order[rank]] + within) ++reach;
    out[start + order[rank]] = static_cast<char>(rank);
    out[start + cost.size() + order[rank]] = static_cast<char>(std::max(reach, rank));
  }
}

template <class Number>
void sort_by(const std::vector<Number>& cost, std::vector<std::uint32_t>& order) {
  order.resize(cost.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return cost[a] < cost[b]; });
}

/// The nearest of the remaining points opens a tier, and those within the tolerance of it join.
void tiers_of(const NearestQuestion& question, const std::vector<double>& km, std::vector<std::uint32_t>& order,
              std::string& out) {
  sort_by(km, order);
  if (question.partial) return ranks_of(km, question.within_km, order, out);
  const std::size_t start = out.size();
  out.resize(start + km.size());
  unsigned tier = 0;
  double opened = km[order.front()];
  for (const std::uint32_t point : order) {
    if (km[point] > opened + question.within_km) {
      ++tier;
      opened = km[point];
    }
    out[start + point] = static_cast<char>(tier);
  }
}

}  // namespace

double distance_km(const Coordinates& a, const Coordinates& b) noexcept {
  constexpr double radian = std::numbers::pi / 180;
  const double half_latitude = std::sin((b.latitude - a.latitude) * radian / 2);
  const double half_longitude = std::sin((b.longitude - a.longitude) * radian / 2);
  const double h = half_latitude * half_latitude +
                   std::cos(a.latitude * radian) * std::cos(b.latitude * radian) * half_longitude * half_longitude;
  return 2 * earth_radius_km * std::asin(std::sqrt(std::min(h, 1.0)));
}

Questions::Questions(const std::vector<Signature>& signatures, const Tables& tables) {
  std::vector<RegionSpec> specs;
  for (const Signature& signature : signatures) {
    Asked asked;
    for (const NearestQuestion& question : signature.nearest) asked.nearest.push_back(index_of(nearest_, question));
    for (const RegionSpec& region : signature.regions) asked.regions.push_back(index_of(specs, region));
    for (const FastestQuestion& question : signature.fastest) asked.fastest.push_back(index_of(fastest_, question));
    asked_.push_back(std::move(asked));
  }
  std::size_t start = 0;
  for (const NearestQuestion& question : nearest_) {
    nearest_start_.push_back(start);
    start += answer_size(question);
    std::vector<std::uint32_t>& indices = point_of_.emplace_back();
    for (const NearestQuestion::Point& point : question.points) indices.push_back(index_of(points_, point.at));
  }
  for (const RegionSpec& spec : specs) regions_.push_back(compile(spec, static_cast<std::uint32_t>(regions_.size())));
  read(tables);
}

/// What every network of each table answers, each distinct answer once.
void Questions::read(const Tables& tables) {
  std::size_t start = 0;
  for (const FastestQuestion& question : fastest_) {
    fastest_start_.push_back(start);
    start += answer_size(question);
    const auto known = std::find_if(tables_.begin(), tables_.end(),
                                    [&](const Table& table) { return table.name == question.table.value; });
    table_of_.push_back(static_cast<std::uint32_t>(known - tables_.begin()));
    if (known == tables_.end()) tables_.push_back({question.table.value, {}});
  }
  for (std::uint32_t t = 0; t < tables_.size(); ++t) {
    std::map<base::Prefix, std::string> answers;
    std::vector<std::uint32_t> order;
    std::size_t before = 0;
    const auto known = tables.find(tables_[t].name);
    for (std::size_t q = 0; q < fastest_.size() && known != tables.end(); ++q) {
      if (table_of_[q] != t) continue;
      for (const auto& [prefix, times] : known->second.times_to(fastest_[q].sites)) {
        std::string& answer = answers[prefix];
        answer.resize(before, unknown_tier);
        sort_by(times, order);
        ranks_of(times, fastest_[q].within_ms, order, answer);
      }
      before += answer_size(fastest_[q]);
    }
    std::map<std::string, std::uint32_t> ids;
    std::vector<std::pair<base::Prefix, const std::string*>> around;
    for (auto& [prefix, answer] : answers) {  // each after those around it
      answer.resize(before, unknown_tier);
      while (!around.empty() && !around.back().first.contains(prefix.address)) around.pop_back();
      if (!around.empty()) inherit(t, *around.back().second, answer);
      around.emplace_back(prefix, &answer);
      const auto [id, is_new] = ids.try_emplace(answer, static_cast<std::uint32_t>(tables_[t].answers.size() + 1));
      if (is_new) tables_[t].answers.push_back(answer);
      measured_.push_back({prefix, t, id->second});
    }
  }
}

/// A question that a network says nothing about is answered by what is around it.
void Questions::inherit(std::uint32_t table, const std::string& outer, std::string& answer) const {
  std::size_t at = 0;
  for (std::size_t q = 0; q < fastest_.size(); ++q) {
    if (table_of_[q] != table) continue;
    const std::size_t size = answer_size(fastest_[q]);
    if (answer[at] == unknown_tier) answer.replace(at, size, outer, at, size);
    at += size;
  }
}

std::string Questions::fastest(const std::vector<std::uint32_t>& answers) const {
  std::string out;
  std::vector<std::size_t> used(tables_.size());
  for (std::size_t q = 0; q < fastest_.size(); ++q) {
    const std::uint32_t t = table_of_[q];
    const std::size_t size = answer_size(fastest_[q]);
    if (t < answers.size() && answers[t] != 0) {
      out.append(tables_[t].answers[answers[t] - 1], used[t], size);
    } else {
      out.append(size, unknown_tier);
    }
    used[t] += size;
  }
  return out;
}

Questions::Region Questions::compile(const RegionSpec& spec, std::uint32_t number) {
  Region region;
  region.anyone = spec.anyone;
  region.unknown = spec.unknown;
  region.continents = codes(spec.continents);
  region.countries = codes(spec.countries);
  region.except_continents = codes(spec.except_continents);
  region.except_countries = codes(spec.except_countries);
  for (const std::string& text : spec.subdivisions) region.subdivisions.push_back(id_of(subdivisions_, text));
  for (const std::uint32_t asn : spec.asns) region.asns.push_back(id_of(asns_, asn));
  for (const std::string& text : spec.except_subdivisions)
    region.except_subdivisions.push_back(id_of(subdivisions_, text));
  for (const std::uint32_t asn : spec.except_asns) region.except_asns.push_back(id_of(asns_, asn));
  for (const base::Prefix& prefix : spec.prefixes) region_prefixes_.push_back({prefix, listed(number)});
  for (const base::Prefix& prefix : spec.except_prefixes) region_prefixes_.push_back({prefix, excepted(number)});
  return region;
}

std::uint32_t Questions::subdivision_id(Code country, std::array<char, 3> subdivision) const {
  if (subdivisions_.empty() || subdivision[0] == '\0') return 0;
  std::string text(country.begin(), country.end());
  text += '-';
  for (const char c : subdivision) {
    if (c != '\0') text += c;
  }
  return subdivision_id(text);
}

std::uint32_t Questions::subdivision_id(const std::string& code) const {
  if (subdivisions_.empty()) return 0;
  const auto at = subdivisions_.find(code);
  return at == subdivisions_.end() ? 1 : at->second;
}

std::uint32_t Questions::asn_id(std::uint32_t asn) const {
  if (asns_.empty() || asn == 0) return 0;
  const auto at = asns_.find(asn);
  return at == asns_.end() ? 1 : at->second;
}

std::string Questions::tiers(const std::optional<Coordinates>& at) const {
  std::string out;
  if (nearest_.empty()) return out;
  if (!at) {
    out.assign(nearest_start_.back() + answer_size(nearest_.back()), unknown_tier);
    return out;
  }
  std::vector<double> distances(points_.size());
  for (std::size_t i = 0; i < points_.size(); ++i) distances[i] = distance_km(*at, points_[i]);
  std::vector<double> km;
  std::vector<std::uint32_t> order;
  for (std::size_t q = 0; q < nearest_.size(); ++q) {
    km.clear();
    for (std::size_t i = 0; i < point_of_[q].size(); ++i) {
      km.push_back(distances[point_of_[q][i]] - nearest_[q].points[i].bias_km);
    }
    tiers_of(nearest_[q], km, order, out);
  }
  return out;
}

std::string Questions::inside(const Facets& facets, const std::vector<std::uint32_t>& listing) const {
  std::string out;
  for (std::uint32_t i = 0; i < regions_.size(); ++i) {
    const Region& region = regions_[i];
    const bool known = facets.continent != Code{};
    const bool taken_out = (known && holds(region.except_continents, facets.continent)) ||
                           (facets.country != Code{} && holds(region.except_countries, facets.country)) ||
                           holds(region.except_subdivisions, facets.subdivision) ||
                           holds(region.except_asns, facets.asn);
    const bool meant = region.anyone || (region.unknown && !known) ||
                       (known && holds(region.continents, facets.continent)) ||
                       (facets.country != Code{} && holds(region.countries, facets.country)) ||
                       holds(region.subdivisions, facets.subdivision) || holds(region.asns, facets.asn);
    out += static_cast<char>(holds(listing, listed(i)) || (meant && !taken_out && !holds(listing, excepted(i))));
  }
  return out;
}

std::string Questions::answers_of(std::size_t signature, const std::string& tiers, const std::string& inside,
                                  const std::string& fastest) const {
  std::string out;
  for (const std::uint32_t question : asked_[signature].nearest) {
    out.append(tiers, nearest_start_[question], answer_size(nearest_[question]));
  }
  for (const std::uint32_t question : asked_[signature].fastest) {
    out.append(fastest, fastest_start_[question], answer_size(fastest_[question]));
  }
  for (const std::uint32_t region : asked_[signature].regions) out += inside[region];
  return out;
}

}  // namespace gslb::geo
