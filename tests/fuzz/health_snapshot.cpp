// tests/fuzz/health_snapshot.cpp: no state file crashes the reader, and what it accepts it writes back unchanged.
//
// A mutant's checksum is nearly always wrong, so each input is also read as the state alone, under a right checksum.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "health/snapshot.hpp"

namespace {

void read(std::string_view text) {
  const auto snapshot = gslb::health::parse_snapshot(text);
  if (!snapshot) return;
  const auto again = gslb::health::parse_snapshot(gslb::health::to_text(*snapshot));
  if (!again || !(*again == *snapshot)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(text);
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error) return 0;
  const auto* document = value.if_object();
  const auto* inner = document != nullptr ? document->if_contains("state") : nullptr;
  const std::string state = boost::json::serialize(inner != nullptr ? *inner : value);
  char checksum[17];
  std::snprintf(checksum, sizeof checksum, "%016llx", static_cast<unsigned long long>(gslb::base::hash_bytes(state)));
  read(R"({"version":1,"checksum":")" + std::string(checksum) + R"(","state":)" + state + "}");
  return 0;
}
