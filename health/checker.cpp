#include "health/checker.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <list>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "health/probes/probe.hpp"
#include "health/schedule.hpp"
#include "health/snapshot.hpp"
#include "health/target_core.hpp"

namespace gslb::health {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// How long probes may be started before sockets and other timers of the thread get their turn.
constexpr milliseconds longest_stretch{2};
/// Between two warnings about ourselves.
constexpr std::chrono::minutes warning_pause{1};
/// Outcomes of a target that are kept as evidence.
constexpr std::size_t most_evidence = 8;
/// A silence that ends so soon after we were kept from running says nothing.
constexpr std::chrono::seconds stall_memory{1};
/// While probes are under way the thread looks at the clock this often, to notice that it was kept from running.
constexpr milliseconds heartbeat{100};

/// One probe and what it found out, however many targets share it.
struct Checked {
  Checked(const Target& t, std::string k, std::string p, TargetCore c)
      : target(t), key(std::move(k)), probe_key(std::move(p)), core(std::move(c)) {}

  bool waits() const noexcept { return waits_for_pushes(target.monitor); }
  bool unjudged() const noexcept { return !waits() && core.state().verdict == Verdict::unknown; }
  Cadence cadence() const noexcept { return cadence_of(target.monitor, core.state().verdict, core.state().in_motion); }

  Target target;
  std::string key;
  std::string probe_key;
  TargetCore core;
  base::SteadyTime due{};
  std::unique_ptr<Probe> under_way;
  std::uint32_t id = 0;             ///< position in Impl::all
  std::vector<std::size_t> places;  ///< in the caller's list
  std::deque<Evidence> recent;      ///< its last outcomes, oldest first
  unsigned awaited = 0;             ///< outcomes after a transition that are still to come

  void remember(const Observation& seen) {
    if (recent.size() == most_evidence) recent.pop_front();
    recent.push_back({base::wall_now(), seen.ok, seen.voided, std::string(to_string(seen.phase)), seen.detail,
                      seen.latency, seen.times});
  }
};

std::string in_a_row(unsigned outcomes, std::string_view one, std::string_view many) {
  return outcomes == 1 ? "1 " + std::string(one) : std::to_string(outcomes) + " " + std::string(many) + " in a row";
}

void log_transition(const Checked& checked, const Transition& transition) {
  const bool up = transition.to == Verdict::up;
  const std::string address = base::to_string(checked.target.address);
  const std::string& reason = checked.core.state().reason;
  std::string line = "target " + address + " is " + std::string(to_string(transition.to));
  if (transition.from == Verdict::unknown) {
    line += (up ? ": first probe passed: " : ": first probe failed: ") + reason;
  } else {
    line += (up ? " again: " + in_a_row(transition.outcomes, "success", "successes")
                : ": " + in_a_row(transition.outcomes, "failure", "failures")) +
            ", last: " + reason;
  }
  base::log(up ? base::LogLevel::info : base::LogLevel::warning, line,
            {{"target", checked.key},
             {"server.address", address},
             {"from", to_string(transition.from)},
             {"to", to_string(transition.to)},
             {"outcomes", transition.outcomes},
             {"reason", reason}});
}

/// A verdict from the state file that waits for its target.
struct Remembered {
  Verdict verdict = Verdict::unknown;
  base::WallTime since{};
  std::optional<base::SteadyTime> returned_at;
};

/// What of a state a plan or a TTL depends on.
auto essence(const TargetState& state) { return std::tuple(state.verdict, state.restored, state.streak); }

}  // namespace

struct Checker::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& c, std::uint64_t seed, Changed on_change)
      : context(c), changed(std::move(on_change)), random(seed), tools(c), timer(c) {}

  void set_targets(std::vector<Target> next);
  std::unique_ptr<Checked> make(const Target& target, std::string key, std::string probe_key, const Checked* known);
  void recall();
  void publish(const Checked& checked);
  void announce();
  void arm();
  void woke();
  void start(Checked& checked);
  void finished(Checked& checked, Observation seen);
  void silent(Checked& checked, base::SteadyTime now);
  void take(Checked& checked, const Observation& seen);
  void warn_seldom(std::string_view line);

  asio::io_context& context;
  Changed changed;
  base::Random random;
  ProbeTools tools;  // before `all`: a probe uses them until it is destroyed
  asio::steady_timer timer;
  std::vector<Target> targets;
  std::vector<TargetState> states;
  std::vector<const Checked*> at_place;  ///< of each target
  std::vector<std::unique_ptr<Checked>> all;
  struct AskedFor {
    Target target;
    std::unique_ptr<Probe> probe;
  };
  std::list<AskedFor> asked_for;                           ///< by people, under way
  std::unordered_map<std::string, Remembered> remembered;  ///< by Target::key(), until there are targets
  DueQueue queue;
  StallWatch watch;
  std::optional<base::SteadyTime> armed;  ///< when `timer` runs
  std::optional<base::SteadyTime> warned;
  std::size_t unjudged = 0;
  std::size_t under_way = 0;
  bool announced = false;
};

