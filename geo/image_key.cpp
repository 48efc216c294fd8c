#include "geo/image_key.hpp"

#include <bit>

#include "base/hash.hpp"
#include "geo/image.hpp"

namespace gslb::geo {

ImageKey::ImageKey(const GeoSpec& spec, const std::vector<Signature>& signatures) {
  add(image::version);
  add(spec.location.size());
  add(spec.asn.size());
  add(spec.unknown_at.has_value());
  add(spec.unknown_at.value_or(Coordinates{}));
  add(spec.places.size());
  for (const PlaceSpec& place : spec.places) {
    add(place.prefix);
    add(place.at.has_value());
    add(place.at.value_or(Coordinates{}));
    add(std::string_view(place.country));
    add(std::string_view(place.continent));
    add(std::string_view(place.subdivision));
    add(place.asn);
  }
  add(signatures.size());
  for (const Signature& signature : signatures) {
    add(signature.nearest.size());
    for (const NearestQuestion& question : signature.nearest) add(question);
    add(signature.fastest.size());
    for (const FastestQuestion& question : signature.fastest) {
      add(question.sites);
      add(std::bit_cast<std::uint64_t>(question.within_ms));
      add(std::string_view(question.table.value));
    }
    add(signature.regions.size());
    for (const RegionSpec& region : signature.regions) add(region);
  }
}

void ImageKey::add(std::uint64_t value) noexcept { hash_ = base::combine(hash_, value); }
void ImageKey::add(std::string_view text) noexcept { hash_ = base::hash_bytes(text, hash_); }

void ImageKey::add(const Coordinates& at) noexcept {
  add(std::bit_cast<std::uint64_t>(at.latitude));
  add(std::bit_cast<std::uint64_t>(at.longitude));
}

void ImageKey::add(const std::vector<std::string>& texts) noexcept {
  add(texts.size());
  for (const std::string& text : texts) add(std::string_view(text));
}

void ImageKey::add(const base::Prefix& prefix) noexcept {
  add(base::hash_bytes(prefix.address.bytes()));
  add(prefix.length);
}

void ImageKey::add(const RegionSpec& region) noexcept {
  add((region.anyone ? 1U : 0U) + (region.unknown ? 2U : 0U));
  add(region.continents);
  add(region.countries);
  add(region.subdivisions);
  add(region.except_continents);
  add(region.except_countries);
  add(region.except_subdivisions);
  for (const auto* asns : {&region.asns, &region.except_asns}) {
    add(asns->size());
    for (const std::uint32_t asn : *asns) add(asn);
  }
  for (const auto* prefixes : {&region.prefixes, &region.except_prefixes}) {
    add(prefixes->size());
    for (const base::Prefix& prefix : *prefixes) add(prefix);
  }
}

void ImageKey::add(const NearestQuestion& question) noexcept {
  add(std::bit_cast<std::uint64_t>(question.within_km));
  add(std::uint64_t{question.partial});
  add(question.points.size());
  for (const NearestQuestion::Point& point : question.points) {
    add(point.at);
    add(std::bit_cast<std::uint64_t>(point.bias_km));
  }
}

}  // namespace gslb::geo
