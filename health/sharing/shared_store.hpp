// health/sharing/shared_store.hpp: what all nodes have in common, in a store that may be slow, cut off, wiped or older
// than it was. Nothing that is answered waits for it.
//
// Threads: those of the implementation.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace gslb::health {

struct StoredValue {
  std::string key;
  std::string value;
  std::uint64_t revision = 0;  ///< of its last change; rises with every change of the store
  friend bool operator==(const StoredValue&, const StoredValue&) = default;
};

/// All that there is under a prefix, at one moment.
struct Listing {
  std::uint64_t revision = 0;  ///< of the store
  std::vector<StoredValue> values;
  friend bool operator==(const Listing&, const Listing&) = default;
};

class SharedStore {
 public:
  /// Called once, later, never from inside the call: the store's revision after the change, or why there was none. A
  /// change that failed may have happened all the same, if the answer was lost.
  using Changed = std::function<void(base::Result<std::uint64_t>)>;
  using Listed = std::function<void(base::Result<Listing>)>;

  virtual ~SharedStore() = default;
  /// @param fence  the revision that the key must still have, 0 for one that must not be there; none: whatever it has
  virtual void put(std::string key, std::string value, std::optional<std::uint64_t> fence, Changed done) = 0;
  virtual void remove(std::string key, std::optional<std::uint64_t> fence, Changed done) = 0;
  /// What a majority of the store agrees on.
  virtual void list(std::string prefix, Listed done) = 0;
};

}  // namespace gslb::health
