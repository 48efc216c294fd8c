// tests/fuzz/traffic.cpp: no traffic file crashes the reader, and what it accepts are networks and finite rates.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = gslb::engine::parse_traffic({reinterpret_cast<const char*>(data), size});
  if (!read) {
    if (read.error().what.empty()) std::abort();
    return 0;
  }
  for (const gslb::engine::Traffic& one : *read) {
    if (!std::isfinite(one.rate) || one.rate < 0) std::abort();
    if (one.network != gslb::base::make_prefix(one.network.address, one.network.length)) std::abort();
  }
  return 0;
}
