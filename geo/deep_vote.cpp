#include "geo/deep_vote.hpp"

#include <algorithm>

#include "geo/lookup.hpp"

namespace gslb::geo {

std::uint16_t DeepVote::most(std::uint32_t node, unsigned first, unsigned count, std::uint16_t if_lost) noexcept {
  count_entries(node, first, first + count, 1.0);
  if (visits_ > most_visits) return if_lost;
  Share best;
  for (const Share& share : std::span(shares_).first(used_)) {
    if (share.part > best.part || (share.part == best.part && share.service_class < best.service_class)) best = share;
  }
  return best.service_class;
}

void DeepVote::count_entries(std::uint32_t index, unsigned first, unsigned end, double part) noexcept {
  const image::Node& node = nodes_[index];
  for (unsigned at = first; at < end;) {
    if (++visits_ > most_visits) return;
    if (is_child(node, at)) {
      count_entries(child_of(node, at), 0, 64, part / 64);
      ++at;
      continue;
    }
    unsigned next = at + 1;
    while (next < end && ((node.vector | node.runs) >> next & 1) == 0) ++next;
    add(service_class_[leaves_[leaf_index(node, at)]], part * (next - at));
    at = next;
  }
}

void DeepVote::add(std::uint16_t service_class, double part) noexcept {
  const auto end = shares_.begin() + used_;
  const auto known =
      std::find_if(shares_.begin(), end, [&](const Share& s) { return s.service_class == service_class; });
  if (known != end) {
    known->part += part;
  } else if (used_ < shares_.size()) {
    shares_[used_++] = {service_class, part};
  } else {
    visits_ = most_visits + 1;
  }
}

}  // namespace gslb::geo
