// Any octets as values of the shared store, and as what name servers tell each other of pushes: left alone, or written
// again as what was read.
#include <cstdlib>
#include <string>

#include "health/shared_keys.hpp"
#include "health/sharing/config_record.hpp"
#include "health/sharing/latch_record.hpp"
#include "health/sharing/node_record.hpp"
#include "health/sharing/shared_push.hpp"

using namespace gslb::health;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto record = parse_node_record(text)) {
    const auto again = parse_node_record(to_text(*record));
    if (!again || *again != *record) std::abort();
  }
  if (const auto push = parse_shared_push(text)) {
    const auto again = parse_shared_push(to_text(*push));
    if (!again || *again != *push) std::abort();
  }
  if (const auto record = parse_config_record(text)) {
    if (parse_config_record(to_text(*record)) != record) std::abort();
  }
  LatchRecord named;
  const std::size_t of = text.find("of=");
  named.number = latch_key(of == std::string::npos ? "" : text.substr(of + 3));
  if (const auto record = parse_latch({key_of(named), text, 1})) {
    if (parse_latch({key_of(*record), to_text(*record), 1}) != record) std::abort();
  }
  return 0;
}
