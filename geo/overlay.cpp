#include "geo/overlay.hpp"

#include <algorithm>

#include "geo/special.hpp"

namespace gslb::geo {

Overlay::Overlay(const std::vector<PlaceSpec>& places, const Questions& questions) {
  for (const base::Family family : {base::Family::v4, base::Family::v6}) {
    for (const base::Prefix& block : special_blocks(family)) insert(block).special = true;
  }
  for (std::uint32_t i = 0; i < places.size(); ++i) insert(places[i].prefix).place = i + 1;
  for (const auto& [prefix, listing] : questions.region_prefixes()) insert(prefix).regions.push_back(listing);
  for (const Questions::Measured& measured : questions.measured()) {
    Node& node = insert(measured.prefix);
    if (node.measured == 0) {
      measured_.emplace_back();
      node.measured = static_cast<std::uint32_t>(measured_.size());
    }
    measured_[node.measured - 1].push_back(measured);
  }
}

Overlay::Node& Overlay::insert(const base::Prefix& prefix) {
  std::uint32_t at = root(prefix.address.family);
  for (unsigned depth = 0; depth < prefix.length; ++depth) {
    const unsigned bit = prefix.address.octets[depth / 8] >> (7 - depth % 8) & 1U;
    std::uint32_t next = nodes_[at].child[bit];
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      nodes_[at].child[bit] = next;
      nodes_.emplace_back();
    }
    at = next;
  }
  return nodes_[at];
}

std::uint32_t Overlay::enter(std::uint32_t node, std::uint32_t state) {
  const Node& here = nodes_[node];
  if (here.place == 0 && !here.special && here.regions.empty() && here.measured == 0) return state;
  State next = states_[state];
  if (here.place != 0) next.place = here.place;
  next.special = next.special || here.special;
  if (!here.regions.empty()) {
    std::vector<std::uint32_t> set = sets_[next.prefixes];
    const auto overruled = [&](std::uint32_t listing) {  // by the other word of a longer prefix on the same region
      return std::find(here.regions.begin(), here.regions.end(), listing ^ 1U) != here.regions.end();
    };
    std::erase_if(set, overruled);
    set.insert(set.end(), here.regions.begin(), here.regions.end());
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    const auto [at, added] = set_ids_.try_emplace(set, static_cast<std::uint32_t>(sets_.size()));
    if (added) sets_.push_back(set);
    next.prefixes = at->second;
  }
  if (here.measured != 0) {
    std::vector<std::uint32_t> answers = answers_[next.measured];
    for (const Questions::Measured& measured : measured_[here.measured - 1]) {
      answers.resize(std::max<std::size_t>(answers.size(), measured.table + 1));
      answers[measured.table] = measured.answer;
    }
    const auto [at, added] = answer_ids_.try_emplace(answers, static_cast<std::uint32_t>(answers_.size()));
    if (added) answers_.push_back(answers);
    next.measured = at->second;
  }
  const auto [at, added] = state_ids_.try_emplace(next, static_cast<std::uint32_t>(states_.size()));
  if (added) states_.push_back(next);
  return at->second;
}

}  // namespace gslb::geo
