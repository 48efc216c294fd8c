// health/judge.hpp: what one server makes of all opinions, its own and those that are sent to it. Pure: no clock, no
// I/O.
//
//   own states ─observe()─┐
//   reports ────receive()─┴─► ballots ─► tally ─► wanted ─► guards ─► states()
//                             who has a vote?     frozen?   hold, damping, pace
//
// Every server judges for itself. Who is not heard has no vote, and with too few votes nothing changes: unknown is not
// down. Time is the receiver's own; what other clocks say is never compared with it.
// Threads: the health thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "health/damping.hpp"
#include "health/grade.hpp"
#include "health/judge_spec.hpp"
#include "health/judged_view.hpp"
#include "health/pace.hpp"
#include "health/report.hpp"
#include "health/tally.hpp"
#include "health/target.hpp"
#include "health/witness.hpp"

namespace gslb::health {

/// What this server's own vantage knows of itself.
struct OwnStanding {
  bool settled = true;  ///< every target has been probed once
  unsigned references = 0;
  unsigned references_up = 0;
};

/// A verdict that turned, for the log.
struct Turn {
  std::size_t target = 0;
  Verdict from = Verdict::unknown;
  Verdict to = Verdict::unknown;
};

class Judge {
 public:
  /// For other targets, vantages or rules from now on. What is known of targets and vantages that stay is kept.
  void configure(JudgeSpec spec);
  const JudgeSpec& spec() const noexcept { return spec_; }
  /// There is no other vantage and no guard: states() would be what is observed.
  bool plain() const noexcept { return plain_ && own_.references == 0; }

  /// Takes what another vantage sent. Whose name it is has been proved before.
  /// @return why it is refused, or nothing
  std::optional<std::string_view> receive(const Report& report, base::SteadyTime arrival);
  /// Takes what this server's own probes say, of each target.
  void observe(std::span<const TargetState> own, const OwnStanding& standing);

  /// Judges anew.
  /// @param wall  only written down, as TargetState::since
  /// @return when to come again though nothing is observed or received
  std::optional<base::SteadyTime> step(base::SteadyTime now, base::WallTime wall);
  /// Of each target, after step(): verdict, motion, grade, and the times of a return. Words are in shown().
  const std::vector<TargetState>& states() const noexcept { return states_; }
  /// Verdicts that turned since this was last called.
  std::vector<Turn> take_turns() { return std::exchange(turns_, {}); }

  /// For people: what is known of a target, with reason. `own` is what this server's probes say of it.
  TargetState shown(std::size_t target, const TargetState& own, base::SteadyTime now) const;
  JudgedView view(std::size_t target, base::SteadyTime now) const;
  std::vector<VantageView> vantages(base::SteadyTime now) const;

  /// What other servers should know beside opinions: penalties, and sites that left a moment ago.
  std::vector<SharedState> shared(base::SteadyTime now) const;

  /// Takes verdicts of an earlier run, for targets that have none yet. After configure().
  void restore(std::span<const KeptVerdict> kept, base::SteadyTime now);
  /// For the state file: those that are known.
  std::vector<KeptVerdict> kept(base::SteadyTime now) const;

