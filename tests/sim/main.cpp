// judge_sim: random schedules through the judging core, and proof that planted faults are noticed.
//
//   judge_sim --schedules N [--seed S]    N schedules from seed S on; a failure prints its seed and the least of its
//   events judge_sim --seed S --show             what happens in one judge_sim --mutations N               each planted
//   fault is found within N schedules
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "health/mutation.hpp"
#include "simulation.hpp"

namespace {

using namespace gslb;
using health::Mutation;

struct Planted {
  Mutation mutation;
  const char* name;
};
constexpr Planted planted[] = {
    {Mutation::never_withdraw, "never_withdraw"},
    {Mutation::never_return, "never_return"},
    {Mutation::count_stale, "count_stale"},
    {Mutation::ignore_sequence, "ignore_sequence"},
    {Mutation::ignore_incarnation, "ignore_incarnation"},
    {Mutation::count_own_site, "count_own_site"},
    {Mutation::no_quorum, "no_quorum"},
    {Mutation::suspect_votes, "suspect_votes"},
    {Mutation::unsettled_votes, "unsettled_votes"},
    {Mutation::alone_at_once, "alone_at_once"},
    {Mutation::alone_blindly, "alone_blindly"},
    {Mutation::hold_forgotten, "hold_forgotten"},
    {Mutation::one_is_enough, "one_is_enough"},
    {Mutation::tie_is_down, "tie_is_down"},
    {Mutation::pace_ignored, "pace_ignored"},
    {Mutation::pace_old_verdict, "pace_old_verdict"},
    {Mutation::damping_forgotten, "damping_forgotten"},
    {Mutation::freeze_forever, "freeze_forever"},
    {Mutation::regions_flat, "regions_flat"},
    {Mutation::restart_unknown, "restart_unknown"},
};

void print(const sim::World& world, const std::vector<sim::Event>& events) {
  std::printf("%s\n", in_words(world).c_str());
  for (const sim::Event& event : events) std::printf("%s\n", in_words(event).c_str());
}

bool one(std::uint64_t seed, sim::Coverage& coverage) {
  const sim::World world = sim::make_world(seed);
  const auto events = sim::make_events(world);
  if (!run(world, events, coverage)) return true;
  const auto fewer = shrink(world, events);
  sim::Coverage ignored;
  const auto failure = run(world, fewer, ignored);
  print(world, fewer);
  std::printf("  at %d: FAILED: %s\n", failure->tick, failure->what.c_str());
  return false;
}

int simulate(std::uint64_t seed, std::uint64_t schedules) {
  sim::Coverage coverage;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < schedules; ++i) {
    if (!one(seed + i, coverage)) return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf(
      "{\"schedules\": %llu, \"failures\": 0, \"withdrawals\": %llu, \"returns\": %llu, \"frozen\": %llu, "
      "\"alone\": %llu, \"paced\": %llu, \"dead_bounds\": %llu, \"alive_bounds\": %llu, \"refused\": %llu, "
      "\"answers\": %llu, \"seconds\": %.1f}\n",
      static_cast<unsigned long long>(schedules), static_cast<unsigned long long>(coverage.withdrawals),
      static_cast<unsigned long long>(coverage.returns), static_cast<unsigned long long>(coverage.frozen),
      static_cast<unsigned long long>(coverage.alone), static_cast<unsigned long long>(coverage.paced),
      static_cast<unsigned long long>(coverage.dead_bounds), static_cast<unsigned long long>(coverage.alive_bounds),
      static_cast<unsigned long long>(coverage.refused), static_cast<unsigned long long>(coverage.answers),
      took.count());
  // A run in which something never happened proves nothing about it.
  const bool met = coverage.withdrawals && coverage.returns && coverage.frozen && coverage.alone && coverage.paced &&
                   coverage.dead_bounds && coverage.alive_bounds && coverage.refused && coverage.answers;
  if (schedules >= 10'000 && !met) std::printf("FAILED: something was never met\n");
  return schedules >= 10'000 && !met ? 1 : 0;
}

int find_mutations(std::uint64_t seed, std::uint64_t most) {
  int missed = 0;
  for (const Planted& fault : planted) {
    health::planted_mutation = fault.mutation;
    std::uint64_t tried = 0;
    std::optional<sim::Failure> failure;
    while (!failure && tried < most) {
      const sim::World world = sim::make_world(seed + tried++);
      sim::Coverage ignored;
      failure = run(world, make_events(world), ignored);
    }
    health::planted_mutation = Mutation::none;
    std::printf("%-20s %s %llu schedules%s%s\n", fault.name, failure ? "found after" : "MISSED in",
                static_cast<unsigned long long>(tried), failure ? ": " : "", failure ? failure->what.c_str() : "");
    missed += !failure;
  }
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  std::uint64_t seed = 1, schedules = 0, mutations = 0;
  bool show = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto number = [&] { return ++i < count ? std::strtoull(words[i], nullptr, 10) : 0; };
    if (word == "--seed") {
      seed = number();
    } else if (word == "--schedules") {
      schedules = number();
    } else if (word == "--mutations") {
      mutations = number();
    } else if (word == "--show") {
      show = true;
    } else {
      std::fprintf(stderr, "usage: judge_sim [--seed S] (--schedules N | --mutations N | --show)\n");
      return 2;
    }
  }
  if (show) {
    const sim::World world = sim::make_world(seed);
    print(world, make_events(world));
    return 0;
  }
  return mutations > 0 ? find_mutations(seed, mutations) : simulate(seed, schedules);
}
