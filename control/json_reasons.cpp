#include "control/json_reasons.hpp"

#include "control/explain_view.hpp"
#include "control/json_parts.hpp"
#include "control/prove_view.hpp"

namespace gslb::control {

namespace {

using policy::EndpointIndex;

template <class Number>
json::array numbers(const std::vector<Number>& all) {
  json::array out;
  for (const Number one : all) out.emplace_back(one);
  return out;
}

json::array tiers_array(const policy::Tiers& tiers) {
  json::array out;
  for (const auto& tier : tiers) out.emplace_back(numbers(tier));
  return out;
}

json::value network(const std::optional<base::Prefix>& prefix) {
  if (!prefix) return nullptr;
  return json::string(base::to_string(*prefix));
}

const char* name_of(zones::Outcome outcome) {
  switch (outcome) {
    case zones::Outcome::answer:
      return "answer";
    case zones::Outcome::service:
      return "service";
    case zones::Outcome::cname:
      return "cname";
    case zones::Outcome::dname:
      return "dname";
    case zones::Outcome::referral:
      return "referral";
    case zones::Outcome::nodata:
      return "nodata";
    case zones::Outcome::nxdomain:
      return "nxdomain";
  }
  return "";
}

const char* name_of(policy::Mode mode) {
  switch (mode) {
    case policy::Mode::normal:
      return "normal";
    case policy::Mode::fail_open:
      return "fail-open";
    case policy::Mode::last_resort:
      return "last resort";
    case policy::Mode::fenced:
      return "fenced";
    case policy::Mode::nothing:
      return "nothing";
  }
  return "";
}

const char* name_of(policy::Draw draw) {
  switch (draw) {
    case policy::Draw::fixed:
      return "fixed";
    case policy::Draw::by_client:
      return "by client";
    case policy::Draw::by_query:
      return "by query";
    case policy::Draw::nothing:
      return "nothing";
  }
  return "";
}

json::object candidate_object(const engine::Candidate& one) {
  json::object out{{"address", utf8(one.address)},
                   {"site", utf8(one.site)},
                   {"probed", one.probed},
                   {"verdict", json::string(health::to_string(one.state.verdict))},
                   {"in_motion", one.state.in_motion},
                   {"slowstart", one.state.ramp / 1000.0},
                   {"order", utf8(one.order)},
                   {"grade", one.state.grade / 1000.0},
                   {"feed", one.state.feed / 1000.0},
                   {"reason", utf8(one.reason)},
                   {"since", time(one.since)},
                   {"serves", one.serves},
                   {"rank", one.rank},
                   {"km", nullptr},
                   {"configured", finite(one.configured)},
                   {"effective", finite(one.effective)},
                   {"first", finite(one.first)},
                   {"any", finite(one.any)}};
  if (one.km) out["km"] = finite(*one.km);
  return out;
}

json::object place_object(const engine::ClientPlace& where) {
  json::object out{{"known", where.known}, {"place", utf8(where.place)},   {"at", nullptr},
                   {"asn", where.asn},     {"source", utf8(where.source)}, {"network", network(where.network)}};
  if (where.at) out["at"] = json::array{finite(where.at->latitude), finite(where.at->longitude)};
  return out;
}

json::array steps_array(const std::vector<engine::StepRecord>& steps) {
  json::array out;
  for (const engine::StepRecord& step : steps) {
    out.push_back(
        json::object{{"filter", control::name_of(step.kind)},
                     {"strict", step.strict},
                     {step.kind == policy::FilterKind::fastest ? "within_ms" : "within_km", finite(step.within)},
                     {"known", step.known},
                     {"tiers", tiers_array(step.tiers)},
                     {"dropped", numbers(step.dropped)}});
  }
  return out;
}

/// What decides beside health and weights.
void add_guards(const engine::SteeredReasons& reasons, json::object& out) {
  json::array held;
  for (std::size_t e = 0; e < reasons.guards.held.size(); ++e) {
    if (reasons.guards.held[e]) held.emplace_back(e);
  }
  json::array kept;
  for (std::size_t e = 0; e < reasons.guards.kept.size(); ++e) {
    if (reasons.guards.kept[e] > 0) kept.emplace_back(e);
  }
  double canary = 0;
  for (const policy::TierShare& tier : reasons.shares.tiers) canary += tier.canary ? tier.share : 0;
  out["held"] = std::move(held);
  out["kept"] = std::move(kept);
  out["canary"] = finite(canary);
}

json::object steered_object(const engine::SteeredReasons& reasons) {
  json::object out;
  out["service"] = utf8(reasons.service);
  out["policy"] = utf8(reasons.policy);
  out["client"] = json::string(base::to_string(base::make_prefix(reasons.client, reasons.client_length)));
  out["from"] = reasons.from_subnet ? "subnet" : "resolver";
  out["where"] = place_object(reasons.where);
  json::array candidates;
  for (const engine::Candidate& one : reasons.candidates) {
    candidates.push_back(one.here ? json::value(candidate_object(one)) : json::value(nullptr));
  }
  out["candidates"] = std::move(candidates);
  out["start"] = tiers_array(reasons.own.start);
  out["steps"] = steps_array(reasons.own.steps);
  json::array inner;
  for (const engine::ChainRecord& one : reasons.inner) {
    inner.push_back(json::object{
        {"service", utf8(one.label)}, {"start", tiers_array(one.start)}, {"steps", steps_array(one.steps)}});
  }
  out["inner"] = std::move(inner);
  add_guards(reasons, out);
  out["mode"] = name_of(reasons.shares.mode);
  json::array carries;
  for (const policy::TierLoad& load : reasons.shares.loads) {
    carries.push_back(json::object{
        {"effective", finite(load.effective)}, {"configured", finite(load.configured)}, {"keeps", finite(load.keeps)}});
  }
  out["carries"] = std::move(carries);
  out["draw"] = name_of(reasons.draw);
  out["hashed"] = reasons.hashed;
  out["slot"] = reasons.slot;
  out["take"] = reasons.take;
  out["answer"] = numbers(reasons.answer);
  out["ttl"] = reasons.ttl;
  out["configured_ttl"] = reasons.configured_ttl;
  out["hurried"] = numbers(reasons.hurried);
  return out;
}

json::object link_object(const engine::LinkReasons& link) {
  return {{"name", utf8(link.name)},   {"zone", utf8(link.zone)},         {"outcome", name_of(link.outcome)},
          {"wildcard", link.wildcard}, {"owner", utf8(link.owner)},       {"type", utf8(link.type)},
          {"ttl", link.ttl},           {"records", strings(link.records)}};
}

json::object position_object(const base::SourcePosition& where) {
  if (where.file == nullptr) return {};
  return {{"file", utf8(where.file->path)}, {"line", where.line}, {"column", where.column}};
}

}  // namespace

namespace {

const char* name_of(engine::Change::Kind kind) {
  switch (kind) {
    case engine::Change::Kind::up:
      return "up";
    case engine::Change::Kind::down:
      return "down";
    case engine::Change::Kind::within:
      return "within";
    case engine::Change::Kind::serves:
      return "serves";
    case engine::Change::Kind::first:
      return "first";
    case engine::Change::Kind::weight:
      return "weight";
  }
  return "";
}

json::object why_not_object(const engine::WhyNot& why_not) {
  json::array ways;
  for (const engine::Way& way : why_not.ways) {
    json::array changes;
    for (const engine::Change& change : way.changes)
      changes.push_back(
          json::object{{"change", name_of(change.kind)}, {"site", utf8(change.site)}, {"value", finite(change.value)}});
    ways.push_back(
        json::object{{"changes", std::move(changes)}, {"part", finite(way.part)}, {"this_client", way.this_client}});
  }
  return {{"site", utf8(why_not.site)},
          {"part", finite(why_not.part)},
          {"this_client", why_not.this_client},
          {"ways", std::move(ways)}};
}

}  // namespace

std::string to_json(const engine::Explanation& explanation) {
  json::array links;
  for (const engine::LinkReasons& link : explanation.links) links.push_back(link_object(link));
  json::object out{{"ok", true},
                   {"name", utf8(explanation.name)},
                   {"type", utf8(explanation.type)},
                   {"subnet", network(explanation.subnet)},
                   {"resolver", json::string(base::to_string(explanation.resolver))},
                   {"configuration", explanation.configuration},
                   {"plan", explanation.plan},
                   {"rcode", json::string(control::name_of(explanation.rcode))},
                   {"scope", nullptr},
                   {"links", std::move(links)},
                   {"left_to_resolver", explanation.left_to_resolver},
                   {"reflects", utf8(explanation.reflects)},
                   {"steered", nullptr}};
  if (explanation.subnet) out["scope"] = explanation.scope;
  if (explanation.why_not) out["why_not"] = why_not_object(*explanation.why_not);
  if (explanation.steered) out["steered"] = steered_object(*explanation.steered);
  out["text"] = utf8(render_explanation(explanation));
  return line(out);
}

std::string to_json(const engine::Proof& proof, base::Duration took) {
  json::array checks;
  for (const engine::Check& check : proof.checks) {
    checks.push_back(json::object{{"kind", engine::to_string(check.kind)},
                                  {"subjects", check.subjects},
                                  {"broken", check.broken},
                                  {"held", utf8(check.held)}});
  }
  json::array findings;
  for (const engine::Finding& finding : proof.findings) {
    findings.push_back(json::object{{"kind", engine::to_string(finding.kind)},
                                    {"subject", utf8(finding.subject)},
                                    {"what", utf8(finding.what)},
                                    {"where", position_object(finding.where)},
                                    {"network", network(finding.network)},
                                    {"failed", strings(finding.failed)}});
  }
  json::array notices;
  for (const engine::Notice& notice : proof.notices) {
    notices.push_back(json::object{
        {"subject", utf8(notice.subject)}, {"what", utf8(words_of(notice))}, {"where", position_object(notice.where)}});
  }
  return line({{"ok", proof.holds()},
               {"networks", proof.networks},
               {"states", proof.states},
               {"took", seconds(took)},
               {"checks", std::move(checks)},
               {"findings", std::move(findings)},
               {"notices", std::move(notices)},
               {"text", utf8(render_proof(proof, took))}});
}

base::Result<Told> told_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  Told out;
  const Reader reader(*object);
  reader.read("ok", out.ok);
  reader.read("text", out.text);
  return out;
}

}  // namespace gslb::control
