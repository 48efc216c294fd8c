#include "policy/plan_tables.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace gslb::policy {

PlanTables::PlanTables(const Service& service, Aspect aspect, AspectPlan& out)
    : ranks_(service, aspect), out_(out), single_(service.endpoints.size() + service.fallback.size(), none) {}

/// Where the number of a set is kept, or would be.
std::uint32_t& PlanTables::place_of(std::span<const EndpointIndex> members) {
  std::uint64_t hash = members.size();
  for (const EndpointIndex member : members) hash = base::combine(hash, member);
  for (std::size_t at = hash % sets_.size();; at = (at + 1) % sets_.size()) {
    std::uint32_t& place = sets_[at];
    if (place == none || std::ranges::equal(out_.set(place), members)) return place;
  }
}

std::uint32_t PlanTables::set_of(std::span<const EndpointIndex> members) {
  if (2 * out_.sets.size() >= sets_.size()) {
    sets_.assign(std::max<std::size_t>(64, 2 * sets_.size()), none);
    for (std::uint32_t id = 0; id < out_.sets.size(); ++id) place_of(out_.set(id)) = id;
  }
  std::uint32_t& id = place_of(members);
  if (id != none) return id;
  id = static_cast<std::uint32_t>(out_.sets.size());
  out_.sets.push_back({static_cast<std::uint32_t>(out_.members.size()), static_cast<std::uint32_t>(members.size()),
                       ranks_.rank(members)});
  out_.members.insert(out_.members.end(), members.begin(), members.end());
  return id;
}

ClassPlan PlanTables::draw_from(const std::vector<std::uint32_t>& table, Draw draw) {
  ClassPlan out;
  const std::uint32_t first = table.front();
  if (std::all_of(table.begin(), table.end(), [&](std::uint32_t set) { return set == first; })) {
    out.draw = Draw::fixed;
    out.index = first;
    return out;
  }
  std::uint64_t hash = 0;
  for (const std::uint32_t set : table) hash = hash * 0x9E3779B97F4A7C15U + set;
  out.draw = draw;
  const auto [begin, end] = tables_.equal_range(hash);
  const auto known = std::find_if(begin, end, [&](const auto& entry) {
    return std::equal(table.begin(), table.end(), out_.slots.begin() + entry.second);
  });
  if (known != end) {
    out.index = known->second;
    return out;
  }
  out.index = static_cast<std::uint32_t>(out_.slots.size());
  tables_.emplace(hash, out.index);
  out_.slots.insert(out_.slots.end(), table.begin(), table.end());
  return out;
}

bool PlanTables::many() const noexcept {
  constexpr std::size_t many_sets = 1U << 15;
  constexpr std::size_t many_slots = 1U << 24;
  return out_.sets.size() > many_sets || out_.slots.size() > many_slots;
}

void PlanTables::clear() {
  const std::uint32_t slots = out_.slot_count;
  out_ = {};
  out_.slot_count = slots;
  std::fill(single_.begin(), single_.end(), none);
  std::fill(sets_.begin(), sets_.end(), none);
  tables_.clear();
}

}  // namespace gslb::policy
