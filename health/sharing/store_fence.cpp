#include "health/sharing/store_fence.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/hash.hpp"

namespace gslb::health {

namespace {

constexpr std::string_view magic = "gslbd store 1 ";
constexpr std::size_t longest_identity = 64;
constexpr const char* remedy = "; what was known stays. If it is right all the same: gslbctl store accept";

std::string checksum(std::string_view text) {
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(base::hash_bytes(text)));
  return out;
}

bool is_identity(std::string_view text) {
  return !text.empty() && text.size() <= longest_identity &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

StoreFence::Verdict StoreFence::judge(const Listing& listing) {
  const auto found = std::ranges::find(listing.values, identity_key, &StoredValue::key);
  const bool has_identity = found != listing.values.end();
  const auto refuse = [this](std::string why) {
    problem_ = std::move(why) + remedy;
    return Verdict::refused;
  };
  if (has_identity && !is_identity(found->value)) return refuse("the store has an identity that is none");
  if (identity_.empty()) {
    problem_.clear();
    if (!has_identity) return Verdict::fresh;
    identity_ = found->value;
    revision_ = listing.revision;
    return Verdict::trusted;
  }
  if (!has_identity) return refuse("the store is empty: it was wiped, or is another");
  if (found->value != identity_) return refuse("the store is not the one of before");
  rolled_back_ = rolled_back_ || listing.revision < revision_;
  if (rolled_back_)
    return refuse("the store was rolled back: it was at revision " + std::to_string(revision_) + ", and then at less");
  revision_ = listing.revision;
  problem_.clear();
  return Verdict::trusted;
}

std::string StoreFence::state() const {
  if (identity_.empty()) return {};
  const std::string line = identity_ + " " + std::to_string(revision_) + (rolled_back_ ? " back\n" : "\n");
  return std::string(magic) + checksum(line) + "\n" + line;
}

base::Result<void> StoreFence::restore(std::string_view text) {
  if (text.empty()) return {};
  const base::Error damaged{"what was known of the store is damaged"};
  if (!text.starts_with(magic)) return base::Error{"what was known of the store is not of this version"};
  text.remove_prefix(magic.size());
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return damaged;
  std::string_view line = text.substr(end + 1);
  if (text.substr(0, end) != checksum(line) || !line.ends_with('\n')) return damaged;
  line.remove_suffix(1);
  const bool back = line.ends_with(" back");
  if (back) line.remove_suffix(5);
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view count = line.substr(std::min(space + 1, line.size()));
  std::uint64_t revision = 0;
  const auto [at, error] = std::from_chars(count.data(), count.data() + count.size(), revision);
  if (error != std::errc() || at != count.data() + count.size() || !is_identity(line.substr(0, space))) return damaged;
  identity_ = line.substr(0, space);
  revision_ = revision;
  rolled_back_ = back;
  return {};
}

}  // namespace gslb::health
