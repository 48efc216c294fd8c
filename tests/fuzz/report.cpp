// Any octets as a vantage's report: refused, or read and written again as the same octets.
#include "health/sharing/report_codec.hpp"

#include <cstdint>
#include <cstdlib>

#include "base/hash.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::health;
  const std::string octets(reinterpret_cast<const char*>(data), size);
  // Also with the right head and checksum around, so that what they protect is tried.
  std::string summed = std::string("gslR\1") + octets;
  std::uint64_t sum = gslb::base::hash_bytes(summed);
  for (int i = 0; i < 8; ++i, sum >>= 8) summed += static_cast<char>(sum);
  for (const std::string& text : {octets, summed}) {
    const auto read = parse_report(text);
    if (!read) {
      if (read.error().what.empty()) std::abort();
      continue;
    }
    if (rounded(*read) != *read) std::abort();
    const auto again = write_report(*read);
    if (!again || *again != text) std::abort();
  }
  return 0;
}