 private:
  struct Heard {
    Verdict says = Verdict::unknown;
    bool in_motion = false;
    std::uint16_t failed = 0;
    base::Duration until_change{};
    base::Duration latency{};
    std::optional<base::SteadyTime> returned;
    std::uint16_t penalty = 0;  ///< of its damping there, in hundredths
  };
  struct Known {
    Verdict verdict = Verdict::unknown;  ///< that acts
    Verdict wanted = Verdict::unknown;   ///< before guards
    bool restored = false;
    bool frozen = false;  ///< too few are heard
    bool alone = false;   ///< it is down by `alone_after`
    Guard guard = Guard::none;
    base::SteadyTime guard_until{};
    base::WallTime since{};
    std::optional<base::SteadyTime> returned_at;  ///< here, or a little later at another server
    std::optional<base::SteadyTime> returned_here;
    std::optional<base::SteadyTime> withdrawn_at;
    std::optional<base::SteadyTime> alone_since;
    Damping damping;
    Grade grade;
    Tally tally;
  };
  struct Party {  ///< a vantage, over time
    std::uint64_t incarnation = 0;
    std::uint64_t sequence = 0;
    std::optional<base::SteadyTime> arrival;  ///< of its last report
    bool settled = false;
    Outlook outlook;
    Witness witness;
    std::vector<Opinion> opinions;  ///< kept for targets that a new configuration adds
    std::vector<SharedState> shared;
    std::optional<std::uint32_t> weights;  ///< hash of what it answers; none: it answers nothing
    Standing standing = Standing::silent;
    unsigned with = 0, against = 0;          ///< of the targets on which the others agree, in this step
    std::optional<base::SteadyTime> turned;  ///< since when it is other than `quarantined` says
    bool quarantined = false;
    std::uint16_t site = JudgedTarget::no_site;
    std::uint8_t region = 0;
  };

  Heard& heard(std::size_t target, std::size_t vantage) { return heard_[target * parties_.size() + vantage]; }
  const Heard& heard(std::size_t target, std::size_t vantage) const {
    return heard_[target * parties_.size() + vantage];
  }
  void spread(std::size_t vantage);
  void spread_shared(std::size_t vantage);
  void agree_on_return(std::size_t target);
  void agree_on_penalty(std::size_t target, const DampingSpec& spec, base::SteadyTime now);
  void look_around(std::size_t vantage);
  void weigh_vantages(base::SteadyTime now);
  void watch_quarantine(base::SteadyTime now);
  void compare(const Tally& tally);
  bool inside(std::size_t target, std::size_t vantage) const noexcept;
  Standing standing_of(std::size_t target, std::size_t vantage, base::SteadyTime now) const;
  void fill(std::size_t target, base::SteadyTime now);
  Verdict decide(std::size_t target, base::SteadyTime now);
  bool others_seen(std::size_t target) const;
  bool another_up(std::size_t target) const;
  void act(std::size_t target, Verdict wanted, base::SteadyTime now, base::WallTime wall);
  std::pair<Guard, base::SteadyTime> keeps_up(std::size_t target, base::SteadyTime now);
  std::pair<Guard, base::SteadyTime> keeps_down(std::size_t target, base::SteadyTime now);
  bool renewed(std::size_t target, base::SteadyTime since) const;
  void turn(std::size_t target, Verdict to, base::SteadyTime now, base::WallTime wall);
  void grade(std::size_t target, base::SteadyTime now);
  void publish(std::size_t target);
  void wake(base::SteadyTime when) noexcept {
    if (!next_ || when < *next_) next_ = when;
  }

  JudgeSpec spec_;
  bool plain_ = true;
  OwnStanding own_;
  std::vector<Party> parties_;
  std::vector<Heard> heard_;                                  ///< targets × vantages
  std::vector<std::uint8_t> only_inside_;                     ///< for each target: no vantage is outside of its site
  std::vector<std::pair<std::uint64_t, std::uint32_t>> ids_;  ///< ascending: of targets, and which
  std::vector<std::vector<std::uint32_t>> of_service_;        ///< targets
  std::vector<Known> known_;
  std::vector<TargetState> states_;
  std::vector<Ballot> ballots_;  ///< on one target, of each vantage
  mutable std::vector<Ballot> renewed_;
  bool withdrew_ = false;                                   ///< in this step
  bool keeps_away_ = false;                                 ///< in this step a guard kept a target away
  std::vector<std::uint8_t> waits_;                         ///< for each site: one of its targets waits for its turn
  std::vector<std::optional<base::SteadyTime>> said_left_;  ///< for each site: when another server says it left
  Pace pace_;
  std::vector<Turn> turns_;
  std::optional<base::SteadyTime> next_;
};

}  // namespace gslb::health
