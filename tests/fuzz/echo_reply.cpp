// An ICMP message that a ping socket or a raw one received.
#include <cstdlib>
#include <string_view>

#include "health/probes/pinger.hpp"

using namespace gslb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  for (const base::Family family : {base::Family::v4, base::Family::v6}) {
    for (const bool with_header : {false, true}) {
      const auto echo = health::parse_echo_reply(octets, family, with_header);
      if (!echo) continue;
      const std::string again = health::to_octets(*echo, family);
      if (again.substr(4) != octets.substr(size - again.size() + 4)) std::abort();
    }
  }
  return 0;
}
