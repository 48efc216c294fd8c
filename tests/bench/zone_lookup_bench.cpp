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
  double peak = 0;  // of the first load: later ones reuse what malloc kept
  forget_peak();
  const double before = peak_megabytes();
  for (auto _ : state) {
    octets = static_cast<double>(file.load()->octets());
    if (peak == 0) peak = peak_megabytes();
  }
  state.counters["peak_MB"] = peak;
  state.counters["grew_MB"] = peak - before;
  state.counters["image_MB"] = octets / 1e6;
  state.counters["records/s"] =
      benchmark::Counter(static_cast<double>(names), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_Load)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// Wire names in random order, one after another: small enough that reading them does not push the zone out of the
/// cache.
class RandomNames {
 public:
  RandomNames(std::size_t names, const char* prefix) {
    base::Random random(1);
    for (std::size_t i = 0; i < 1 << 16; ++i) {
      const std::string text = prefix + std::to_string(random.below(static_cast<std::uint32_t>(names)));
      const auto name = dns::Name::parse(text + ".static.example.");
      ends_.push_back(octets_.size());
      octets_.insert(octets_.end(), name->wire().begin(), name->wire().end());
    }
    ends_.push_back(octets_.size());
  }
  void next(dns::Query& query) {
    at_ = (at_ + 1) % (ends_.size() - 1);
    dns::set_name(query, {octets_.data() + ends_[at_], ends_[at_ + 1] - ends_[at_]});
    query.qtype = static_cast<std::uint16_t>(dns::Rtype::A);
  }

 private:
  std::vector<std::uint8_t> octets_;
  std::vector<std::size_t> ends_;
  std::size_t at_ = 0;
};

/// What the other benchmarks pay for making the question.
void BM_SetName(benchmark::State& state) {
  RandomNames names(1'000'000, "host");
  dns::Query query;
  for (auto _ : state) {
    names.next(query);
    benchmark::DoNotOptimize(query.hash[0]);
  }
}
BENCHMARK(BM_SetName);

/// One after the other: each look-up waits for its own cache misses.
void lookup(benchmark::State& state, const char* prefix, Outcome outcome) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto zone = ZoneFile(count).load();
  RandomNames names(count, prefix);
  dns::Query query;
  for (auto _ : state) {
    names.next(query);
    const Answer answer = zone->lookup(query, 1);
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
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto zone = ZoneFile(count).load();
  RandomNames names(count, "host");
  std::vector<dns::Query> queries(batch);
  while (state.KeepRunningBatch(batch)) {
    for (auto& query : queries) {
      names.next(query);
      zone->prefetch(query);
    }
    for (const auto& query : queries) {
      const Answer answer = zone->lookup(query, 1);
      benchmark::DoNotOptimize(zone->records(*answer.rrset)[15]);
    }
  }
}
BENCHMARK(BM_LookupStaged)->Arg(1'000)->Arg(1'000'000);

}  // namespace
}  // namespace gslb::zones
