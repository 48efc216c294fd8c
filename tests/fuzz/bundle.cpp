// Any octets as a pushed configuration: refused, or written again as what was read. The hash at the end is put right,
// so that what is before it is looked at, too.
#include <cstdlib>
#include <string>

#include "config/bundle.hpp"

using namespace gslb::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_bundle(text));
  const std::string whole = text + "end " + name_of_bundle(text) + "\n";
  if (const auto bundle = parse_bundle(whole)) {
    const auto again = to_text(*bundle);
    if (!again || *again != whole) std::abort();
  }
  return 0;
}