void Checker::Impl::set_targets(std::vector<Target> next) {
  auto old = std::exchange(all, {});  // what is still in it at the end is cancelled there
  std::unordered_map<std::string_view, std::unique_ptr<Checked>*> same;
  std::unordered_map<std::string_view, const Checked*> known;
  for (auto& checked : old) {
    same.emplace(checked->probe_key, &checked);
    known.emplace(checked->key, checked.get());
  }

  targets = std::move(next);
  states.assign(targets.size(), {});
  at_place.assign(targets.size(), nullptr);
  std::unordered_map<std::string_view, Checked*> taken;
  for (std::size_t place = 0; place < targets.size(); ++place) {
    std::string probe_key = targets[place].probe_key();
    if (const auto twin = taken.find(probe_key); twin != taken.end()) {
      twin->second->places.push_back(place);
      continue;
    }
    if (const auto found = same.find(probe_key); found != same.end()) {
      all.push_back(std::move(*found->second));
    } else {
      std::string key = targets[place].key();
      const auto like = known.find(key);
      all.push_back(
          make(targets[place], std::move(key), std::move(probe_key), like != known.end() ? like->second : nullptr));
    }
    Checked& checked = *all.back();
    checked.id = static_cast<std::uint32_t>(all.size() - 1);
    checked.places.assign(1, place);
    taken.emplace(checked.probe_key, &checked);
  }
  recall();
  queue = {};
  under_way = 0;
  for (const auto& checked : all) {
    checked->under_way != nullptr ? void(++under_way) : queue.push(checked->due, checked->id);
  }
  arm();
}

/// @param known  the same target under other timing, or null: its state goes on, and its probe comes no later
std::unique_ptr<Checked> Checker::Impl::make(const Target& target, std::string key, std::string probe_key,
                                             const Checked* known) {
  const Thresholds thresholds = thresholds_of(target.monitor);
  auto checked =
      std::make_unique<Checked>(target, std::move(key), std::move(probe_key),
                                known != nullptr ? TargetCore(known->core, thresholds) : TargetCore(thresholds));
  if (checked->waits()) {  // the deadline begins anew: whoever spoke in time cannot know that it is another one now
    checked->due = base::steady_now() + target.monitor.interval;
    return checked;
  }
  checked->due = first(base::steady_now(), checked->cadence(), random);
  if (known != nullptr && known->under_way == nullptr) checked->due = std::min(checked->due, known->due);
  return checked;
}

/// Gives the targets there are what was restored, once, and brings all that is shown up to date.
void Checker::Impl::recall() {
  unjudged = 0;
  for (const auto& checked : all) {
    if (const auto found = remembered.find(checked->key); found != remembered.end())
      checked->core.restore(found->second.verdict, found->second.since, found->second.returned_at);
    unjudged += checked->unjudged();
    publish(*checked);
  }
  remembered.clear();
}

void Checker::Impl::publish(const Checked& checked) {
  for (const std::size_t place : checked.places) {
    states[place] = checked.core.state();
    at_place[place] = &checked;
  }
}

void Checker::Impl::announce() {
  if (std::exchange(announced, true)) return;
  asio::post(context, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->announced = false;
    if (self->changed) self->changed();
  });
}

void Checker::Impl::arm() {
  const base::SteadyTime now = base::steady_now();
  std::optional<base::SteadyTime> wake = queue.next();
  if (under_way != 0) wake = std::min(wake.value_or(now + heartbeat), now + heartbeat);
  if (!wake) return;
  armed = std::max(*wake, now);
  watch.expect(*armed);
  timer.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(*armed));
  timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->woke();
  });
}

void Checker::Impl::woke() {
  const base::SteadyTime begin = base::steady_now();
  if (const auto late = watch.woke(begin))
    warn_seldom("the health thread was kept from running for " + base::human_duration(*late) +
                ": what failed meanwhile does not count");
  base::SteadyTime now = begin;
  while (now - begin < longest_stretch) {
    const auto id = queue.pop(now);
    if (!id) break;
    Checked& checked = *all[*id];
    if (checked.due > now) {  // it was pushed meanwhile
      queue.push(checked.due, checked.id);
    } else if (checked.waits()) {
      silent(checked, now);
    } else {
      start(checked);
    }
    now = base::steady_now();
  }
  arm();
}

void Checker::Impl::start(Checked& checked) {
  ++under_way;
  checked.under_way =
      start_probe(tools, checked.target, [this, &checked](Observation seen) { finished(checked, std::move(seen)); });
}

void Checker::Impl::finished(Checked& checked, Observation seen) {
  const base::SteadyTime now = base::steady_now();
  checked.under_way.reset();
  --under_way;
  // A success is one however late we see it; a failure may be our own doing.
  if (!seen.ok && watch.stalled_since(seen.when - seen.latency, now)) {
    seen.voided = true;
    seen.detail = "the health thread was kept from running";
  }
  take(checked, seen);
  checked.due = following(checked.due, now, checked.cadence(), random);
  queue.push(checked.due, checked.id);
  if (!armed || checked.due < *armed) arm();
}

