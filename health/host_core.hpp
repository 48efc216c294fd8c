// health/host_core.hpp: what is known of one host whose addresses come from resolvers: when to ask again, and which
// addresses are in use. No clock, no I/O.
//
//   answers of both families ──answered()──► what resolvers last said ──take_change()──► in use
//
// What is in use only changes for what a resolver positively says: a failure, a name that is gone and an empty answer
// leave it as it is. Threads: one.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace gslb::health {

/// What a resolver said of one family.
struct HostSaid {
  bool failed = true;                      ///< nobody could say, or the name does not exist
  std::vector<base::IpAddress> addresses;  ///< of one family; empty: none, if not failed
  std::uint32_t ttl = 0;                   ///< seconds; of no meaning if there are none
  std::string problem;                     ///< if failed, for people
};

class HostCore {
 public:
  static constexpr std::size_t most_in_use = 8;  ///< of each family
  static constexpr base::Duration soonest = std::chrono::seconds(5);
  static constexpr base::Duration latest = std::chrono::minutes(5);
  static constexpr base::Duration longest_retry = std::chrono::minutes(1);
  static constexpr base::Duration between_changes = std::chrono::seconds(10);

  /// Sorted: IPv4, then IPv6.
  const std::vector<base::IpAddress>& in_use() const noexcept { return in_use_; }
  /// Why the last question found nothing; "" if it did.
  const std::string& problem() const noexcept { return problem_; }
  bool asked() const noexcept { return asked_; }
  /// When to ask again.
  base::SteadyTime next_question() const noexcept { return next_question_; }
  /// When take_change() may bring something, if nothing else happens.
  std::optional<base::SteadyTime> next_change() const;

  /// What was in use before a restart.
  void restore(std::vector<base::IpAddress> addresses);
  /// Both families of one round. @param now  when the later one came
  void answered(base::SteadyTime now, const HostSaid& v4, const HostSaid& v6);
  /// Puts what was last said to use, if it differs and the last change is long enough ago. The first is never late.
  bool take_change(base::SteadyTime now);

 private:
  std::vector<base::IpAddress> wanted() const;

  std::array<std::vector<base::IpAddress>, 2> said_;  ///< of each family; last good
  std::vector<base::IpAddress> in_use_;
  std::string problem_;
  bool asked_ = false;
  base::SteadyTime next_question_{};
  std::optional<base::SteadyTime> changed_;
  base::Duration retry_ = soonest;
};

}  // namespace gslb::health
