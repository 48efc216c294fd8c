// Any octets as the state file of host addresses: refused, or read and written as what was read.
#include "health/host_state.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/hash.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::health;
  // With the right checksum in front, so that the lines are what is tried.
  const std::string lines(reinterpret_cast<const char*>(data), size);
  char head[64];
  std::snprintf(head, sizeof head, "gslbd hosts 1 %016llx\n",
                static_cast<unsigned long long>(gslb::base::hash_bytes(std::string_view(lines))));
  for (const std::string& text : {lines, head + lines}) {
    const auto read = read_host_state(text);
    if (!read) continue;
    const auto again = read_host_state(write_host_state(*read));
    if (!again) std::abort();
    for (const auto& [name, addresses] : *again)
      if (read->at(name) != addresses) std::abort();
  }
  return 0;
}
