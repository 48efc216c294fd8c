#include "server/health_service.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <thread>

#include "engine/planner.hpp"
#include "health/checker.hpp"
#include "server/health_watch.hpp"

namespace gslb::server {

namespace asio = boost::asio;

struct HealthService::Impl {
  Impl(std::uint64_t seed, Publish on_publish, Tell on_event)
      : publish(std::move(on_publish)), watch(std::move(on_event)), checker(context, seed, [this] { update(); }) {}

  void adopt(engine::SnapshotPtr next) {
    checker.set_targets(next->targets);
    snapshot = next;
    if (planner) latches = planner->latches();
    planner = std::make_unique<engine::Planner>(std::move(next));
    planner->restore(latches);
    planner->obey(orders, base::wall_now(), base::steady_now());
    watch.adopt(*snapshot);
    watch.look(checker);
    follow(planner->update(checker.states(), base::steady_now()));
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
    const auto outcome = planner->update(checker.states(), base::steady_now());
    follow(outcome);
    if (outcome.changed) publish_now();
  }

  void update() {
    watch.look(checker);
    const auto outcome = planner->update(checker.states(), base::steady_now());
    follow(outcome);
    if (!outcome.changed) return;
    if (outcome.withdrawal) return publish_now();
    if (gathering) return;
    gathering = true;
    gather.expires_after(std::chrono::milliseconds(50));
    gather.async_wait([this](const boost::system::error_code& error) {
      if (!error && gathering) publish_now();
    });
  }

  void follow(const engine::Planner::Outcome& outcome) {
    ramp.cancel();
    if (!outcome.next) return;
    ramp.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(*outcome.next));
    ramp.async_wait([this](const boost::system::error_code& error) {
      if (!error) update();
    });
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
  asio::steady_timer ramp{context};
  bool gathering = false;
  Publish publish;
  HealthWatch watch;
  engine::SnapshotPtr snapshot;
  std::unique_ptr<engine::Planner> planner;
  std::vector<health::Order> orders;
  std::vector<engine::Planner::KeptLatch> latches;  ///< of the planner before, or of an earlier run
  engine::GenerationPtr generation;
  std::uint64_t epoch = 0;
  health::Checker checker;
  std::thread thread;
};

HealthService::HealthService(std::uint64_t seed, Publish publish, Tell tell)
    : impl_(std::make_unique<Impl>(seed, std::move(publish), std::move(tell))) {
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
    HealthView view{impl_->generation, impl_->checker.states(), {}, {}, impl_->checker.all_judged(), impl_->orders};
    for (std::size_t s = 0; s < impl_->snapshot->services.size(); ++s) {
      view.inputs.push_back(impl_->planner->inputs(s));
      view.latches.push_back(impl_->planner->latch(s));
    }
    return view;
  });
}

bool HealthService::failback(std::size_t service) {
  return impl_->ask([this, service] {
    if (service >= impl_->snapshot->services.size() || !impl_->planner->release(service)) return false;
    impl_->update();
    return true;
  });
}

void HealthService::obey(std::vector<health::Order> orders) {
  impl_->ask([this, &orders] { impl_->obey(std::move(orders)); });
}

void HealthService::probe(std::vector<health::Target> targets, std::function<void(std::vector<ProbedNow>)> done) {
  asio::post(impl_->context, [this, targets = std::move(targets), done = std::move(done)] {
    const auto seen = std::make_shared<std::vector<ProbedNow>>();
    for (const health::Target& target : targets) {
      impl_->checker.probe(target, [seen, done, target, all = targets.size()](const health::Observation& one) {
        seen->push_back({target, one});
        if (seen->size() == all) done(std::move(*seen));
      });
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
    return impl_->checker.snapshot(std::move(latches));
  });
}

}  // namespace gslb::server
