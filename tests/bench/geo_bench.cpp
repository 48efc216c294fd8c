// Where a client is: our image against libmaxminddb, and what compiling the image costs.
//
//   GSLB_BENCH_MMDB=city-ipv4.mmdb:city-ipv6.mmdb GSLB_BENCH_ASN=asn.mmdb nice -n 19 geo_bench
//
// Without the variables: the shipped country database, and no AS numbers. With AS numbers a second service asks for
// some. "Overlapped" is how the server asks: a batch is prefetched, then looked up. "Dependent" makes each address
// depend on the last answer, which shows the latency of one look-up alone.
#include <benchmark/benchmark.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "geo/compiler.hpp"

namespace {

using namespace gslb;

constexpr std::size_t batch = 32;

std::vector<std::string> files(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  std::istringstream rest(value != nullptr ? value : otherwise);
  std::vector<std::string> out;
  for (std::string path; std::getline(rest, path, ':');) out.push_back(path);
  return out;
}
std::vector<std::string> locations() { return files("GSLB_BENCH_MMDB", "geo/data/dbip-country.mmdb"); }
std::vector<std::string> asns() { return files("GSLB_BENCH_ASN", ""); }

std::vector<geo::Signature> ten_sites() {
  geo::NearestQuestion question;
  for (const geo::Coordinates at : {geo::Coordinates{39.04, -77.49},
                                    {45.59, -121.18},
                                    {53.35, -6.26},
                                    {50.11, 8.68},
                                    {59.33, 18.07},
                                    {35.68, 139.69},
                                    {1.35, 103.82},
                                    {-33.87, 151.21},
                                    {-23.55, -46.63},
                                    {19.08, 72.88}}) {
    question.points.push_back({at, 0});
  }
  if (asns().empty()) return {{{question}, {}}};
  geo::RegionSpec region;
  region.anyone = false;
  region.asns = {3320, 7018, 4134, 2914, 1299, 7922, 4837, 9808, 17676, 28573};
  region.countries = {"DE", "US"};
  return {{{question}, {}}, {{}, {region}}};
}

geo::CompiledGeo compile(const std::string& image_path) {
  geo::GeoSpec spec;
  for (const std::string& path : locations()) spec.location.push_back({path, {}});
  for (const std::string& path : asns()) spec.asn.push_back({path, {}});
  base::ErrorList errors;
  auto compiled = geo::compile_geo(spec, ten_sites(), image_path, errors);
  for (const base::ConfigError& error : errors.all()) std::fprintf(stderr, "%s\n", base::to_string(error).c_str());
  if (!compiled) std::exit(1);
  return std::move(*compiled);
}

const geo::Locator& locator() {
  static const geo::CompiledGeo compiled = compile({});
  return *compiled.locator;
}

/// Clients as a server meets them: spread over the addresses that can be routed.
const std::vector<base::IpAddress>& clients(base::Family family) {
  const auto draw = [](base::Family wanted) {
    base::Random random(1);
    std::vector<base::IpAddress> all(1 << 16);
    for (base::IpAddress& one : all) {
      one = base::IpAddress::v4(0x01000000U + random.below(0xdf000000U));
      if (wanted == base::Family::v4) continue;
      one.family = base::Family::v6;
      for (std::uint8_t& octet : one.octets) octet = static_cast<std::uint8_t>(random.next());
      one.octets[0] = static_cast<std::uint8_t>(0x20 + random.below(16));
    }
    return all;
  };
  static const std::vector<base::IpAddress> v4 = draw(base::Family::v4);
  static const std::vector<base::IpAddress> v6 = draw(base::Family::v6);
  return family == base::Family::v4 ? v4 : v6;
}

/// The network a resolver would tell us: /24 or /56.
std::vector<base::IpAddress> networks(base::Family family) {
  std::vector<base::IpAddress> all = clients(family);
  for (base::IpAddress& one : all) one = base::masked(one, family == base::Family::v4 ? 24 : 56);
  return all;
}

void locate_overlapped(benchmark::State& state, base::Family family) {
  const geo::Locator& places = locator();
  const auto all = networks(family);
  const unsigned source = family == base::Family::v4 ? 24 : 56;
  std::size_t at = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < batch; ++i) places.prefetch(all[at + i]);
    for (std::size_t i = 0; i < batch; ++i) benchmark::DoNotOptimize(places.locate(0, all[at + i], source));
    at = (at + batch) % all.size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK_CAPTURE(locate_overlapped, v4, base::Family::v4);
BENCHMARK_CAPTURE(locate_overlapped, v6, base::Family::v6);

void locate_dependent(benchmark::State& state, base::Family family) {
  const geo::Locator& places = locator();
  const auto all = networks(family);
  const unsigned source = family == base::Family::v4 ? 24 : 56;
  std::size_t at = 0;
  for (auto _ : state) {
    const geo::Located found = places.locate(0, all[at], source);
    at = (at + 1 + found.service_class % 2) % all.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(locate_dependent, v4, base::Family::v4);
BENCHMARK_CAPTURE(locate_dependent, v6, base::Family::v6);

void class_overlapped(benchmark::State& state, base::Family family) {
  const geo::Locator& places = locator();
  const auto& all = clients(family);
  std::size_t at = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < batch; ++i) places.prefetch(all[at + i]);
    for (std::size_t i = 0; i < batch; ++i) benchmark::DoNotOptimize(places.class_of(0, all[at + i]));
    at = (at + batch) % all.size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK_CAPTURE(class_overlapped, v4, base::Family::v4);
BENCHMARK_CAPTURE(class_overlapped, v6, base::Family::v6);

/// What a server without an image does for each query: the record, and its coordinates or country.
void libmaxminddb(benchmark::State& state, base::Family family) {
  MMDB_s db;
  bool opened = false;
  for (const std::string& path : locations()) {
    if (MMDB_open(path.c_str(), MMDB_MODE_MMAP, &db) != MMDB_SUCCESS) continue;
    // Of a pair for the two families the one for this family; a file for both is as good.
    opened = family == base::Family::v4 ? locations().size() == 1 || db.metadata.ip_version == 4
                                        : db.metadata.ip_version == 6;
    if (opened) break;
    MMDB_close(&db);
  }
  if (!opened) {
    state.SkipWithError("cannot open the database");
    return;
  }
  const auto& all = clients(family);
  std::size_t at = 0;
  for (auto _ : state) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v6.sin6_addr, all[at].octets.data(), 16);
    std::memcpy(&v4.sin_addr, all[at].octets.data(), 4);
    const auto* address =
        family == base::Family::v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
    int error = 0;
    auto found = MMDB_lookup_sockaddr(&db, address, &error);
    MMDB_entry_data_s value{};
    if (found.found_entry) {
      MMDB_get_value(&found.entry, &value, "location", "latitude", nullptr);
      MMDB_get_value(&found.entry, &value, "location", "longitude", nullptr);
      if (!value.has_data) {
        MMDB_get_value(&found.entry, &value, "latitude", nullptr);
        MMDB_get_value(&found.entry, &value, "longitude", nullptr);
      }
      if (!value.has_data) MMDB_get_value(&found.entry, &value, "country_code", nullptr);
    }
    benchmark::DoNotOptimize(value);
    at = (at + 1) % all.size();
  }
  MMDB_close(&db);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(libmaxminddb, v4, base::Family::v4);
BENCHMARK_CAPTURE(libmaxminddb, v6, base::Family::v6);

void compile_image(benchmark::State& state) {
  for (auto _ : state) {
    const geo::CompiledGeo compiled = compile({});
    state.counters["MB"] = static_cast<double>(compiled.locator->size()) / 1e6;
    state.counters["classes"] = compiled.locator->classes(0);
  }
}
BENCHMARK(compile_image)->Unit(benchmark::kMillisecond)->UseRealTime();

void map_stored_image(benchmark::State& state) {
  char path[] = "/tmp/gslb-geo-bench-XXXXXX";
  ::close(::mkstemp(path));
  static_cast<void>(compile(path));
  for (auto _ : state) {
    if (!compile(path).from_state) state.SkipWithError("the image was not mapped");
  }
  ::unlink(path);
}
BENCHMARK(map_stored_image)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
