// Any octets as a table of round trips: refused with a reason, or times that are all in bounds.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "geo/round_trips.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = gslb::geo::RoundTrips::parse({reinterpret_cast<const char*>(data), size});
  if (!table) {
    if (table.error().what.empty()) std::abort();
    return 0;
  }
  const auto rows = table->times_to({"fra", "iad"});
  if (rows.size() > table->networks()) std::abort();
  for (const auto& [prefix, times] : rows) {
    for (const float ms : times) {
      if (ms != gslb::geo::RoundTrips::unmeasured && !(ms >= 0 && ms <= 60'000)) std::abort();
    }
  }
  return 0;
}
