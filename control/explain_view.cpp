#include "control/explain_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.hpp"
#include "control/json.hpp"
#include "control/table.hpp"
#include "control/why_not_view.hpp"

namespace gslb::control {

namespace {

using engine::Candidate;
using engine::SteeredReasons;
using policy::EndpointIndex;

/// Lines of a word, what it says, and why, in columns.
class Lines {
 public:
  void add(std::string word, std::string says, std::string why = {}) {
    rows_.push_back({std::move(word), std::move(says), std::move(why)});
  }
  std::string text() const {
    std::size_t words = 8;
    std::size_t says = 0;
    for (const Row& row : rows_) {
      words = std::max(words, width(row.word));
      if (!row.why.empty() && width(row.says) <= widest) says = std::max(says, width(row.says));
    }
    std::string out;
    for (const Row& row : rows_) {
      std::string line = padded(base::printable(row.word), words + 1) + base::printable(row.says);
      if (!row.why.empty()) line = padded(line, words + 1 + says) + "   " + base::printable(row.why);
      out += line + "\n";
    }
    return out;
  }

 private:
  static constexpr std::size_t widest = 48;
  struct Row {
    std::string word;
    std::string says;
    std::string why;
  };
  std::vector<Row> rows_;
};

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : between) + part;
  return out;
}

std::string number(double value) {
  char out[32];
  if (value == std::floor(value) && value < 1e15) return base::with_thousands(static_cast<std::uint64_t>(value));
  std::snprintf(out, sizeof out, "%.1f", value);
  return out;
}

/// Site names; with the address where a site has several, or none.
class Names {
 public:
  explicit Names(const SteeredReasons& reasons) : all_(reasons.candidates) {}
  std::string operator()(EndpointIndex e) const {
    const Candidate& one = all_[e];
    if (one.site.empty()) return one.address;
    const auto same =
        std::count_if(all_.begin(), all_.end(), [&](const Candidate& c) { return c.here && c.site == one.site; });
    return same > 1 ? one.site + " " + one.address : one.site;
  }
  std::string full(EndpointIndex e) const {
    const Candidate& one = all_[e];
    return one.site.empty() ? one.address + " (fallback)" : one.address + " (" + one.site + ")";
  }
  std::string list(const std::vector<EndpointIndex>& members, const char* between = ", ") const {
    std::vector<std::string> parts;
    parts.reserve(members.size());
    for (const EndpointIndex e : members) parts.push_back((*this)(e));
    return joined(parts, between);
  }
  /// Tiers parted by bars.
  std::string tiers(const policy::Tiers& tiers, bool with_km) const {
    std::vector<std::string> parts;
    for (const auto& tier : tiers) {
      std::vector<std::string> members;
      for (const EndpointIndex e : tier) {
        const auto& km = all_[e].km;
        members.push_back(
            (*this)(e) +
            (with_km && km ? " " + base::with_thousands(static_cast<std::uint64_t>(std::lround(*km))) + " km" : ""));
      }
      parts.push_back(joined(members, ", "));
    }
    return parts.empty() ? "nobody" : joined(parts, " | ");
  }

 private:
  const std::vector<Candidate>& all_;
};

std::string verdict_line(const Candidate& one) {
  std::string out(health::to_string(one.state.verdict));
  if (one.state.verdict == health::Verdict::up) out = one.state.ramp < 1000 ? "up, in slow start" : "up, being judged";
  if (one.since != base::WallTime{}) out += " since " + rfc3339(one.since);
  if (!one.reason.empty()) out += ": " + one.reason;
  return out;
}

void add_health(const SteeredReasons& reasons, const Names& names, Lines& lines) {
  bool steady = true;
  bool probed = false;
  for (std::size_t e = 0; e < reasons.candidates.size(); ++e) {
    const Candidate& one = reasons.candidates[e];
    if (!one.here || one.site.empty()) continue;
    probed = probed || one.probed;
    const bool up = one.state.verdict == health::Verdict::up;
    if (up && one.state.ramp == 1000 && !one.state.in_motion) continue;
    steady = false;
    lines.add("health", std::string(up ? "~ " : "- ") + names(static_cast<EndpointIndex>(e)), verdict_line(one));
  }
  if (steady) lines.add("health", "all up", probed ? "" : "none is probed");
}

