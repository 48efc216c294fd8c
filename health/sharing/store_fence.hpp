// health/sharing/store_fence.hpp: whether what a store says may be believed: that it is the store of before, and not
// older than it was. Pure.
//
//   Listing ─► StoreFence::judge ─► trusted: use it        refused, in words: go on with what was known
//
// A store is known by an identity that the first node to find it empty writes into it. One that was wiped has none, or
// another; one that was rolled back has a lower revision. Neither is obeyed, until a person says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "health/sharing/shared_store.hpp"

namespace gslb::health {

class StoreFence {
 public:
  static constexpr std::string_view identity_key = "/gslb/store";

  enum class Verdict : std::uint8_t {
    trusted,
    fresh,    ///< it has no identity, and neither do we know one: write one (fence 0)
    refused,  ///< see problem()
  };
  /// @param listing  of all that begins with /gslb/
  Verdict judge(const Listing& listing);
  /// A person has looked: whatever the store is now, it is believed from now on.
  void accept() noexcept {
    identity_.clear();
    revision_ = 0;
    rolled_back_ = false;
  }

  /// Why the store was refused last, with what to do; "" if it was not.
  const std::string& problem() const noexcept { return problem_; }
  std::uint64_t revision() const noexcept { return revision_; }

  /// What has to outlive the program, for the state file, and back.
  std::string state() const;
  [[nodiscard]] base::Result<void> restore(std::string_view text);

 private:
  std::string identity_;  ///< "": none is known
  std::uint64_t revision_ = 0;
  bool rolled_back_ = false;  ///< seen older once: that it counts up again proves nothing
  std::string problem_;
};

}  // namespace gslb::health
