// geo/image_key.hpp: a hash of everything that a compiled geography is made from.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "geo/geo_spec.hpp"
#include "geo/signature.hpp"

namespace gslb::geo {

class ImageKey {
 public:
  /// Places, the place of unknown clients, how many databases there are, and the questions.
  ImageKey(const GeoSpec& spec, const std::vector<Signature>& signatures);

  void add(std::uint64_t value) noexcept;
  void add(std::string_view text) noexcept;
  std::uint64_t value() const noexcept { return hash_; }

 private:
  void add(const Coordinates& at) noexcept;
  void add(const std::vector<std::string>& texts) noexcept;
  void add(const base::Prefix& prefix) noexcept;
  void add(const RegionSpec& region) noexcept;
  void add(const NearestQuestion& question) noexcept;

  std::uint64_t hash_ = 0;
};

}  // namespace gslb::geo
