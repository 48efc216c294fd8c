#include "server/health_service.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <thread>

#include "base/log.hpp"
#include "engine/judging.hpp"
#include "engine/planner.hpp"
#include "health/checker.hpp"
#include "health/judge.hpp"
#include "health/orders.hpp"
#include "health/shared_keys.hpp"
#include "health/sharing/node_watch.hpp"
#include "health/sharing/opinions.hpp"
#include "server/feed_keeper.hpp"
#include "server/health_watch.hpp"

namespace gslb::server {

namespace asio = boost::asio;

struct HealthService::Impl {
  Impl(std::uint64_t seed, Publish on_publish, Journal& journal, Changed on_change)
      : publish(std::move(on_publish)), watch(journal), changed(std::move(on_change)), checker(context, seed, [this] {
          if (changed) changed();
          update();
        }) {}

  void adopt(engine::SnapshotPtr next) {
    checker.set_targets(next->targets);
    snapshot = next;
    configure();
    judge.restore(std::exchange(kept, {}), base::steady_now());
    if (planner) latches = planner->latches();
    planner = std::make_unique<engine::Planner>(std::move(next));
    planner->restore(latches);
    planner->obey(orders, base::wall_now(), base::steady_now());
    feeds.follow(on_board(snapshot->feeds, vantage_sites()));
    watch.adopt(*snapshot);
    watch.look(checker);
    plan();
    publish_now();
  }

  void replace(engine::SnapshotPtr next) {
    if (next->host_changes != snapshot->host_changes) return adopt(std::move(next));
    snapshot = next;
    planner->rebase(std::move(next));
    publish_now();
  }

  void obey(std::vector<health::Order> next) {
    orders = std::move(next);
    if (!planner) return;
    planner->obey(orders, base::wall_now(), base::steady_now());
    if (plan().changed) publish_now();
  }

  void update() {
    if (!planner) return;
    watch.look(checker);
    const auto outcome = plan();
    if (!outcome.changed) return;
    if (outcome.withdrawal) return publish_now();
    if (gathering) return;
    gathering = true;
    gather.expires_after(std::chrono::milliseconds(50));
    gather.async_wait([this](const boost::system::error_code& error) {
      if (!error && gathering) publish_now();
    });
  }

  /// Judges and plans anew, and comes again when something may change by itself.
  engine::Planner::Outcome plan() {
    const base::SteadyTime now = base::steady_now();
    own.settled = own.settled || checker.all_probed();
    std::optional<base::SteadyTime> next;
    if (!judge.plain()) next = deliberate(now);
    const auto& effects = feeds.effects(now);
    watch.look(snapshot->feeds, effects);
    planner->heed(effects);
    if (const auto end = feeds.next(); end && (!next || *end < *next)) next = end;
    follow_most(now);
    if (votes.next() && (!next || *votes.next() < *next)) next = votes.next();
    const auto outcome = planner->update(acting(), now);
    if (outcome.next && (!next || *outcome.next < *next)) next = outcome.next;
    again.cancel();
    if (!next) return outcome;
    again.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(*next));
    again.async_wait([this](const boost::system::error_code& error) {
      if (!error) update();
    });
    return outcome;
  }

  /// Of clients that `failback` holds at a tier.
  void follow_most(base::SteadyTime now) {
    const auto others = votes.step(
        planner->held(),
        [this](std::uint64_t number, const policy::Latch& latch) { return planner->counts(number, latch); }, fresh,
        now);
    if (others.empty()) return;
    planner->take(others);
    base::log_warning("clients are held at the tiers where most servers hold them", {{"latches", others.size()}});
  }

  std::optional<base::SteadyTime> deliberate(base::SteadyTime now) {
    judge.observe(checker.states(), own);
    const auto next = judge.step(now, base::wall_now());
    tell_turns(now);
    return next;
  }

  /// What plans are made of.
  const std::vector<health::TargetState>& acting() const { return judge.plain() ? checker.states() : judge.states(); }

  /// Each target that this server has a verdict of has one that counts: of its own site's the others decide, and until
  /// they are heard an answer would leave it out.
  bool all_judged() const {
    if (!checker.all_judged()) return false;
    for (std::size_t t = 0; t < acting().size(); ++t) {
      if (acting()[t].verdict == health::Verdict::unknown && checker.states()[t].verdict != health::Verdict::unknown)
        return false;
    }
    return true;
  }

  void tell_turns(base::SteadyTime now) {
    for (const health::Turn& turn : judge.take_turns()) {
      if (judge.plain()) continue;  // the checker has said so
      watch.tell(turn, judge.shown(turn.target, checker.states()[turn.target], now), checker);
    }
  }

  std::vector<std::uint64_t> target_ids() const {
    std::vector<std::uint64_t> out;
    for (const health::JudgedTarget& target : judge.spec().targets) out.push_back(target.id);
    return out;
  }

