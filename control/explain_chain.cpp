#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.hpp"
#include "control/explain_lines.hpp"
#include "control/explain_view.hpp"
#include "control/json.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

using engine::Candidate;
using engine::SteeredReasons;
using policy::EndpointIndex;

std::string number(double value) {
  char out[32];
  if (value == std::floor(value) && value < 1e15) return base::with_thousands(static_cast<std::uint64_t>(value));
  std::snprintf(out, sizeof out, "%.1f", value);
  return out;
}

std::string verdict_line(const Candidate& one) {
  if (!one.order.empty()) return one.order;
  if (one.state.verdict == health::Verdict::up && one.state.feed == 0) return "drained: its site's feed says so";
  std::string out(health::to_string(one.state.verdict));
  if (one.state.verdict == health::Verdict::up) out = one.state.ramp < 1000 ? "up, in slow start" : "up, being judged";
  if (one.since != base::WallTime{}) out += " since " + rfc3339(one.since);
  if (!one.reason.empty()) out += ": " + one.reason;
  return out;
}

void add_health(const SteeredReasons& reasons, const ExplainNames& names, ExplainLines& lines) {
  bool steady = true;
  bool probed = false;
  for (std::size_t e = 0; e < reasons.candidates.size(); ++e) {
    const Candidate& one = reasons.candidates[e];
    if (!one.here || one.site.empty()) continue;
    probed = probed || one.probed;
    const bool up = policy::is_up(one.state);
    if (up && one.state.ramp == 1000 && !one.state.in_motion && one.order.empty()) continue;
    steady = false;
    lines.add("health", std::string(up ? "~ " : "- ") + names(static_cast<EndpointIndex>(e)), verdict_line(one));
  }
  if (steady) lines.add("health", "all up", probed ? "" : "none is probed");
}

std::string why_of(const SteeredReasons& reasons, const engine::StepRecord& step, const ExplainNames& names) {
  switch (step.kind) {
    case policy::FilterKind::fence: {
      if (step.outsider && step.outside == policy::Outside::anywhere)
        return "nobody serves this client: outside, anywhere";
      if (step.outsider && step.outside == policy::Outside::sites)
        return "nobody serves this client: outside, only these";
      std::vector<EndpointIndex> outside;
      for (const auto& tier : step.tiers) {
        for (const EndpointIndex e : tier) {
          if (!reasons.candidates[e].serves) outside.push_back(e);
        }
      }
      if (!step.dropped.empty()) return "- " + names.list(step.dropped) + ": does not serve this client";
      if (!outside.empty()) return names.list(outside) + " does not serve this client, and comes last";
      return "all serve this client";
    }
    case policy::FilterKind::nearest:
      if (!step.known) return "nobody knows where the client is: all stay equal";
      if (step.tiers.empty()) return "";
      return "within " + number(step.within) + " km of the best: " + names.list(step.tiers.front());
    case policy::FilterKind::fastest:
      if (!step.known) return "no round trip of this network is known: all stay equal";
      if (step.tiers.empty()) return "";
      return "within " + number(step.within) + " ms of the best: " + names.list(step.tiers.front());
    case policy::FilterKind::priority:
      return "in the configured order";
    default:
      return "";
  }
}

void add_steps(const SteeredReasons& reasons, const engine::ChainRecord& chain, const std::string& before,
               const ExplainNames& names, ExplainLines& lines) {
  for (const engine::StepRecord& step : chain.steps) {
    lines.add(before + name_of(step.kind), names.tiers(step.tiers, step.kind == policy::FilterKind::nearest),
              why_of(reasons, step, names));
  }
}

std::string factors(const SteeredReasons& reasons, const std::vector<EndpointIndex>& tier, const ExplainNames& names) {
  std::vector<std::string> parts;
  for (const EndpointIndex e : tier) {
    const Candidate& one = reasons.candidates[e];
    if (one.inner) {
      const double whole = std::max(one.configured, 1.0);
      parts.push_back(names(e) + " " + number(whole) + " x " + number(one.effective / whole) + " carried inside");
      continue;
    }
    const bool up = policy::is_up(one.state);
    std::string part = names(e) + " " + number(one.configured) + (up ? " x 1 health" : " x 0 health");
    if (up) part += " x " + number(one.state.ramp / 1000.0) + " slowstart";
    if (up && one.state.grade < 1000) part += " x " + number(one.state.grade / 1000.0) + " grade";
    if (one.state.feed < 1000 && (up || one.state.feed == 0)) part += " x " + number(one.state.feed / 1000.0) + " feed";
    if (reasons.guards.held[e] && reasons.shares.weights[e] == 0) part += " x 0 failback";
    parts.push_back(part);
  }
  return joined(parts, ", ");
}