std::string why_of(const SteeredReasons& reasons, const engine::StepRecord& step, const Names& names) {
  switch (step.kind) {
    case policy::FilterKind::fence: {
      const bool nobody = std::none_of(reasons.candidates.begin(), reasons.candidates.end(),
                                       [](const Candidate& c) { return !c.site.empty() && c.serves; });
      if (nobody && step.outside == policy::Outside::anywhere) return "nobody serves this client: outside, anywhere";
      if (nobody && step.outside == policy::Outside::sites) return "nobody serves this client: outside, only these";
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
      if (!reasons.where.known) return "nobody knows where the client is: all stay equal";
      if (step.tiers.empty()) return "";
      return "within " + number(step.within_km) + " km of the best: " + names.list(step.tiers.front());
    case policy::FilterKind::priority:
      return "in the configured order";
    default:
      return "";
  }
}

void add_tiers(const SteeredReasons& reasons, const Names& names, Lines& lines) {
  for (const engine::StepRecord& step : reasons.steps) {
    lines.add(name_of(step.kind), names.tiers(step.tiers, step.kind == policy::FilterKind::nearest),
              why_of(reasons, step, names));
  }
}

std::string factors(const SteeredReasons& reasons, const std::vector<EndpointIndex>& tier, const Names& names) {
  std::vector<std::string> parts;
  for (const EndpointIndex e : tier) {
    const Candidate& one = reasons.candidates[e];
    const bool up = one.state.verdict == health::Verdict::up;
    std::string part = names(e) + " " + number(one.configured) + (up ? " x 1 health" : " x 0 health");
    if (up) part += " x " + number(one.state.ramp / 1000.0) + " slowstart";
    parts.push_back(part);
  }
  return joined(parts, ", ");
}

void add_carries(const SteeredReasons& reasons, const Names& names, Lines& lines) {
  const policy::Shares& shares = reasons.shares;
  switch (shares.mode) {
    case policy::Mode::normal:
      break;
    case policy::Mode::fail_open:
      lines.add("fail-open", "as if all were up", "too little is up, and clients get their normal site all the same");
      break;
    case policy::Mode::fenced:
      lines.add("carries", "nobody", "no endpoint serves this client: the fallback, else SERVFAIL");
      return;
    case policy::Mode::nothing:
      lines.add("carries", "nobody", "nothing is up and all_down is none: the fallback, else SERVFAIL");
      return;
  }
  const policy::Tiers& tiers = reasons.steps.empty() ? reasons.start : reasons.steps.back().tiers;
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

std::string proportions(const SteeredReasons& reasons, const Names& names) {
  std::vector<std::string> parts;
  for (std::size_t e = 0; e < reasons.candidates.size(); ++e) {
    const double part = reasons.candidates[e].first;
    if (part > 0) parts.push_back(names(static_cast<EndpointIndex>(e)) + " " + percent(part));
  }
  return joined(parts, ", ");
}

void add_draw(const SteeredReasons& reasons, const Names& names, Lines& lines) {
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
                "slot " + base::with_thousands(reasons.slot) + " of " + base::with_thousands(policy::slot_count) +
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

void add_ttl(const SteeredReasons& reasons, const Names& names, Lines& lines) {
  const std::string ttl = std::to_string(reasons.ttl) + " s";
  if (reasons.ttl == reasons.configured_ttl)
    return lines.add("TTL", ttl, "as configured: nothing behind this answer is in motion");
  lines.add("TTL", ttl,
            "instead of " + std::to_string(reasons.configured_ttl) + " s: " + names.list(reasons.hurried) +
                " may change before");
}

void add_client(const engine::Explanation& explanation, const SteeredReasons& reasons, Lines& lines) {
  std::string says = base::to_string(base::make_prefix(reasons.client, reasons.client_length));
  const engine::ClientPlace& where = reasons.where;
  if (!reasons.asks_place) {
    says += "   (this service does not look at places)";
  } else if (!where.place.empty() || where.at) {
    says += " -> " + where.place;
    if (where.at) {
      char at[48];
      std::snprintf(at, sizeof at, " (%.2f, %.2f)", where.at->latitude, where.at->longitude);
      says += at;
    }
    if (where.asn != 0) says += ", AS" + std::to_string(where.asn);
  } else if (!where.known) {
    says += " -> nobody knows where";
  }
  std::string why = where.source;
  if (where.network) why += (why.empty() ? "" : ", ") + base::to_string(*where.network);
  why += why.empty() ? "" : "; ";
  if (reasons.from_subnet) {
    why += "from client subnet";
  } else if (reasons.special_subnet) {
    why += "from the resolver: the client subnet " + base::to_string(*explanation.subnet) + " is nowhere";
  } else {
    why += "from the resolver's own address";
  }
  lines.add("client", says, why);
}

std::string outcome_of(const engine::LinkReasons& link) {
  const std::string records = joined(link.records, " · ");
  switch (link.outcome) {
    case zones::Outcome::answer:
      return link.type + " " + records + (link.wildcard ? "   from a wildcard" : "");
    case zones::Outcome::service:
      return "is steered";
    case zones::Outcome::cname:
      return "CNAME " + records + (link.wildcard ? "   from a wildcard" : "");
    case zones::Outcome::dname:
      return "DNAME " + records + " at " + link.owner;
    case zones::Outcome::referral:
      return "delegated: NS " + records + (link.owner.empty() ? "" : " of " + link.owner);
    case zones::Outcome::nodata:
      return "exists, but has no such type";
    case zones::Outcome::nxdomain:
      return "does not exist";
  }
  return {};
}

std::string headline(const engine::Explanation& explanation) {
  std::string out;
  if (explanation.steered && explanation.rcode == dns::Rcode::noerror) {
    const Names names(*explanation.steered);
    std::vector<std::string> parts;
    for (const EndpointIndex e : explanation.steered->answer) parts.push_back(names.full(e));
    out = joined(parts, ", ") + "   TTL " + std::to_string(explanation.steered->ttl) + " s";
  } else if (!explanation.links.empty() && explanation.links.back().outcome == zones::Outcome::answer) {
    const engine::LinkReasons& last = explanation.links.back();
    out = joined(last.records, ", ") + "   TTL " + std::to_string(last.ttl) + " s";
  } else if (explanation.left_to_resolver) {
    out = "a CNAME, which the resolver follows";
  } else if (!explanation.reflects.empty()) {
    out = explanation.reflects;
  } else {
    out = name_of(explanation.rcode);
    if (!explanation.links.empty() && explanation.rcode == dns::Rcode::noerror) {
      const zones::Outcome outcome = explanation.links.back().outcome;
      if (outcome == zones::Outcome::referral) out = "a referral";
      if (outcome == zones::Outcome::nodata) out = "NOERROR, no data";
    }
  }
  if (explanation.subnet) out += "   scope /" + std::to_string(explanation.scope);
  return base::printable(out) + "      configuration " + std::to_string(explanation.configuration) + ", plan " +
         std::to_string(explanation.plan) + "\n";
}

}  // namespace

std::string render_explanation(const engine::Explanation& explanation) {
  Lines lines;
  for (const engine::LinkReasons& link : explanation.links)
    lines.add("name", link.name + "   " + outcome_of(link), "zone " + link.zone);
  if (explanation.links.empty()) lines.add("name", explanation.name, "in none of our zones: REFUSED");
  if (explanation.left_to_resolver)
    lines.add("chain", "ends here",
              "with a client subnet one scope cannot speak for two names (RFC 7871 section 7.2.1)");
  if (explanation.steered) {
    const SteeredReasons& reasons = *explanation.steered;
    const Names names(reasons);
    std::vector<std::string> start;
    for (const auto& tier : reasons.start) {
      for (const EndpointIndex e : tier)
        start.push_back(reasons.candidates[e].site + " " + reasons.candidates[e].address);
    }
    add_client(explanation, reasons, lines);
    lines.add("start", joined(start, " · "), "policy " + reasons.policy);
    add_health(reasons, names, lines);
    add_tiers(reasons, names, lines);
    add_carries(reasons, names, lines);
    add_draw(reasons, names, lines);
    if (reasons.draw != policy::Draw::nothing) add_ttl(reasons, names, lines);
    if (explanation.why_not) lines.add("why not", render_why_not(*explanation.why_not));
  }
  return headline(explanation) + "\n" + lines.text();
}

std::string name_of(dns::Rcode rcode) {
  switch (rcode) {
    case dns::Rcode::noerror:
      return "NOERROR";
    case dns::Rcode::servfail:
      return "SERVFAIL";
    case dns::Rcode::nxdomain:
      return "NXDOMAIN";
    case dns::Rcode::refused:
      return "REFUSED";
    case dns::Rcode::yxdomain:
      return "YXDOMAIN";
    case dns::Rcode::formerr:
      return "FORMERR";
    case dns::Rcode::notimp:
      return "NOTIMP";
    default:
      return "RCODE" + std::to_string(static_cast<unsigned>(rcode));
  }
}

const char* name_of(policy::FilterKind kind) {
  switch (kind) {
    case policy::FilterKind::fence:
      return "fence";
    case policy::FilterKind::nearest:
      return "nearest";
    case policy::FilterKind::priority:
      return "priority";
    case policy::FilterKind::weighted:
      return "weighted";
    case policy::FilterKind::rotate:
      return "rotate";
    case policy::FilterKind::all:
      return "all";
    case policy::FilterKind::take:
      return "take";
  }
  return "";
}

std::string percent(double part) {
  if (part > 0 && part < 0.001) return "under 0.1 %";
  const double hundred = std::round(part * 1000) / 10;
  char out[32];
  std::snprintf(out, sizeof out, hundred == std::floor(hundred) ? "%.0f %%" : "%.1f %%", hundred);
  return out;
}

}  // namespace gslb::control