  health::Report own_report() const {
    const base::SteadyTime now = base::steady_now();
    std::vector<health::TargetState> states = checker.states();
    // What it sees is its own; when a target came back is what the servers agree on.
    for (std::size_t t = 0; t < states.size(); ++t) states[t].returned_at = acting()[t].returned_at;
    health::Report out = health::report_of(target_ids(), states, now);
    out.settled = own.settled;
    out.shared = judge.shared(now);
    out.shared.push_back({health::orders_key(), health::mark_of(orders), {}});
    out.configuration = snapshot->shared_hash;
    if (planner) {
      for (const auto& [number, latch] : planner->held())
        out.shared.push_back({number, latch.floor, now - latch.since});
    }
    if (generation) {
      out.shared.push_back({health::weights_key(), static_cast<std::uint32_t>(engine::weights_hash(*generation)), {}});
      out.shared.push_back({health::generation_key(), static_cast<std::uint32_t>(generation->epoch), {}});
    }
    return out;
  }

  void follow(std::vector<health::Vantage> next, base::Duration fresh_for) {
    if (next == vantages && fresh_for == fresh) return;
    vantages = std::move(next);
    fresh = fresh_for;
    if (!planner) return;
    configure();
    feeds.follow(on_board(snapshot->feeds, vantage_sites()));
    update();
  }

  std::vector<std::string> vantage_sites() const {
    std::vector<std::string> out;
    for (const health::Vantage& vantage : vantages) out.push_back(vantage.site);
    return out;
  }

  std::string site_of(const std::string& vantage) const {
    const auto found = std::ranges::find(vantages, vantage, &health::Vantage::name);
    return found == vantages.end() ? "" : found->site;
  }

  void configure() {
    health::JudgeSpec spec = engine::judge_spec(*snapshot, vantages);
    spec.fresh_for = fresh;
    judge.configure(std::move(spec));
  }

  void publish_now() {
    gathering = false;
    auto next = std::make_shared<engine::Generation>();
    next->epoch = ++epoch;
    next->snapshot = snapshot;
    next->plans = planner->plans();
    generation = next;
    watch.look(*next);
    publish(std::move(next));
  }

  /// Runs `work` on the health thread and waits for its result.
  template <class Work>
  auto ask(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    asio::post(context, std::ref(task));
    return result.get();
  }

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  asio::steady_timer gather{context};
  asio::steady_timer again{context};
  bool gathering = false;
  Publish publish;
  HealthWatch watch;
  Changed changed;
  engine::SnapshotPtr snapshot;
  std::unique_ptr<engine::Planner> planner;
  std::vector<health::Order> orders;
  std::vector<engine::Planner::KeptLatch> latches;  ///< of the planner before, or of an earlier run
  engine::LatchVote votes;
  engine::GenerationPtr generation;
  std::uint64_t epoch = 0;
  health::Checker checker;
  health::Judge judge;
  health::FeedBoard feeds;
  health::OwnStanding own{.settled = false};
  std::vector<health::KeptVerdict> kept;  ///< of an earlier run, until there are targets
  std::vector<health::Vantage> vantages;
  base::Duration fresh = health::JudgeSpec{}.fresh_for;
  std::thread thread;
};

HealthService::HealthService(std::uint64_t seed, Publish publish, Journal& journal, Changed changed)
    : impl_(std::make_unique<Impl>(seed, std::move(publish), journal, std::move(changed))) {
  impl_->thread = std::thread([this] { impl_->context.run(); });
}

HealthService::~HealthService() {
  impl_->context.stop();
  impl_->thread.join();
}

base::Result<void> HealthService::restore(const std::string& state) {
  return impl_->ask([this, &state]() -> base::Result<void> {
    if (auto done = impl_->checker.restore(state); !done) return done;
    const auto saved = health::parse_snapshot(state);
    const base::Duration away = std::max(base::Duration{}, base::wall_now() - saved->saved);
    const base::SteadyTime then = base::steady_now() - away;
    for (const health::SavedLatch& latch : saved->latches) {
      policy::Latch known{latch.floor, then - latch.since, std::nullopt};
      if (latch.back) known.back = then - *latch.back;
      impl_->latches.push_back({latch.key, known});
    }
    impl_->kept = saved->judged;
    for (health::KeptVerdict& one : impl_->kept) {
      if (one.returned) *one.returned += away;
    }
    return {};
  });
}

void HealthService::adopt(engine::SnapshotPtr snapshot) {
  impl_->ask([this, &snapshot] { impl_->adopt(std::move(snapshot)); });
}

void HealthService::replace(engine::SnapshotPtr snapshot) {
  impl_->ask([this, &snapshot] { impl_->replace(std::move(snapshot)); });
}

