#include "server/latch_exchange.hpp"

#include <algorithm>

namespace gslb::server {

void LatchExchange::read(const health::Listing& listing, health::SharedStore& store) {
  const auto nothing = [](const base::Result<std::uint64_t>&) {};
  std::vector<health::LatchRecord> held = health_.latches();
  const auto holds = [&held](const health::LatchRecord& record) {
    return std::ranges::find(held, record.number, &health::LatchRecord::number) != held.end();
  };
  std::vector<health::LatchRecord> there;
  for (const health::StoredValue& value : listing.values) {
    auto record = health::parse_latch(value);
    if (!record) continue;
    // Whoever never held it may not know of it yet.
    if (!holds(*record) && known_.contains(record->number)) {
      store.remove(value.key, value.revision, nothing);
      continue;
    }
    there.push_back(*std::move(record));
  }
  for (const health::LatchRecord& own : held) {
    known_.insert(own.number);
    if (std::ranges::find(there, own.number, &health::LatchRecord::number) == there.end())
      store.put(health::key_of(own), health::to_text(own), 0, nothing);
  }
  health_.stored_latches(there);
}

}  // namespace gslb::server
