// Any octets as what a service pushes of itself: refused, or read, written and read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/push_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::control;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = push_from_json(text);
  if (read) {
    if (read->note.size() > 256 || std::count(read->note.begin(), read->note.end(), '\n') != 0) std::abort();
    const auto again = push_from_json(to_json(*read));
    if (!again || again->status != read->status || again->note != read->note) std::abort();
  }
  (void)pushed_from_json(text);
  return 0;
}
