// geo/locator.hpp: from a client's network to its service class, in one flat image.
//
//   GeoSpec, Signatures ──compile_geo()──► image (kept in the state directory, mapped at the next start)
//                                              └─ locate(signature, address, source) ──► class, scope
//
// Owns:    one contiguous block: a poptrie for each family, place class → service class for each signature, and the
// answers. Threads: immutable; any thread, without allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "geo/image.hpp"
#include "geo/signature.hpp"

namespace gslb::geo {

/// The class and how many leading bits of the address it was decided by.
struct Located {
  std::uint16_t service_class = 0;
  std::uint8_t scope = 0;  ///< 0 to the source prefix length given
  /// A special-purpose network (IANA registries) without a place of the operator's, for any signature. Scope: its
  /// block, or the shortest prefix inside it that holds no such place.
  bool special = false;
};

class Locator {
 public:
  /// Takes an image that was just compiled. Fails if it does not pass image::check().
  [[nodiscard]] static base::Result<std::shared_ptr<const Locator>> from(image::Buffer image);
  /// Maps a stored image. Fails if there is none, if its key is not `key`, or if it does not pass image::check().
  [[nodiscard]] static base::Result<std::shared_ptr<const Locator>> map(const std::string& path, std::uint64_t key);

  /// Where the client network `address`/`source` is, for a signature. Class: the one that covers most of the network's
  /// addresses. Scope: the shortest prefix length at which all addresses of the network's prefix of that length are in
  /// one class; `source` if even the network itself is not in one. Bits of `address` after `source` must be zero; an
  /// IPv4-mapped IPv6 address must be unmapped.
  [[nodiscard]] Located locate(unsigned signature, const base::IpAddress& address, unsigned source) const noexcept;
  /// As locate(), class only, of one full address (the resolver's own).
  [[nodiscard]] std::uint16_t class_of(unsigned signature, const base::IpAddress& address) const noexcept;
  /// Fetches what locate() will read first.
  void prefetch(const base::IpAddress& address) const noexcept;
  /// Fetches what locate() will read next, once that is there.
  void prefetch_node(const base::IpAddress& address) const noexcept;

  /// Place classes are numbered from 0, for all signatures alike.
  unsigned place_classes() const noexcept { return place_classes_; }
  std::uint16_t service_class(unsigned signature, std::uint16_t place_class) const noexcept {
    return signatures_[signature].service_class[place_class];
  }
  /// The class is of special-purpose addresses that are nowhere.
  bool special(std::uint16_t place_class) const noexcept { return special_[place_class] != 0; }

  unsigned signatures() const noexcept { return static_cast<unsigned>(signatures_.size()); }
  /// Classes of a signature are numbered from 0; an empty signature has the one class 0.
  unsigned classes(unsigned signature) const noexcept { return signatures_[signature].classes; }
  [[nodiscard]] ClassAnswers answers(unsigned signature, unsigned service_class) const;
  /// Octets of the image.
  std::size_t size() const noexcept { return size_; }

 private:
  /// Pointers into the image, set once after it was checked.
  struct FamilyTables {
    const std::uint32_t* direct = nullptr;
    const image::Node* nodes = nullptr;
    const std::uint16_t* leaves = nullptr;
    const image::ScopeNode* scope_nodes = nullptr;
    const std::uint64_t* top_split = nullptr;
    const std::uint32_t* top_rank = nullptr;
    const std::uint8_t* place_depth = nullptr;
  };
  struct ScopeTables {
    const std::uint8_t* depth = nullptr;  ///< null: one class everywhere
    const std::uint64_t* mixed = nullptr;
    const std::uint32_t* rank = nullptr;
    const std::uint16_t* majority = nullptr;
    std::span<const std::uint32_t> many;
    const std::uint16_t* many_majority = nullptr;
  };
  struct SignatureTables {
    const std::uint16_t* service_class = nullptr;
    unsigned classes = 0;
    ScopeTables family[2];
  };
  /// One look-up: an address of one family, for one signature.
  template <class Key>
  class Lookup;

  using Storage = std::variant<image::Buffer, base::MappedFile>;
  explicit Locator(Storage storage);
  friend class Walk;
  std::uint32_t direct_entry(base::Family family, std::uint32_t slot) const noexcept {
    return families_[static_cast<std::size_t>(family)].direct[slot];
  }
  const image::Node& node(base::Family family, std::uint32_t index) const noexcept {
    return families_[static_cast<std::size_t>(family)].nodes[index];
  }
  std::uint16_t leaf(base::Family family, std::uint32_t index) const noexcept {
    return families_[static_cast<std::size_t>(family)].leaves[index];
  }

  template <class Key>
  Located locate_in(unsigned signature, const base::IpAddress& address, unsigned source) const noexcept;

  Storage storage_;
  const std::uint8_t* image_ = nullptr;
  std::size_t size_ = 0;
  const std::uint8_t* special_ = nullptr;
  unsigned place_classes_ = 0;
  FamilyTables families_[2];
  std::vector<SignatureTables> signatures_;
};

}  // namespace gslb::geo