/// The deadline of a target that waits for pushes has passed.
void Checker::Impl::silent(Checked& checked, base::SteadyTime now) {
  Observation seen = silence(checked.target.monitor.interval, now);
  // What was said while we stood still may not have been read yet.
  seen.voided = watch.stalled_since(now - stall_memory, now);
  take(checked, seen);
  checked.due = now + checked.target.monitor.interval;
  queue.push(checked.due, checked.id);
}

/// One outcome, from wherever it is.
void Checker::Impl::take(Checked& checked, const Observation& seen) {
  checked.remember(seen);
  if (checked.awaited > 0 && --checked.awaited == 0) announce();
  if (seen.voided) {
    warn_seldom("a probe of " + base::to_string(checked.target.address) + " does not count: " + seen.detail);
  } else {
    if (!seen.warning.empty() && seen.warning != checked.core.state().warning)
      base::log_warning("target " + base::to_string(checked.target.address) + ": " + seen.warning,
                        {{"target", checked.key}});
    const bool first_verdict = checked.unjudged();
    const auto before = essence(checked.core.state());
    const auto transition = checked.core.step(base::wall_now(), seen);
    publish(checked);
    if (transition) {
      log_transition(checked, *transition);
      const bool as_hoped = transition->from == Verdict::unknown && transition->to == Verdict::up;
      checked.awaited = as_hoped ? 0 : Checker::outcomes_after;
    }
    if (transition && first_verdict) --unjudged;
    if (essence(checked.core.state()) != before) announce();
  }
}

void Checker::Impl::warn_seldom(std::string_view line) {
  const base::SteadyTime now = base::steady_now();
  if (warned && now - *warned < warning_pause) return;
  warned = now;
  base::log_warning(line);
}

Checker::Checker(asio::io_context& context, std::uint64_t seed, Changed changed)
    : impl_(std::make_shared<Impl>(context, seed, std::move(changed))) {}

Checker::~Checker() {
  impl_->timer.cancel();
  impl_->all.clear();
  impl_->asked_for.clear();
  impl_->changed = nullptr;
}

void Checker::set_targets(std::vector<Target> targets) { impl_->set_targets(std::move(targets)); }
const std::vector<Target>& Checker::targets() const noexcept { return impl_->targets; }
const std::vector<TargetState>& Checker::states() const noexcept { return impl_->states; }
std::vector<Evidence> Checker::evidence(std::size_t place) const {
  const auto& recent = impl_->at_place.at(place)->recent;
  return {recent.begin(), recent.end()};
}

void Checker::probe(const Target& target, std::function<void(const Observation&)> done) {
  auto& under_way = impl_->asked_for;
  const auto place = under_way.insert(under_way.end(), Impl::AskedFor{target, nullptr});
  place->probe = start_probe(impl_->tools, place->target,
                             [impl = impl_.get(), place, done = std::move(done)](const Observation& seen) {
                               const auto tell = done;  // ends with the probe
                               impl->asked_for.erase(place);
                               tell(seen);
                             });
}

void Checker::push(const Target& target, const Push& push) {
  const std::string key = target.key();
  const base::SteadyTime now = base::steady_now();
  for (const auto& checked : impl_->all) {
    if (!checked->waits() || checked->key != key) continue;
    checked->due = now + checked->target.monitor.interval;  // its entry in the queue finds that when its time comes
    impl_->take(*checked, observation_of(push, now));
  }
}

bool Checker::all_probed() const noexcept {
  return std::all_of(impl_->all.begin(), impl_->all.end(),
                     [](const auto& checked) { return checked->waits() || checked->core.state().probes > 0; });
}
bool Checker::all_judged() const noexcept { return impl_->unjudged == 0; }

std::string Checker::snapshot(std::vector<SavedLatch> latches, std::vector<KeptVerdict> judged) const {
  const base::SteadyTime now = base::steady_now();
  Snapshot saved{base::wall_now(), {}, std::move(latches), std::move(judged)};
  std::unordered_set<std::string_view> written;
  for (const auto& checked : impl_->all) {
    const TargetState& state = checked->core.state();
    if (state.verdict == Verdict::unknown || !written.insert(checked->key).second) continue;
    SavedTarget target{checked->key, state.verdict, state.since, std::nullopt};
    if (state.returned_at)
      target.returned = std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(now - *state.returned_at));
    saved.targets.push_back(std::move(target));
  }
  return to_text(saved);
}

base::Result<void> Checker::restore(std::string_view snapshot) {
  const auto saved = parse_snapshot(snapshot);
  if (!saved) return saved.error();
  // Only wall clocks know how long the program was away; one that was set back meanwhile counts as no time at all.
  const base::Duration away = std::max(base::Duration{}, base::wall_now() - saved->saved);
  const base::SteadyTime now = base::steady_now();
  for (const SavedTarget& target : saved->targets) {
    Remembered& known = impl_->remembered[target.key];
    known = {target.verdict, target.since, std::nullopt};
    if (target.returned) known.returned_at = now - away - *target.returned;
  }
  if (!impl_->all.empty()) impl_->recall();
  return {};
}

}  // namespace gslb::health
