// How long the plan of a service takes when one of its endpoints has gone or come back, by the number of endpoints.
#include <benchmark/benchmark.h>

#include "policy/replanner.hpp"

namespace gslb::policy {
namespace {

Service service_of(unsigned endpoints, unsigned take) {
  ServiceSpec spec;
  for (unsigned i = 0; i < endpoints; ++i) {
    EndpointSpec& endpoint = spec.endpoints.emplace_back();
    endpoint.site.value = "fra";
    endpoint.weight = 1 + i % 7;
    endpoint.v4 = {base::IpAddress::v4(0x0a000000U + i), {}};
    endpoint.v6 = endpoint.v4;
    endpoint.v6->value.family = base::Family::v6;
  }
  PolicySpec policy;
  policy.filters.emplace_back().kind = FilterKind::weighted;
  policy.filters.emplace_back().kind = FilterKind::take;
  policy.filters.back().count = take;
  Sites sites;
  sites.all.emplace_back().name = "fra";
  return compile_service(spec, policy, sites, "www.example.org");
}

ServiceStates all_up(const Service& service) {
  const std::vector<EndpointState> up(service.endpoints.size());
  return {up, up};
}

/// Each time another endpoint is the one that is down, in both families.
template <class Make>
void change_health(benchmark::State& state, const Service& service, Make make) {
  std::size_t down = 0;
  for (auto _ : state) {
    ServiceStates states = all_up(service);
    down = (down + 7919) % service.endpoints.size();
    for (auto& family : states) family[down].verdict = health::Verdict::down;
    benchmark::DoNotOptimize(make(states));
  }
}

/// As the planner does it for services of many endpoints.
void again(benchmark::State& state) {
  const Service service = service_of(static_cast<unsigned>(state.range(0)), static_cast<unsigned>(state.range(1)));
  Replanner planner(service, {{}});
  planner.make(all_up(service));
  change_health(state, service, [&](const ServiceStates& states) { return planner.make(states); });
}
BENCHMARK(again)->Args({200, 1})->Args({1000, 1})->Args({10000, 1})->Args({10000, 3})->Unit(benchmark::kMillisecond);

void from_nothing(benchmark::State& state) {
  const Service service = service_of(static_cast<unsigned>(state.range(0)), static_cast<unsigned>(state.range(1)));
  change_health(state, service, [&](const ServiceStates& states) { return make_plan(service, {{}}, states); });
}
BENCHMARK(from_nothing)
    ->Args({3, 1})
    ->Args({10, 1})
    ->Args({10, 2})
    ->Args({100, 1})
    ->Args({1000, 1})
    ->Args({10000, 1})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gslb::policy

BENCHMARK_MAIN();