void add_carries(const SteeredReasons& reasons, const ExplainNames& names, ExplainLines& lines) {
  const policy::Shares& shares = reasons.shares;
  switch (shares.mode) {
    case policy::Mode::normal:
      break;
    case policy::Mode::fail_open:
      lines.add("fail-open", "as if all were up", "too little is up, and clients get their normal site all the same");
      break;
    case policy::Mode::last_resort:
      lines.add("last resort", "as if up", "people took out all that exists, and what they took out least answers");
      break;
    case policy::Mode::fenced:
      lines.add("carries", "nobody", "no endpoint serves this client: the fallback, else SERVFAIL");
      return;
    case policy::Mode::nothing:
      lines.add("carries", "nobody", "nothing is up and all_down is none: the fallback, else SERVFAIL");
      return;
  }
  const policy::Tiers& tiers = reasons.own.end();
  double left = 1;
  for (std::size_t t = 0; t < shares.loads.size(); ++t) {
    const policy::TierLoad& load = shares.loads[t];
    std::string why = number(load.effective) + " of " + number(load.configured);
    if (shares.mode == policy::Mode::normal) why += ": " + factors(reasons, tiers[t], names);
    if (load.keeps > 0 && load.keeps < 1)
      why += "; under spill_below " + percent(reasons.spill_below) + ", the rest goes on";
    lines.add("carries", names.list(tiers[t]) + " " + percent(left * load.keeps), why);
    left -= left * load.keeps;
  }
}

/// What decides beside health and weights: latches, members that stay, canaries, load.
void add_guards(const SteeredReasons& reasons, const ExplainNames& names, ExplainLines& lines) {
  std::vector<EndpointIndex> held;
  std::vector<EndpointIndex> kept;
  for (std::size_t e = 0; e < reasons.guards.held.size(); ++e) {
    if (reasons.guards.held[e]) held.push_back(static_cast<EndpointIndex>(e));
  }
  for (std::size_t e = 0; e < reasons.guards.kept.size(); ++e) {
    if (reasons.guards.kept[e] > 0) kept.push_back(static_cast<EndpointIndex>(e));
  }
  if (!held.empty()) lines.add("failback", "- " + names.list(held), "clients are not let back yet: gslbctl failback");
  if (!kept.empty()) lines.add("keep", names.list(kept), "down, but stays in the draws of its tier");
  for (const policy::TierShare& tier : reasons.shares.tiers) {
    if (tier.canary) lines.add("canary", names.list(tier.members) + " " + percent(tier.share), "goes there first");
  }
  for (std::size_t e = 0; e < reasons.guards.load.size(); ++e) {
    const policy::SiteShare& site = reasons.guards.load[e];
    if (site.kept < 1)
      lines.add("load", names(static_cast<EndpointIndex>(e)) + " keeps " + percent(site.kept),
                "of what is offered to its site; the rest goes where there is room");
  }
}

std::string proportions(const SteeredReasons& reasons, const ExplainNames& names) {
  std::vector<std::string> parts;
  for (std::size_t e = 0; e < reasons.candidates.size(); ++e) {
    const double part = reasons.candidates[e].first;
    if (part > 0) parts.push_back(names(static_cast<EndpointIndex>(e)) + " " + percent(part));
  }
  return joined(parts, ", ");
}

void add_draw(const SteeredReasons& reasons, const ExplainNames& names, ExplainLines& lines) {
  const char* word = reasons.weighted ? "weighted" : "draw";
  if (reasons.selection == policy::Selection::rotate) word = "rotate";
  if (reasons.selection == policy::Selection::all) word = "all";
  switch (reasons.draw) {
    case policy::Draw::fixed:
      lines.add(word, names.list(reasons.answer),
                reasons.answer.size() == 1 ? "alone in its tier, nothing to draw" : "the same for every client");
      break;
    case policy::Draw::by_client:
      lines.add(word, names(reasons.answer.front()),
                "slot " + base::with_thousands(reasons.slot) + " of " + base::with_thousands(reasons.slots) +
                    ", by the hash of " + base::to_string(base::make_prefix(reasons.client, reasons.hashed)) + ": " +
                    proportions(reasons, names));
      break;
    case policy::Draw::by_query:
      lines.add(word, names(reasons.answer.front()), "drawn anew for each query: " + proportions(reasons, names));
      break;
    case policy::Draw::nothing:
      return;
  }
  lines.add("take " + std::to_string(reasons.take), names.list(reasons.answer));
}

}  // namespace

void add_chains(const SteeredReasons& reasons, const ExplainNames& names, ExplainLines& lines) {
  add_health(reasons, names, lines);
  add_steps(reasons, reasons.own, "", names, lines);
  for (const engine::ChainRecord& inner : reasons.inner) {
    if (inner.steps.empty()) lines.add(inner.label, names.tiers(inner.start, false));
    add_steps(reasons, inner, inner.label + " ", names, lines);
  }
  add_guards(reasons, names, lines);
  add_carries(reasons, names, lines);
  add_draw(reasons, names, lines);
}

}  // namespace gslb::control
