// Any octets as what a balancer or a registry answers: refused, or a reading whose numbers are numbers. The first octet
// says of which kind it is, the second how it is answered.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "health/feeds/adapter.hpp"
#include "health/feeds/feed_board.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::health;
  if (size < 2) return 0;
  constexpr unsigned kinds = static_cast<unsigned>(FeedKind::agent) + 1;
  FeedSpec spec;
  spec.kind = static_cast<FeedKind>(data[0] % kinds);
  spec.object = "www";
  spec.api = 1 + data[1] % 3;
  FeedAnswer answer{data[1] < 128 ? 200U : 503U, {}, std::string(data + 2, data + size)};
  if (data[1] % 2 == 1) answer.headers.emplace_back("x-consul-index", answer.body.substr(0, 20));
  const auto adapter = make_adapter(spec);
  for (int again = 0; again < 2; ++again) {
    (void)adapter->ask("token");
    const auto reading = adapter->read(answer);
    if (!reading) {
      if (reading.error().what.empty()) std::abort();
      continue;
    }
    if (!(reading->capacity >= 0 && reading->capacity <= 1)) std::abort();
    if (reading->usable > reading->members) std::abort();
    for (const auto& number : {reading->connections, reading->queue, reading->rate, reading->utilization})
      if (number && !(std::isfinite(*number) && *number >= 0)) std::abort();
    if (reading->errors && !(*reading->errors >= 0 && *reading->errors <= 1)) std::abort();
    (void)unpack(pack(*reading));
  }
  return 0;
}
