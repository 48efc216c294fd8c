#include "geo/classifier.hpp"

#include <bit>

#include "base/hash.hpp"

namespace gslb::geo {

namespace {

std::uint64_t bits_of(Code code) noexcept {
  return static_cast<std::uint64_t>(static_cast<unsigned char>(code[0])) << 8 | static_cast<unsigned char>(code[1]);
}

}  // namespace

std::size_t Classifier::Hash::operator()(const Fact& fact) const noexcept {
  const std::uint64_t codes = bits_of(fact.continent) << 16 | bits_of(fact.country);
  const std::uint64_t ids = static_cast<std::uint64_t>(fact.subdivision) << 32 | fact.asn;
  return base::combine(base::combine(fact.location, codes), ids);
}
std::size_t Classifier::Hash::operator()(const Class& one) const noexcept {
  return base::combine(static_cast<std::uint64_t>(one.tiers) << 32 | one.inside,
                       static_cast<std::uint64_t>(one.fastest) << 1 | (one.special ? 1 : 0));
}
std::size_t Classifier::Hash::operator()(const Coordinates& at) const noexcept {
  // Adding 0.0 turns -0.0, which compares equal, into 0.0.
  return base::combine(std::bit_cast<std::uint64_t>(at.latitude + 0.0),
                       std::bit_cast<std::uint64_t>(at.longitude + 0.0));
}
std::size_t Classifier::Hash::operator()(const std::pair<std::uint64_t, std::uint32_t>& key) const noexcept {
  return base::combine(key.first, key.second);
}

std::uint32_t Classifier::Texts::id(std::string text) {
  const auto [at, added] = ids_.try_emplace(std::move(text), static_cast<std::uint32_t>(texts_.size()));
  if (added) texts_.push_back(at->first);
  return at->second;
}

Classifier::Classifier(const GeoSpec& spec, const CountryPoints& points, const Questions& questions,
                       const Overlay& overlay)
    : spec_(spec), points_(points), questions_(questions), overlay_(overlay) {
  unknown_location_ = location(spec.unknown_at);
}

std::uint32_t Classifier::location(const std::optional<Coordinates>& at) {
  if (!at || !questions_.asks_nearest()) return 0;
  const auto [entry, added] = location_ids_.try_emplace(*at, static_cast<std::uint32_t>(locations_.size()));
  if (added) locations_.push_back(at);
  return entry->second;
}

std::uint32_t Classifier::fact(const Record& record) {
  if (!record.has_place()) return 0;
  Fact fact;
  fact.country = record.country;
  fact.continent = record.continent;
  fact.location = location(record.at);
  fact.subdivision = questions_.subdivision_id(record.country, record.subdivision);
  fact.asn = questions_.asn_id(record.asn);
  if (const auto* country = points_.find(record.country)) {
    if (!record.at) fact.location = location(country->at);
    if (fact.continent == Code{}) fact.continent = country->continent;
  }
  const auto [entry, added] = fact_ids_.try_emplace(fact, static_cast<std::uint32_t>(facts_.size()));
  if (added) facts_.push_back(fact);
  return entry->second;
}

std::uint32_t Classifier::classify(std::uint32_t fact, std::uint32_t asn, std::uint32_t state) {
  const auto find = [&] {
    Fact resolved = facts_[fact];
    if (asn != 0) resolved.asn = asn;
    return class_of(resolved, overlay_.state(state));
  };
  if (asn == 0 && state == 0) {
    if (class_by_fact_.size() < facts_.size()) class_by_fact_.resize(facts_.size());
    if (class_by_fact_[fact] == 0) class_by_fact_[fact] = find() + 1;
    return class_by_fact_[fact] - 1;
  }
  const auto [entry, added] =
      class_by_combination_.try_emplace({static_cast<std::uint64_t>(fact) << 32 | asn, state}, 0U);
  if (added) entry->second = find();
  return entry->second;
}

/// A country that differs from the databases' makes their coordinates and subdivision meaningless.
Classifier::Fact Classifier::override_by(const PlaceSpec& place, Fact fact) {
  if (const Code country = to_code(place.country); country != Code{} && country != fact.country) {
    const auto* known = points_.find(country);
    fact.country = country;
    fact.subdivision = 0;
    fact.location = known != nullptr ? location(known->at) : 0;
    fact.continent = known != nullptr ? known->continent : Code{};
  }
  if (const Code continent = to_code(place.continent); continent != Code{}) fact.continent = continent;
  if (!place.subdivision.empty()) fact.subdivision = questions_.subdivision_id(place.subdivision);
  if (place.at) fact.location = location(place.at);
  if (place.asn != 0) fact.asn = questions_.asn_id(place.asn);
  return fact;
}

std::uint32_t Classifier::class_of(Fact fact, const Overlay::State& state) {
  if (state.place != 0) fact = override_by(spec_.places[state.place - 1], fact);
  if (fact.location == 0) fact.location = unknown_location_;
  const Class found{tiers_at(fact.location),
                    inside_of({fact.continent, fact.country, fact.subdivision, fact.asn, state.prefixes}),
                    fastest_of(state.measured), state.special && state.place == 0};
  const auto [entry, added] = class_ids_.try_emplace(found, static_cast<std::uint32_t>(classes_.size()));
  if (added && overflowed()) return 0;
  if (added) classes_.push_back(found);
  return overflowed() ? 0 : entry->second;
}

std::uint32_t Classifier::tiers_at(std::uint32_t location) {
  if (tiers_by_location_.size() < locations_.size()) tiers_by_location_.resize(locations_.size());
  std::uint32_t& known = tiers_by_location_[location];
  if (known == 0) known = tiers_.id(questions_.tiers(locations_[location])) + 1;
  return known - 1;
}

std::uint32_t Classifier::inside_of(const Facets& facets) {
  const auto [entry, added] = inside_by_facets_.try_emplace(facets, 0U);
  if (added) entry->second = inside_.id(questions_.inside(facets, overlay_.regions(facets.prefixes)));
  return entry->second;
}

std::uint32_t Classifier::fastest_of(std::uint32_t measured) {
  const auto [entry, added] = fastest_by_measured_.try_emplace(measured, 0U);
  if (added) entry->second = fastest_.id(questions_.fastest(overlay_.measured(measured)));
  return entry->second;
}

Classifier::Projection Classifier::project(std::size_t signature) const {
  Projection out;
  // Clients of special-purpose networks are answered as their resolver is: no scope may hold them and others.
  std::map<std::pair<std::string, bool>, std::uint16_t> ids;
  for (const Class& one : classes_) {
    std::string answers =
        questions_.answers_of(signature, tiers_[one.tiers], inside_[one.inside], fastest_[one.fastest]);
    const bool special = one.special && !answers.empty();
    const auto [entry, added] = ids.try_emplace({std::move(answers), special}, static_cast<std::uint16_t>(ids.size()));
    if (added) out.answers.push_back(entry->first.first);
    out.service_class.push_back(entry->second);
  }
  return out;
}

}  // namespace gslb::geo
