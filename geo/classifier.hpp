// geo/classifier.hpp: place classes: networks about which every question has the same answer.
//
//   Record ──fact()──► fact id ─┐
//   AS number id ───────────────┼─ classify() ──► place class ──► service class of each signature
//   Overlay state ──────────────┘
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "geo/country_points.hpp"
#include "geo/overlay.hpp"
#include "geo/questions.hpp"
#include "geo/record.hpp"

namespace gslb::geo {

class Classifier {
 public:
  /// Class numbers are 16 bits wide.
  static constexpr std::size_t most_classes = 65'535;

  /// Service classes of one signature.
  struct Projection {
    std::vector<std::uint16_t> service_class;  ///< by place class
    std::vector<std::string> answers;          ///< by service class; Questions::answers_of()
  };

  Classifier(const GeoSpec& spec, const CountryPoints& points, const Questions& questions, const Overlay& overlay);

  /// Id of what the questions can see of a location record; 0: the record does not know the place.
  std::uint32_t fact(const Record& record);

  /// Place class for a location fact, an id of Questions::asn_id(), and an overlay state. Once overflowed(), 0.
  std::uint32_t classify(std::uint32_t fact, std::uint32_t asn, std::uint32_t state);

  bool overflowed() const noexcept { return classes_.size() > most_classes; }
  std::size_t classes() const noexcept { return classes_.size(); }
  /// The class is of special-purpose addresses of which the operator has said nothing.
  bool special(std::size_t place_class) const noexcept { return classes_[place_class].special; }
  Projection project(std::size_t signature) const;

 private:
  struct Fact {
    std::uint32_t location = 0;  ///< 0: unknown
    Code continent{};
    Code country{};
    std::uint32_t subdivision = 0;
    std::uint32_t asn = 0;
    auto operator<=>(const Fact&) const = default;
  };
  struct Class {
    std::uint32_t tiers = 0;
    std::uint32_t inside = 0;
    std::uint32_t fastest = 0;
    bool special = false;
    auto operator<=>(const Class&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Fact& fact) const noexcept;
    std::size_t operator()(const Class& one) const noexcept;
    std::size_t operator()(const Coordinates& at) const noexcept;
    std::size_t operator()(const std::pair<std::uint64_t, std::uint32_t>& key) const noexcept;
  };
  /// Distinct texts, numbered.
  class Texts {
   public:
    std::uint32_t id(std::string text);
    const std::string& operator[](std::uint32_t id) const noexcept { return texts_[id]; }

   private:
    std::unordered_map<std::string, std::uint32_t> ids_;
    std::vector<std::string> texts_;
  };

  std::uint32_t location(const std::optional<Coordinates>& at);
  Fact override_by(const PlaceSpec& place, Fact fact);
  std::uint32_t class_of(Fact fact, const Overlay::State& state);
  std::uint32_t tiers_at(std::uint32_t location);
  std::uint32_t inside_of(const Facets& facets);
  std::uint32_t fastest_of(std::uint32_t measured);

  const GeoSpec& spec_;
  const CountryPoints& points_;
  const Questions& questions_;
  const Overlay& overlay_;
  std::vector<Fact> facts_{Fact{}};
  std::unordered_map<Fact, std::uint32_t, Hash> fact_ids_;
  std::vector<std::optional<Coordinates>> locations_{std::nullopt};
  std::unordered_map<Coordinates, std::uint32_t, Hash> location_ids_;
  std::vector<std::uint32_t> tiers_by_location_;  ///< id in tiers_ plus 1; 0: not asked yet
  Texts tiers_;
  std::map<Facets, std::uint32_t> inside_by_facets_;
  Texts inside_;
  std::map<std::uint32_t, std::uint32_t> fastest_by_measured_;
  Texts fastest_;
  std::vector<Class> classes_;
  std::unordered_map<Class, std::uint32_t, Hash> class_ids_;
  std::unordered_map<std::pair<std::uint64_t, std::uint32_t>, std::uint32_t, Hash> class_by_combination_;
  std::vector<std::uint32_t> class_by_fact_;  ///< plus 1, without AS number and outside of the overlay
  std::uint32_t unknown_location_ = 0;
};

}  // namespace gslb::geo
