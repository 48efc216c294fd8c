// From octets to octets, in batches of 32 as a datagram worker runs them: what an answer costs beside the system calls.
// Reports nanoseconds a query and allocations a query; for instructions run it under callgrind
// (tests/bench/instructions).
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "base/random.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace {
std::size_t allocations = 0;
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace gslb {
namespace {

constexpr unsigned batch = 32;

/// The sample zone with the shipped database, or the one that GSLB_BENCH_MMDB names.
std::string sample() {
  const char* file = std::getenv("GSLB_BENCH_MMDB");
  const std::string none = "location: []";
  std::string yaml = test::sample_zone;
  return yaml.replace(yaml.find(none), none.size(),
                      std::string("location: ") + (file != nullptr ? file : "geo/data/dbip-country.mmdb"));
}

test::TestServer& server() {
  static test::TestServer instance(sample());
  return instance;
}

test::TestServer& signed_server() {
  static test::SignedServer instance = [] {
    std::string yaml = sample();
    const std::string apex = "  example.org:\n";
    return test::SignedServer("example.org.", yaml.insert(yaml.find(apex) + apex.size(), "    dnssec: on\n"));
  }();
  return instance.server();
}

void run(benchmark::State& state, const std::vector<std::vector<std::uint8_t>>& queries,
         test::TestServer& asked = server()) {
  engine::QueryHandler& handler = asked.handler();
  const auto pending = std::make_unique<std::array<engine::Pending, batch>>();
  std::vector<std::uint8_t> reply(dns::udp_payload_limit);
  const engine::Client client{base::IpAddress::v4(0x7f000001), 5353};
  std::size_t next = 0;
  std::size_t answered = 0;
  const std::size_t before = allocations;
  for (auto _ : state) {
    for (unsigned i = 0; i < batch; ++i) {
      handler.prepare((*pending)[i], client, queries[next], engine::Transport::datagram);
      next = next + 1 == queries.size() ? 0 : next + 1;
    }
    for (const engine::Pending& one : *pending) handler.fetch(one);
    for (unsigned i = 0; i < batch; ++i) answered += handler.finish((*pending)[i], reply);
  }
  benchmark::DoNotOptimize(answered);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * batch);
  state.counters["allocs/op"] =
      benchmark::Counter(static_cast<double>(allocations - before), benchmark::Counter::kAvgIterations);
}

std::vector<std::vector<std::uint8_t>> steered(const char* name, bool dnssec_ok = false) {
  base::Random random(1);
  std::vector<std::vector<std::uint8_t>> out;
  while (out.size() < 100'000) {
    test::Ask ask;
    ask.name = name;
    ask.dnssec_ok = dnssec_ok;
    ask.subnet = base::to_string(base::make_prefix(base::IpAddress::v4(0x0b000000 + random.below(0xd0000000)), 24));
    out.push_back(test::query_wire(ask));
  }
  return out;
}

void BM_StaticAnswer(benchmark::State& state) {
  test::Ask ask;
  ask.name = "mail.example.org.";
  run(state, {test::query_wire(ask)});
}
BENCHMARK(BM_StaticAnswer);

void BM_NearestWithClientSubnet(benchmark::State& state) { run(state, steered("www.example.org.")); }
BENCHMARK(BM_NearestWithClientSubnet);

void BM_WeightedWithClientSubnet(benchmark::State& state) { run(state, steered("half.example.org.")); }
BENCHMARK(BM_WeightedWithClientSubnet);

void BM_Nxdomain(benchmark::State& state) {
  test::Ask ask;
  ask.name = "a.b.c.nothing.example.org.";
  run(state, {test::query_wire(ask)});
}
BENCHMARK(BM_Nxdomain);

/// What tests/bench/compare calls the jobs `gslb` and `chain`: the same clients, regions, weights and answers, by three
/// filters and by five.
test::TestServer& chains() {
  static test::TestServer instance = [] {
    const char* file = std::getenv("GSLB_BENCH_MMDB");
    std::string yaml = std::string("control: { socket: none }\nlisten: 127.0.0.1:5300\ngeo: { location: ") +
                       (file != nullptr ? file : "geo/data/dbip-country.mmdb") + R"( }
sites:
  use: { at: [39.0, -77.5] }
  usw: { at: [45.8, -119.7] }
  euw: { at: [53.3, -6.3] }
  euc: { at: [50.1, 8.7] }
  apse: { at: [1.3, 103.8] }
  apne: { at: [35.7, 139.7] }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
)";
    const std::pair<const char*, const char*> regions[] = {
        {"use", R"({ continents: [AN, NA, SA], except: { countries: ["CA", "MX"] }, unknown: true })"},
        {"usw", R"({ countries: ["CA", "MX"] })"},
        {"euw", R"({ continents: [AF, EU], except: { countries: ["DE", "AT", "CH", "PL", "CZ", "HU"] } })"},
        {"euc", R"({ countries: ["DE", "AT", "CH", "PL", "CZ", "HU"] })"},
        {"apse", R"({ continents: [AS, OC], except: { countries: ["JP", "KR", "CN", "TW"] } })"},
        {"apne", R"({ countries: ["JP", "KR", "CN", "TW"] })"}};
    for (const char* service :
         {"three: { policy: [fence, weighted, take: 1]",
          "five: { policy: [fence: prefer, nearest: { within: 100km }, priority: [use, usw, euw, euc, apse, apne], "
          "weighted, take: 1]"}) {
      yaml += std::string("      ") + service + ", monitor: none, endpoints: [";
      for (std::size_t site = 0; site < std::size(regions); ++site) {
        for (const int weight : {50, 30, 20}) {
          yaml += "{ site: " + std::string(regions[site].first) + ", address: 192.0.2." +
                  std::to_string(10 * site + static_cast<std::size_t>(weight) / 10) +
                  ", weight: " + std::to_string(weight) + ", serves: " + regions[site].second + " }, ";
        }
      }
      yaml.resize(yaml.size() - 2);
      yaml += "] }\n";
    }
    return test::TestServer(yaml);
  }();
  return instance;
}

void BM_ThreeFilters(benchmark::State& state) { run(state, steered("three.example.org."), chains()); }
BENCHMARK(BM_ThreeFilters);

void BM_FiveFilters(benchmark::State& state) { run(state, steered("five.example.org."), chains()); }
BENCHMARK(BM_FiveFilters);

// The same two with a signature beside the answer, and what copying those octets costs by itself.
void BM_SignedStaticAnswer(benchmark::State& state) {
  test::Ask ask;
  ask.name = "mail.example.org.";
  ask.dnssec_ok = true;
  run(state, {test::query_wire(ask)}, signed_server());
}
BENCHMARK(BM_SignedStaticAnswer);

void BM_SignedNearestWithClientSubnet(benchmark::State& state) {
  run(state, steered("www.example.org.", true), signed_server());
}
BENCHMARK(BM_SignedNearestWithClientSubnet);

void BM_OctetsOfASignature(benchmark::State& state) {
  constexpr std::size_t rrsig = 12 + 18 + 13 + 64;  // its header, fixed fields, "example.org." and ECDSA P-256
  const std::vector<std::uint8_t> from(rrsig, 1);
  std::vector<std::uint8_t> to(dns::udp_payload_limit);
  std::size_t size = rrsig;
  benchmark::DoNotOptimize(size);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), size);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_OctetsOfASignature);

}  // namespace
}  // namespace gslb
