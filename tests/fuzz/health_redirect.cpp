// tests/fuzz/health_redirect.cpp: whatever a Location header holds, what comes of it can be sent in a request line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "health/probes/redirect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view location(reinterpret_cast<const char*>(data), size);
  const gslb::base::IpAddress address = *gslb::base::parse_address("2001:db8::10");
  const auto to =
      gslb::health::follow_location(location, {true, 8443, "/app/healthz?full=1"}, "www.example.org", address);
  if (!to) return 0;
  if (to->port == 0 || !to->path.starts_with('/')) std::abort();
  for (const char c : to->path) {
    if (c <= 0x20 || c >= 0x7f || c == '#') std::abort();
  }
  return 0;
}
