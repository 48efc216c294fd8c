// Any octets as the file of events or as an answer of the control API: refused, or read, written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/order_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::control;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto read = events_from_json(text)) {
    const auto again = events_from_json(events_to_json(read->events, read->last));
    if (!again || again->events.size() != read->events.size() || again->last != read->last) std::abort();
  }
  if (const auto read = orders_from_json(text)) {
    const auto again = orders_from_json(to_json(*read));
    if (!again || again->size() != read->size()) std::abort();
  }
  return 0;
}
