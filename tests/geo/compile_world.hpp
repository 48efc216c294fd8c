// tests/geo/compile_world.hpp: questions that tests ask, and a compiler that fails the test when it fails.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "geo/compiler.hpp"

namespace gslb::geo::testing {

inline Coordinates ashburn() { return {39.04, -77.49}; }
inline Coordinates frankfurt() { return {50.11, 8.68}; }
inline Coordinates singapore() { return {1.35, 103.82}; }
inline Coordinates sydney() { return {-33.87, 151.21}; }
inline Coordinates paris() { return {48.86, 2.35}; }
inline Coordinates sao_paulo() { return {-23.55, -46.63}; }

inline Signature nearest_of(const std::vector<Coordinates>& points, double within_km = 0) {
  NearestQuestion question;
  question.within_km = within_km;
  for (const Coordinates& at : points) question.points.push_back({at, 0});
  return {{question}, {}};
}

inline RegionSpec nobody() {
  RegionSpec region;
  region.anyone = false;
  return region;
}

inline Signature inside_of(RegionSpec region) { return {{}, {std::move(region)}}; }

inline GeoSpec spec_of(const std::vector<std::string>& locations) {
  GeoSpec spec;
  for (const std::string& path : locations) spec.location.push_back({path, {}});
  return spec;
}

inline std::string all_errors(const base::ErrorList& errors) {
  std::string text;
  for (const base::ConfigError& error : errors.all()) text += error.path + ": " + error.what + "\n";
  return text;
}

inline CompiledGeo compile(const GeoSpec& spec, const std::vector<Signature>& signatures,
                           const std::string& image_path = {}) {
  base::ErrorList errors;
  auto compiled = compile_geo(spec, signatures, image_path, errors);
  EXPECT_TRUE(compiled) << all_errors(errors);
  EXPECT_TRUE(errors.empty()) << all_errors(errors);
  if (!compiled) throw std::runtime_error("the geography does not compile");
  return std::move(*compiled);
}

inline std::string why_refused(const GeoSpec& spec, const std::vector<Signature>& signatures) {
  base::ErrorList errors;
  return compile_geo(spec, signatures, {}, errors) ? std::string("accepted") : all_errors(errors);
}

inline base::IpAddress address(const char* text) { return base::parse_address(text).value(); }

inline Located locate(const Locator& locator, unsigned signature, const char* network) {
  const base::Prefix prefix = base::parse_prefix(network).value();
  return locator.locate(signature, prefix.address, prefix.length);
}

}  // namespace gslb::geo::testing
