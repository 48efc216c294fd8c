#include "engine/latch_vote.hpp"

#include <algorithm>
#include <set>

namespace gslb::engine {

namespace {

struct Choice {
  policy::Latch latch;  ///< the latest start of those with this floor
  std::size_t votes = 0;
};

/// The floor that most have; of equally many, the higher one.
Choice choose(const std::vector<policy::Latch>& votes) {
  std::map<std::uint16_t, Choice> by_floor;
  for (const policy::Latch& vote : votes) {
    Choice& choice = by_floor[vote.floor];
    if (choice.votes++ == 0 || vote.since > choice.latch.since) choice.latch = vote;
  }
  Choice out;
  for (const auto& [floor, choice] : by_floor) {
    if (choice.votes >= out.votes) out = choice;
  }
  return out;
}

policy::Latch found_in(const LatchVote::Latches& latches, std::uint64_t number) {
  const auto found = latches.find(number);
  return found == latches.end() ? policy::Latch{} : found->second;
}

}  // namespace

void LatchVote::hear(const std::string& server, const std::vector<health::SharedState>& shared,
                     base::SteadyTime arrival) {
  Heard& heard = heard_[server];
  heard.arrival = arrival;
  heard.latches.clear();
  for (const health::SharedState& one : shared) {
    if (one.value > 0 && one.value <= UINT16_MAX)
      heard.latches[one.key] = {static_cast<std::uint16_t>(one.value), arrival - one.age, std::nullopt};
  }
}

LatchVote::Latches LatchVote::step(const Latches& own,
                                   const std::function<bool(std::uint64_t, const policy::Latch&)>& counts,
                                   base::Duration fresh, base::SteadyTime now) {
  next_.reset();
  std::erase_if(heard_, [&](const auto& entry) { return now - entry.second.arrival > fresh; });
  std::vector<const Latches*> others;
  for (const auto& [server, heard] : heard_) others.push_back(&heard.latches);
  if (others.empty() && !stored_.empty()) others.push_back(&stored_);

  std::set<std::uint64_t> numbers;
  for (const auto& [number, latch] : own) numbers.insert(number);
  for (const Latches* latches : others) {
    for (const auto& [number, latch] : *latches) {
      if (counts(number, latch)) numbers.insert(number);
    }
  }
  Latches out;
  decltype(differs_) differs;
  for (const std::uint64_t number : numbers) {
    const policy::Latch mine = found_in(own, number);
    std::vector<policy::Latch> votes{mine};
    for (const Latches* latches : others) {
      const policy::Latch its = found_in(*latches, number);
      votes.push_back(counts(number, its) ? its : policy::Latch{});
    }
    const Choice choice = choose(votes);
    const bool wins = 2 * choice.votes > votes.size() || (2 * choice.votes == votes.size() && mine.floor == 0);
    if (choice.latch.floor == mine.floor || !wins) continue;
    const auto before = differs_.find(number);
    const bool goes_on = before != differs_.end() && before->second.first == choice.latch.floor;
    const base::SteadyTime since = goes_on ? before->second.second : now;
    if (now - since >= patience) {
      out[number] = choice.latch;
      continue;
    }
    differs[number] = {choice.latch.floor, since};
    next_ = std::min(next_.value_or(since + patience), since + patience);
  }
  differs_ = std::move(differs);
  return out;
}

}  // namespace gslb::engine
