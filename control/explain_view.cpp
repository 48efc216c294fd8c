#include "control/explain_view.hpp"

#include <cmath>
#include <cstdio>

#include "base/text.hpp"
#include "control/explain_lines.hpp"
#include "control/why_not_view.hpp"

namespace gslb::control {

namespace {

using engine::SteeredReasons;
using policy::EndpointIndex;

void add_ttl(const SteeredReasons& reasons, const ExplainNames& names, ExplainLines& lines) {
  const std::string ttl = std::to_string(reasons.ttl) + " s";
  if (reasons.ttl == reasons.configured_ttl)
    return lines.add("TTL", ttl, "as configured: nothing behind this answer is in motion");
  lines.add("TTL", ttl,
            "instead of " + std::to_string(reasons.configured_ttl) + " s: " + names.list(reasons.hurried) +
                " may change before");
}

void add_client(const engine::Explanation& explanation, const SteeredReasons& reasons, ExplainLines& lines) {
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
    const ExplainNames names(*explanation.steered);
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
  ExplainLines lines;
  for (const engine::LinkReasons& link : explanation.links)
    lines.add("name", link.name + "   " + outcome_of(link), "zone " + link.zone);
  if (explanation.links.empty()) lines.add("name", explanation.name, "in none of our zones: REFUSED");
  if (explanation.left_to_resolver)
    lines.add("chain", "ends here",
              "with a client subnet one scope cannot speak for two names (RFC 7871 section 7.2.1)");
  if (explanation.steered) {
    const SteeredReasons& reasons = *explanation.steered;
    const ExplainNames names(reasons);
    std::vector<std::string> start;
    for (const auto& tier : reasons.own.start) {
      for (const EndpointIndex e : tier) {
        const engine::Candidate& one = reasons.candidates[e];
        start.push_back((one.site.empty() ? "" : one.site + " ") + one.address);
      }
    }
    add_client(explanation, reasons, lines);
    lines.add("start", joined(start, " · "), "policy " + reasons.policy);
    add_chains(reasons, names, lines);
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
    case policy::FilterKind::fastest:
      return "fastest";
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
