// Any octets as a key's times in the shared store: left alone, or written again as what was read.
#include <cstdlib>
#include <string>

#include "dns/key_record.hpp"

using namespace gslb::dns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view name = all.substr(0, all.find('\n'));
  const std::string_view text = all.substr(std::min(all.size(), name.size() + 1));
  if (const auto record = parse_key_record(name, text)) {
    if (parse_key_record(key_record_name(*record), to_text(*record)) != record) std::abort();
  }
  return 0;
}
