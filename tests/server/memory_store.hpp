// tests/server/memory_store.hpp: a shared store in memory, for one test.
#pragma once

#include <map>
#include <string>

#include "health/sharing/shared_store.hpp"

namespace gslb::server {

/// A store of one machine that refuses what is fenced off, as etcd does.
class MemoryStore final : public health::SharedStore {
 public:
  void put(std::string key, std::string value, std::optional<std::uint64_t> fence, Changed done) override {
    const auto found = values_.find(key);
    if (fence && *fence != (found == values_.end() ? 0 : found->second.revision))
      return done(base::Error{"the key was changed by another"});
    values_[key] = {key, std::move(value), ++revision_};
    done(revision_);
  }
  void remove(std::string key, std::optional<std::uint64_t> fence, Changed done) override {
    const auto found = values_.find(key);
    if (found == values_.end() || (fence && *fence != found->second.revision)) return done(base::Error{"changed"});
    values_.erase(found);
    done(++revision_);
  }
  void list(std::string, Listed done) override { done(listing()); }
  health::Listing listing() const {
    health::Listing out{revision_, {}};
    for (const auto& [key, value] : values_) out.values.push_back(value);
    return out;
  }
  void set(const std::string& key, const std::string& value) { values_[key] = {key, value, ++revision_}; }
  void wipe() { values_.clear(); }

 private:
  std::uint64_t revision_ = 5;
  std::map<std::string, health::StoredValue> values_;
};

}  // namespace gslb::server