HealthView HealthService::view() {
  return impl_->ask([this] {
    HealthView view{impl_->generation, {}, {}, {}, {}, {}, impl_->all_judged(), impl_->orders, {}};
    const base::SteadyTime now = base::steady_now();
    const auto& own = impl_->checker.states();
    if (impl_->judge.plain()) impl_->deliberate(now);  // only to be shown
    for (std::size_t t = 0; t < own.size(); ++t) {
      view.states.push_back(impl_->judge.shown(t, own[t], now));
      view.judged.push_back(impl_->judge.view(t, now));
    }
    view.vantages = impl_->judge.vantages(now);
    view.feeds = impl_->feeds.effects(now);
    for (std::size_t s = 0; s < impl_->snapshot->services.size(); ++s) {
      view.inputs.push_back(impl_->planner->inputs(s));
      view.latches.push_back(impl_->planner->latch(s));
    }
    return view;
  });
}

void HealthService::follow(std::vector<health::Vantage> vantages, base::Duration fresh_for) {
  impl_->ask([this, &vantages, fresh_for] { impl_->follow(std::move(vantages), fresh_for); });
}

base::Result<void> HealthService::report(const health::Report& report, base::SteadyTime arrival) {
  return impl_->ask([this, &report, arrival]() -> base::Result<void> {
    if (const auto refused = impl_->judge.receive(report, arrival)) {
      std::string why = "a report of ";
      (((why += report.vantage) += " is refused: ") += *refused);
      return base::Error{std::move(why)};
    }
    impl_->feeds.receive(report.shared, impl_->site_of(report.vantage), arrival);
    if (health::record_in(report) && report.configuration == impl_->snapshot->shared_hash)
      impl_->votes.hear(report.vantage, report.shared, arrival);
    impl_->update();
    return {};
  });
}

void HealthService::feed(const std::string& name, const health::FeedReading& reading, base::SteadyTime when) {
  asio::post(impl_->context, [this, name, reading, when] {
    const auto place = impl_->feeds.find(name);
    if (!place) return;
    impl_->feeds.read(*place, reading, when);
    impl_->update();
  });
}

health::Report HealthService::own_report() {
  return impl_->ask([this] { return impl_->own_report(); });
}

void HealthService::references(unsigned all, unsigned up) {
  impl_->ask([this, all, up] {
    if (impl_->own.references == all && impl_->own.references_up == up) return;
    impl_->own.references = all;
    impl_->own.references_up = up;
    impl_->judge.observe(impl_->checker.states(), impl_->own);
    impl_->update();
  });
}

std::vector<health::LatchRecord> HealthService::latches() {
  return impl_->ask([this] {
    std::vector<health::LatchRecord> out;
    const base::SteadyTime now = base::steady_now();
    for (const auto& [key, latch] : impl_->planner->latches()) {
      const auto since = std::chrono::floor<std::chrono::milliseconds>(base::wall_now() - (now - latch.since));
      out.push_back({health::latch_key(key), latch.floor, since, key});
    }
    return out;
  });
}

void HealthService::stored_latches(const std::vector<health::LatchRecord>& latches) {
  impl_->ask([this, &latches] {
    engine::LatchVote::Latches out;
    const base::SteadyTime now = base::steady_now();
    for (const health::LatchRecord& one : latches) {
      const base::Duration age = std::max(base::Duration{}, base::wall_now() - one.since);
      out[one.number] = {one.floor, now - age, std::nullopt};
    }
    impl_->votes.stored(std::move(out));
    impl_->update();
  });
}

void HealthService::obey(std::vector<health::Order> orders) {
  impl_->ask([this, &orders] { impl_->obey(std::move(orders)); });
}

void HealthService::probe(std::vector<std::uint64_t> ids, std::function<void(std::vector<health::ProbeOutcome>)> done) {
  asio::post(impl_->context, [this, ids = std::move(ids), done = std::move(done)] {
    health::probe_now(impl_->checker, impl_->target_ids(), ids, done);
  });
}

void HealthService::push(const health::SharedPush& push) {
  impl_->ask([this, &push] {
    const std::vector<std::uint64_t> ids = impl_->target_ids();
    for (std::size_t t = 0; t < ids.size(); ++t) {
      if (std::ranges::find(push.targets, ids[t]) == push.targets.end()) continue;
      const health::Target target = impl_->checker.targets()[t];
      if (health::waits_for_pushes(target.monitor)) impl_->checker.push(target, push.push);
    }
  });
}

std::string HealthService::state() {
  return impl_->ask([this] {
    const base::SteadyTime now = base::steady_now();
    const auto age = [now](base::SteadyTime then) {
      return std::max(std::chrono::milliseconds{0}, std::chrono::duration_cast<std::chrono::milliseconds>(now - then));
    };
    std::vector<health::SavedLatch> latches;
    for (const auto& [key, latch] : impl_->planner ? impl_->planner->latches() : impl_->latches) {
      latches.push_back({key, latch.floor, age(latch.since), std::nullopt});
      if (latch.back) latches.back().back = age(*latch.back);
    }
    std::vector<health::KeptVerdict> judged;
    if (!impl_->judge.plain()) judged = impl_->judge.kept(now);
    return impl_->checker.snapshot(std::move(latches), std::move(judged));
  });
}

}  // namespace gslb::server
