#include "config/shared_keys.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/hash.hpp"

namespace gslb::config {

namespace {

constexpr auto of_one_machine =
    std::to_array<std::string_view>({"include", "listen", "threads", "state", "control", "agent", "tcp", "tls", "proxy",
                                     "nsid", "chaos", "resolvers", "log", "vantage", "etcd", "register"});

std::uint64_t hash_of(const Value& value, std::uint64_t seed) {
  std::uint64_t out = base::combine(seed, static_cast<std::uint64_t>(value.kind));
  out = base::hash_bytes(value.text, out);
  for (const Value& item : value.items) out = hash_of(item, out);
  for (const Entry& entry : value.entries) out = hash_of(entry.value, base::hash_bytes(entry.key.text, out));
  return base::combine(out, value.items.size() + value.entries.size());
}

bool is_shared(const Entry& entry) { return std::ranges::find(of_one_machine, entry.key.text) == of_one_machine.end(); }

}  // namespace

std::uint64_t shared_hash(const Value& root) {
  std::uint64_t out = 0;
  for (const Entry& entry : root.entries) {
    if (is_shared(entry)) out = hash_of(entry.value, base::hash_bytes(entry.key.text, out));
  }
  return out;
}

Value with_shared(Value own, Value pushed) {
  own.kind = Value::Kind::mapping;
  std::erase_if(own.entries, is_shared);
  for (Entry& entry : pushed.entries) {
    if (is_shared(entry)) own.entries.push_back(std::move(entry));
  }
  return own;
}

}  // namespace gslb::config
