#include "server/probe_service.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "health/checker.hpp"
#include "health/sharing/opinions.hpp"

namespace gslb::server {

namespace asio = boost::asio;

struct ProbeService::Impl {
  Impl(std::uint64_t seed, std::function<void()> changed) : checker(context, seed, std::move(changed)) {}

  health::Report report() const {
    health::Report out = health::report_of(ids, checker.states(), base::steady_now());
    out.configuration = configuration;
    return out;
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
  std::vector<std::uint64_t> ids;  ///< of the checker's targets
  std::uint64_t configuration = 0;
  health::Checker checker;
  std::thread thread;
};

ProbeService::ProbeService(std::uint64_t seed, std::function<void()> changed)
    : impl_(std::make_unique<Impl>(seed, std::move(changed))) {
  impl_->thread = std::thread([this] { impl_->context.run(); });
}

ProbeService::~ProbeService() {
  impl_->context.stop();
  impl_->thread.join();
}

base::Result<void> ProbeService::restore(const std::string& state) {
  return impl_->ask([this, &state] { return impl_->checker.restore(state); });
}

void ProbeService::adopt(std::vector<health::Target> targets, std::uint64_t configuration) {
  impl_->ask([this, &targets, configuration] {
    impl_->ids.clear();
    for (const health::Target& target : targets) impl_->ids.push_back(target.id());
    impl_->configuration = configuration;
    impl_->checker.set_targets(std::move(targets));
  });
}

health::Report ProbeService::report() {
  return impl_->ask([this] { return impl_->report(); });
}

ProbeService::View ProbeService::view() {
  return impl_->ask([this] {
    View out;
    for (const health::TargetState& state : impl_->checker.states()) {
      ++out.targets;
      if (state.verdict == health::Verdict::up) ++out.up;
      if (state.verdict != health::Verdict::unknown) ++out.judged;
    }
    return out;
  });
}

void ProbeService::probe(std::vector<std::uint64_t> ids, std::function<void(std::vector<health::ProbeOutcome>)> done) {
  asio::post(impl_->context, [this, ids = std::move(ids), done = std::move(done)] {
    health::probe_now(impl_->checker, impl_->ids, ids, done);
  });
}

std::string ProbeService::state() {
  return impl_->ask([this] { return impl_->checker.snapshot(); });
}

}  // namespace gslb::server
