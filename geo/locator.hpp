// geo/locator.hpp: from a client's network to its service class, in one flat image.
//
//   GeoSpec, Signatures ──compile_geo()──► GeoImage (kept in the state directory, mapped at the next start)
//                                              └─ locate(signature, address, source) ──► class, scope
//
// Owns:    one contiguous block: a poptrie for each family, place class → service class for each signature, and the
// answers. Threads: immutable; any thread, without allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "geo/signature.hpp"

namespace gslb::geo {

/// The class and how many leading bits of the address it was decided by.
struct Located {
  std::uint16_t service_class = 0;
  std::uint8_t scope = 0;  ///< 0 to the source prefix length given
  bool special =
      false;  ///< special-purpose address (IANA registries) without a place of the operator's; scope: its block
};

class Locator {
 public:
  /// Where the client network `address`/`source` is, for a signature. Class: the one that covers most of the network's
  /// addresses. Scope: the shortest prefix length at which all addresses of the network's prefix of that length are in
  /// one class; `source` if even the network itself is not in one. Bits of `address` after `source` must be zero.
  [[nodiscard]] Located locate(unsigned signature, const base::IpAddress& address, unsigned source) const noexcept;
  /// As locate(), class only, of one full address (the resolver's own).
  [[nodiscard]] std::uint16_t class_of(unsigned signature, const base::IpAddress& address) const noexcept;
  /// Fetches what locate() will read first.
  void prefetch(const base::IpAddress& address) const noexcept;

  unsigned signatures() const noexcept;
  /// Classes of a signature are numbered from 0; an empty signature has the one class 0.
  unsigned classes(unsigned signature) const noexcept;
  [[nodiscard]] ClassAnswers answers(unsigned signature, unsigned service_class) const;

 private:
  // geo/ fills this in: pointers into the image, set once when it was checked, and what keeps the image alive.
};

}  // namespace gslb::geo
