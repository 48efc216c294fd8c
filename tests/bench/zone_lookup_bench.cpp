// How long a look-up in a zone takes, and what it costs to load one.
//
//   zone_lookup_bench [--benchmark_filter=REGEX]
//
// Load figures are of text to a Zone that answers; "MB" is what the whole process grew by at its highest (VmHWM).
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "zones/zone.hpp"
#include "zones/zone_builder.hpp"

namespace gslb::zones {
namespace {

class ZoneFile {
 public:
  explicit ZoneFile(std::size_t names) : path_("/tmp/zone_lookup_bench." + std::to_string(::getpid()) + ".zone") {
    std::ofstream out(path_, std::ios::binary);
    out << "$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 604800 30\n@ NS ns1\nns1 A 192.0.2.53\n";
    for (std::size_t i = 0; i < names; ++i)
      out << "host" << i << " A 192.0." << i / 250 % 250 << '.' << i % 250 + 1 << '\n';
  }
  ZoneFile(const ZoneFile&) = delete;
  ZoneFile& operator=(const ZoneFile&) = delete;
  ~ZoneFile() { std::remove(path_.c_str()); }

  std::shared_ptr<const Zone> load() const {
    ZoneSpec spec;
    spec.apex.value = *dns::Name::parse("static.example.");
    spec.files.push_back({path_, {}});
    base::ErrorList errors;
    auto zone = build_zone(spec, errors);
    if (zone == nullptr) throw std::runtime_error(to_string(errors.all().front()));
    return zone;
  }

 private:
  std::string path_;
};

double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) * 1024 / 1e6;
  return 0;
}

void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

void BM_Load(benchmark::State& state) {
  const auto names = static_cast<std::size_t>(state.range(0));
  const ZoneFile file(names);
  double octets = 0;
  forget_peak();
  const double before = peak_megabytes();
  for (auto _ : state) octets = static_cast<double>(file.load()->octets());
  state.counters["peak_MB"] = peak_megabytes();
  state.counters["grew_MB"] = peak_megabytes() - before;
  state.counters["image_MB"] = octets / 1e6;
  state.counters["records/s"] =
      benchmark::Counter(static_cast<double>(names), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_Load)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

std::vector<dns::Query> random_queries(std::size_t names, const char* prefix) {
  base::Random random(1);
  std::vector<dns::Query> queries(4096);
  for (auto& query : queries) {
    const std::string qname =
        prefix + std::to_string(random.below(static_cast<std::uint32_t>(names))) + ".static.example.";
    dns::set_name(query, dns::Name::parse(qname)->wire());
    query.qtype = static_cast<std::uint16_t>(dns::Rtype::A);
  }
  return queries;
}

/// One after the other: each look-up waits for its own cache misses.
void lookup(benchmark::State& state, const char* prefix, Outcome outcome) {
  const auto names = static_cast<std::size_t>(state.range(0));
  const auto zone = ZoneFile(names).load();
  const auto queries = random_queries(names, prefix);
  std::size_t next = 0;
  for (auto _ : state) {
    const Answer answer = zone->lookup(queries[next++ % queries.size()], 1);
    if (answer.outcome != outcome) state.SkipWithError("wrong answer");
    if (answer.rrset != nullptr) benchmark::DoNotOptimize(zone->records(*answer.rrset)[15]);
  }
}
void BM_Lookup(benchmark::State& state) { lookup(state, "host", Outcome::answer); }
void BM_LookupOfNoName(benchmark::State& state) { lookup(state, "none", Outcome::nxdomain); }
BENCHMARK(BM_Lookup)->Arg(1'000)->Arg(1'000'000);
BENCHMARK(BM_LookupOfNoName)->Arg(1'000)->Arg(1'000'000);

/// As UDP does it: prefetch for a batch, then look up. Time is of one look-up.
void BM_LookupStaged(benchmark::State& state) {
  constexpr std::size_t batch = 32;
  const auto names = static_cast<std::size_t>(state.range(0));
  const auto zone = ZoneFile(names).load();
  const auto queries = random_queries(names, "host");
  std::size_t next = 0;
  while (state.KeepRunningBatch(batch)) {
    const dns::Query* first = &queries[next++ * batch % queries.size()];
    for (std::size_t i = 0; i < batch; ++i) zone->prefetch(first[i]);
    for (std::size_t i = 0; i < batch; ++i) {
      const Answer answer = zone->lookup(first[i], 1);
      benchmark::DoNotOptimize(zone->records(*answer.rrset)[15]);
    }
  }
}
BENCHMARK(BM_LookupStaged)->Arg(1'000)->Arg(1'000'000);

}  // namespace
}  // namespace gslb::zones
