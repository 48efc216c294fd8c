// What nodes and vantages send each other about probes: what is read is written and read again as the same.
#include <cstdlib>
#include <string_view>

#include "health/sharing/probe_asks.hpp"

using namespace gslb::health;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto asks = parse_probe_asks(text)) {
    const auto again = parse_probe_asks(to_text(*asks));
    if (!again || *again != *asks) std::abort();
  }
  if (const auto answer = parse_probe_answer(text)) {
    // Unprintable octets have been replaced after the first time.
    const auto once = parse_probe_answer(to_text(*answer));
    if (!once || once->outcomes.size() != answer->outcomes.size()) std::abort();
    const auto twice = parse_probe_answer(to_text(*once));
    if (!twice || *twice != *once) std::abort();
  }
  return 0;
}
