// geo/compiler.hpp: databases, the operator's places and the services' questions into a Locator.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/source.hpp"
#include "geo/facts.hpp"
#include "geo/geo_spec.hpp"
#include "geo/locator.hpp"
#include "geo/signature.hpp"

namespace gslb::geo {

struct CompiledGeo {
  std::shared_ptr<const Locator> locator;
  std::string key;                          ///< hash of every input: equal key, equal image
  bool from_state = false;                  ///< mapped from `image_path`, nothing was compiled
  std::shared_ptr<const GeoInputs> inputs;  ///< for facts_about()
};

/// Reads, walks and checks every database whole, merges them with the places, and compiles the image. If `image_path`
/// is not empty and holds an image with the same key that passes its checks, that one is mapped instead; otherwise the
/// new image is stored there (failure to store is logged, not returned). A database that is damaged, or of a kind that
/// has neither places nor AS numbers, is an error that names the file and the reason.
[[nodiscard]] std::optional<CompiledGeo> compile_geo(const GeoSpec& spec, const std::vector<Signature>& signatures,
                                                     const std::string& image_path, base::ErrorList& errors);

}  // namespace gslb::geo
