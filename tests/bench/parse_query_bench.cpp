// What reading a query costs: one query again and again, and many different names, which no branch predictor knows.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "dns/query.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

void append_name(Bytes& to, std::initializer_list<std::string> labels) {
  for (const std::string& label : labels) {
    to.push_back(static_cast<std::uint8_t>(label.size()));
    to.insert(to.end(), label.begin(), label.end());
  }
  to.push_back(0);
}

Bytes query(const std::string& first, const std::string& second, const Bytes& opt) {
  Bytes out{0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(opt.empty() ? 0 : 1)};
  append_name(out, {first, second, "Org"});
  out.insert(out.end(), {0, 1, 0, 1});
  out.insert(out.end(), opt.begin(), opt.end());
  return out;
}

const Bytes no_opt;
const Bytes plain_opt{0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0};
const Bytes subnet_opt{0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100};

void parse_one(benchmark::State& state, const Bytes& opt) {
  const Bytes message = query("www", "Example", opt);
  gslb::dns::Query parsed;
  for (auto _ : state) {
    benchmark::DoNotOptimize(gslb::dns::parse_query(message, parsed));
    benchmark::ClobberMemory();
  }
}

void parse_many(benchmark::State& state, const Bytes& opt) {
  gslb::base::Random random(1);
  std::vector<Bytes> messages;
  for (int i = 0; i < 4096; ++i)
    messages.push_back(query(std::string(1 + random.below(12), 'w'), std::string(3 + random.below(14), 'E'), opt));
  gslb::dns::Query parsed;
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(gslb::dns::parse_query(messages[next++ & 4095], parsed));
    benchmark::ClobberMemory();
  }
}

BENCHMARK_CAPTURE(parse_one, plain, no_opt);
BENCHMARK_CAPTURE(parse_one, edns, plain_opt);
BENCHMARK_CAPTURE(parse_one, client_subnet, subnet_opt);
BENCHMARK_CAPTURE(parse_many, plain, no_opt);
BENCHMARK_CAPTURE(parse_many, client_subnet, subnet_opt);

}  // namespace
