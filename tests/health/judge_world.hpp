// A judge with a few sites and vantages, whose reports are written as text: 'u' up, 'd' down, '.' no opinion.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "health/judge.hpp"

namespace gslb::health {

class JudgeWorld {
 public:
  /// Sites "s0", "s1", …, one target each, all of one service; the judge's own vantage is the first.
  JudgeWorld(std::size_t sites, std::vector<Vantage> vantages) {
    spec.vantages = std::move(vantages);
    spec.services = 1;
    for (std::size_t s = 0; s < sites; ++s) {
      std::string name = "s";
      name += std::to_string(s);
      spec.sites.push_back({name, ""});
      JudgedTarget& target = spec.targets.emplace_back();
      target.id = 100 + s;
      target.site = static_cast<std::uint16_t>(s);
      target.services = {0};
      target.thresholds = {3, 2, std::chrono::seconds(1)};
      target.guards.pace = PaceSpec{std::chrono::milliseconds(0), std::chrono::minutes(5)};
    }
  }
  void start() { judge.configure(spec); }

  /// The own vantage.
  void see(std::string_view verdicts, OwnStanding standing = {}) {
    std::vector<TargetState> states(verdicts.size());
    for (std::size_t t = 0; t < states.size(); ++t) states[t].verdict = verdict_of(verdicts[t]);
    judge.observe(states, standing);
  }
  static Report report(const std::string& vantage, std::string_view verdicts) {
    Report out;
    out.vantage = vantage;
    out.incarnation = 1;
    out.settled = true;
    out.references = out.references_up = 2;
    for (std::size_t t = 0; t < verdicts.size(); ++t) {
      if (verdicts[t] == '.') continue;
      out.opinions.emplace_back().target = 100 + t;
      out.opinions.back().verdict = verdict_of(verdicts[t]);
    }
    return out;
  }
  /// Another vantage, now.
  void hear(const std::string& vantage, std::string_view verdicts) { hear(report(vantage, verdicts)); }
  void hear(Report said) {
    said.sequence = ++sequence[said.vantage];
    refused = judge.receive(said, now);
  }
  /// @return the verdicts, after `later` more
  std::string judged(base::Duration later = {}) {
    now += later;
    next = judge.step(now, base::WallTime(now.time_since_epoch()));
    std::string out;
    for (const TargetState& state : judge.states())
      out += state.verdict == Verdict::up ? 'u' : (state.verdict == Verdict::down ? 'd' : '.');
    return out;
  }
  std::string why(std::size_t target) const { return judge.shown(target, {}, now).reason; }

  JudgeSpec spec;
  Judge judge;
  base::SteadyTime now{std::chrono::hours(1)};
  std::optional<base::SteadyTime> next;
  std::optional<std::string_view> refused;
  std::map<std::string, std::uint64_t> sequence;

 private:
  static Verdict verdict_of(char c) { return c == 'u' ? Verdict::up : (c == 'd' ? Verdict::down : Verdict::unknown); }
};

}  // namespace gslb::health
