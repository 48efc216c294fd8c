#include "server/key_exchange.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace gslb::server {

namespace {

struct Stored {
  dns::KeyRecord record;
  std::uint64_t revision = 0;
};

/// By key of the store; what is damaged is left alone.
std::map<std::string, Stored> records_in(const health::Listing& listing) {
  std::map<std::string, Stored> out;
  for (const health::StoredValue& value : listing.values) {
    if (!value.key.starts_with(KeyExchange::prefix)) continue;
    const std::size_t slash = value.key.rfind('/');
    if (slash < KeyExchange::prefix.size()) continue;
    const auto record = dns::parse_key_record(std::string_view(value.key).substr(slash + 1), value.value);
    if (record) out[value.key] = {*record, value.revision};
  }
  return out;
}

}  // namespace

void KeyExchange::read(const health::Listing& listing, const std::string& self) {
  std::map<std::string, Stored> there = records_in(listing);
  std::map<std::string, std::vector<dns::KeyRecord>> by_zone;
  for (const auto& [key, stored] : there)
    by_zone[key.substr(prefix.size(), key.rfind('/') - prefix.size())].push_back(stored.record);
  keys_.take(std::move(by_zone), self);
  keys_.known(self, [this, alive = std::weak_ptr(alive_), there = std::move(there),
                     self](const std::vector<KeyKeeper::Known>& zones) {
    health::SharedStore* store = alive.expired() ? nullptr : store_();
    if (store == nullptr) return;
    const auto nothing = [](const base::Result<std::uint64_t>&) {};
    for (const KeyKeeper::Known& zone : zones) {
      if (!zone.maker) continue;
      const std::string folder = std::string(prefix) + zone.zone + "/";
      std::set<std::string> mine;
      for (const dns::KeyRecord& record : zone.keys) {
        const std::string key = folder + key_record_name(record);
        mine.insert(key);
        const auto found = there.find(key);
        if (found == there.end() || found->second.record != record)
          store->put(key, to_text(record), found == there.end() ? 0 : found->second.revision, nothing);
      }
      for (const auto& [key, stored] : there) {
        if (key.starts_with(folder) && stored.record.by == self && !mine.contains(key))
          store->remove(key, stored.revision, nothing);
      }
    }
  });
}

}  // namespace gslb::server
