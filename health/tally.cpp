#include "health/tally.hpp"

#include <algorithm>
#include <array>

#include "health/mutation.hpp"

namespace gslb::health {
namespace {

struct Votes {
  unsigned all = 0;  ///< who may vote
  unsigned up = 0;
  unsigned down = 0;
  unsigned heard() const noexcept { return up + down; }
  bool quorum() const noexcept { return 2 * heard() > all || (planted(Mutation::no_quorum) && heard() > 0); }
  void add(Verdict says) noexcept {
    up += says == Verdict::up;
    down += says == Verdict::down;
  }
};

/// What votes that are enough say together. Only a majority can be undecided: as many for as against change nothing.
Verdict decide(const Votes& votes, const Agree& agree) noexcept {
  if (votes.heard() == 0) return Verdict::unknown;
  const auto down_if = [](bool down) { return down ? Verdict::down : Verdict::up; };
  if (planted(Mutation::one_is_enough)) return down_if(votes.down > 0);
  switch (agree.kind) {
    case Agree::Kind::all:
      return down_if(votes.up == 0);
    case Agree::Kind::any:
      return down_if(votes.down > 0);
    case Agree::Kind::count: {
      const unsigned needed = std::min(agree.count, votes.all);
      if (votes.down >= needed) return Verdict::down;
      // Those that are not heard could make up the number: then it is neither.
      return votes.all - votes.up >= needed && votes.down > 0 ? Verdict::unknown : Verdict::up;
    }
    case Agree::Kind::majority:
      break;
  }
  if (votes.up == votes.down) return planted(Mutation::tie_is_down) ? Verdict::down : Verdict::unknown;
  return down_if(votes.down > votes.up);
}

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::counted:
      return "counted";
    case Standing::own_site:
      return "at the site itself";
    case Standing::silent:
      return "not heard of lately";
    case Standing::unsettled:
      return "just started";
    case Standing::cut_off:
      return "cut off";
    case Standing::distrusted:
      return "was cut off a moment ago";
    case Standing::quarantined:
      return "in quarantine";
    case Standing::no_opinion:
      return "no opinion yet";
  }
  return "";
}

Tally count(std::span<const Ballot> ballots, const Agree& agree) noexcept {
  Votes flat;
  std::array<Votes, most_regions> regions{};
  std::size_t used = 1;
  for (const Ballot& ballot : ballots) {
    if (!ballot.elector()) continue;
    const std::size_t region = planted(Mutation::regions_flat) ? 0 : ballot.region;
    used = std::max(used, region + 1);
    ++flat.all;
    ++regions[region].all;
    if (!ballot.counted()) continue;
    flat.add(ballot.says);
    regions[region].add(ballot.says);
  }
  Tally out{static_cast<std::uint16_t>(flat.all), static_cast<std::uint16_t>(flat.up),
            static_cast<std::uint16_t>(flat.down), flat.quorum(), Verdict::unknown};
  if (!out.quorum) return out;
  if (used == 1) {
    out.outcome = decide(flat, agree);
    return out;
  }
  Votes among;
  std::size_t heard = 0;
  for (std::size_t r = 0; r < used; ++r) {
    if (regions[r].all == 0) continue;
    ++among.all;
    if (!regions[r].quorum()) continue;
    ++heard;
    among.add(decide(regions[r], agree));
  }
  out.quorum = 2 * heard > among.all;
  if (!out.quorum) return out;
  if (agree.kind == Agree::Kind::all || agree.kind == Agree::Kind::any) {
    out.outcome = decide(among, agree);
  } else {
    // A number is one of vantages: among regions the majority decides, and a region that is undecided is none of it.
    out.outcome = 2 * among.down > heard ? Verdict::down : (2 * among.up > heard ? Verdict::up : Verdict::unknown);
  }
  return out;
}

base::Duration earliest_change(std::span<const Ballot> ballots, const Agree& agree, Verdict verdict,
                               base::Duration steady) noexcept {
  const Verdict other = verdict == Verdict::up ? Verdict::down : Verdict::up;
  std::array<Ballot, most_vantages> turned;
  std::array<std::pair<base::Duration, std::uint8_t>, most_vantages> turns;
  const std::size_t size = std::min(ballots.size(), most_vantages);
  std::size_t could = 0;
  for (std::size_t v = 0; v < size; ++v) {
    const Ballot& ballot = turned[v] = ballots[v];
    if (!ballot.elector() || (ballot.counted() && ballot.says == other)) continue;
    const base::Duration takes =
        !ballot.counted() ? base::Duration{} : (ballot.in_motion ? ballot.until_change : steady);
    turns[could++] = {takes, static_cast<std::uint8_t>(v)};
  }
  std::sort(turns.begin(), turns.begin() + static_cast<std::ptrdiff_t>(could));
  base::Duration at{};
  for (std::size_t i = 0; count({turned.data(), size}, agree).outcome != other; ++i) {
    if (i == could) return steady;
    at = turns[i].first;
    turned[turns[i].second].says = other;
    turned[turns[i].second].standing = Standing::counted;
  }
  return at;
}

}  // namespace gslb::health
