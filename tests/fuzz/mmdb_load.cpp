// Any octets as a database: refused with a reason, or a tree all of whose links and records are sound.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "geo/mmdb.hpp"

// libmaxminddb 1.7.1 forgets a list when the languages or descriptions of a file are damaged.
extern "C" const char* __lsan_default_suppressions() { return "leak:libmaxminddb"; }  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::geo;
  const auto database = Database::open(std::span(data, size), "input");
  if (!database) {
    if (database.error().what.empty()) std::abort();
    return 0;
  }
  if (!database->has_places() && !database->has_asns()) std::abort();
  for (const TreeNode& node : database->nodes()) {
    for (const Link link : node.child) {
      const std::size_t limit = is_leaf(link) ? database->records().size() : database->nodes().size();
      if (leaf_value(link) >= limit) std::abort();
    }
  }
  for (const Record& record : database->records()) {
    if (record.at && !(record.at->latitude >= -90 && record.at->latitude <= 90)) std::abort();
    if (record.at && !(record.at->longitude >= -180 && record.at->longitude <= 180)) std::abort();
  }
  return 0;
}
