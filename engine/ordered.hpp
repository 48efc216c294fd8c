// engine/ordered.hpp: what people ordered, for each address of each service; applied last, to what was judged.
//
//   orders ──OrderedEndpoints──► Ordered of an address ──apply(judged)──► EndpointState
//
// After the end of a drain or of a forced down the address stays out until it has been up for `rise` intervals without
// a failed probe, and then gets its clients by and by (`slowstart`). Pure: no clock, no I/O. Threads: one object, one
// thread.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "engine/generation.hpp"
#include "health/order.hpp"
#include "policy/endpoint_state.hpp"

namespace gslb::engine {

/// Of one address.
struct Ordered {
  std::optional<health::OrderKind> kind;
  bool held_up = false;                  ///< of `hold`: it was up
  std::optional<base::SteadyTime> back;  ///< it is coming back: nothing has spoken against it since

  /// What becomes of what was judged.
  /// @param settle  how long it has to be up without a failure before it comes back: `rise` × interval
  /// @param next    is brought forward to when this changes though nothing happens
  void apply(policy::EndpointState& state, base::Duration settle, base::Duration slowstart, base::SteadyTime now,
             std::optional<base::SteadyTime>& next);
};

class OrderedEndpoints {
 public:
  OrderedEndpoints() = default;
  OrderedEndpoints(const Snapshot& snapshot, const std::vector<health::Order>& orders, base::WallTime wall,
                   base::SteadyTime now);

  /// Of an endpoint's address of a family; null: nothing is ordered.
  Ordered* find(std::size_t service, std::size_t family, std::size_t endpoint) noexcept;
  /// Of a further address of a host, by its place in Snapshot::other_targets.
  Ordered* find_other(std::size_t place) noexcept;

 private:
  std::vector<std::array<std::vector<Ordered>, 2>> of_service_;  ///< empty where nothing is ordered
  std::vector<Ordered> of_others_;
};

}  // namespace gslb::engine
