// health/sharing/inbox.hpp: which reports are taken, and from whom. Pure.
//
//   certificate's names, octets ─► Inbox::take ─► Report ─► judge
//                                      └─► refusal, in words, counted
//
// One certificate speaks for one vantage. Of each vantage only what is newer than the last is taken: a later
// incarnation, or of the same one a higher sequence.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "health/report.hpp"

namespace gslb::health {

class Inbox {
 public:
  /// How far a sender's clock may be ahead of ours: one further ahead could shut itself out once it is set right.
  static constexpr std::chrono::minutes most_ahead{5};

  enum class Outcome : std::uint8_t {
    taken,
    foreign,    ///< the certificate is not that of a vantage, or not of the one that the report names
    malformed,  ///< parse_report refused it
    ahead,      ///< it comes from the future
    old,        ///< as old as one that was taken, or older
  };
  struct Taken {
    Outcome outcome;
    std::string problem;            ///< in words, for both sides; "" if taken
    std::optional<Report> report;   ///< if taken
    std::uint64_t incarnation = 0;  ///< if old: the one it has to exceed
  };
  /// What is known of a sender.
  struct Sender {
    std::uint64_t incarnation = 0, sequence = 0;  ///< of the last report taken
    std::uint64_t taken = 0, refused = 0;
    std::optional<base::SteadyTime> heard;  ///< when the last was taken
    std::string problem;                    ///< of the last refused, if none was taken since
  };

  /// Takes reports of these from now on; what is known of those that stay is kept.
  void follow(const std::vector<std::string>& vantages);

  /// @param certificate  the verified names of who sent it
  Taken take(const std::vector<std::string>& certificate, std::string_view octets, base::WallTime wall,
             base::SteadyTime now);

  /// By name.
  const std::map<std::string, Sender, std::less<>>& senders() const noexcept { return senders_; }
  /// Refused from others than vantages.
  std::uint64_t foreign() const noexcept { return foreign_; }

 private:
  std::map<std::string, Sender, std::less<>> senders_;
  std::uint64_t foreign_ = 0;
};

}  // namespace gslb::health
