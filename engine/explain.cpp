#include "engine/explain.hpp"

#include <algorithm>

#include "dns/rdata.hpp"
#include "dns/reply_reader.hpp"

namespace gslb::engine {

namespace {

std::size_t index_of(base::Family family) noexcept { return static_cast<std::size_t>(family); }

/// A record starts C0 0C TYPE CLASS TTL RDLENGTH.
constexpr std::size_t record_head = 12;

std::vector<std::string> texts_of(dns::Rtype type, std::span<const std::uint8_t> records) {
  std::vector<std::string> out;
  while (records.size() >= record_head) {
    const std::size_t size = static_cast<std::size_t>(records[10]) << 8 | records[11];
    out.push_back(dns::rdata_to_string(type, records.subspan(record_head, size)));
    records = records.subspan(record_head + size);
  }
  return out;
}

bool holds(const policy::Tiers& tiers, policy::EndpointIndex endpoint) {
  return std::any_of(tiers.begin(), tiers.end(),
                     [&](const auto& tier) { return std::find(tier.begin(), tier.end(), endpoint) != tier.end(); });
}

std::vector<policy::EndpointIndex> dropped(const policy::Tiers& before, const policy::Tiers& after) {
  std::vector<policy::EndpointIndex> out;
  for (const auto& tier : before) {
    std::copy_if(tier.begin(), tier.end(), std::back_inserter(out), [&](auto e) { return !holds(after, e); });
  }
  return out;
}

double within_of(const policy::Service& service, const policy::Step& step, base::Family family) {
  if (step.kind != policy::FilterKind::nearest) return 0;
  for (const policy::QuestionPoint& point : step.points[index_of(family)]) {
    if (point.question != policy::QuestionPoint::none) return service.signature.nearest[point.question].within_km;
  }
  return 0;
}

const char* reflected(policy::Reflect reflect) {
  switch (reflect) {
    case policy::Reflect::nothing:
      break;
    case policy::Reflect::resolver:
      return "the address that sends the query";
    case policy::Reflect::subnet:
      return "the client subnet of the query, else the address that sends it";
    case policy::Reflect::both:
      return "the address that sends the query, and its client subnet";
  }
  return "";
}

}  // namespace

Explainer::Explainer(GenerationPtr generation, std::span<const health::TargetState> states)
    : generation_(std::move(generation)), states_(states.begin(), states.end()) {
  handler_.adopt(generation_.get());
  handler_.record(&trace_);
}

Explanation Explainer::explain(const Asker& asker) {
  const auto query = dns::make_query(0, asker.name.wire(), asker.type, false, asker.subnet);
  trace_ = Trace{};
  reply_.resize(dns::max_message);
  Pending pending;
  handler_.prepare(pending, {asker.resolver, 1}, query, Transport::stream);
  reply_.resize(handler_.finish(pending, reply_));

  Explanation out;
  out.name = asker.name.to_string();
  out.type = dns::to_string(asker.type);
  out.subnet = asker.subnet;
  out.resolver = asker.resolver;
  out.configuration = generation_->snapshot->configuration;
  out.plan = generation_->epoch;
  if (reply_.size() >= dns::header_size) out.rcode = static_cast<dns::Rcode>(reply_[3] & 0x0f);
  out.left_to_resolver = trace_.left_to_resolver;
  for (unsigned i = 0; i < trace_.link_count; ++i) out.links.push_back(link(trace_.links[i]));
  if (trace_.steered) {
    out.steered = steered(*trace_.steered);
    if (!asker.why_not.empty())
      out.why_not = why_not(*generation_, *trace_.steered, asker.why_not, out.steered->where.at);
    if (out.rcode == dns::Rcode::noerror && asker.subnet) out.scope = trace_.steered->scope;
  } else if (!out.links.empty() && out.links.back().outcome == zones::Outcome::service && !out.left_to_resolver) {
    const Trace::Link& last = trace_.links[trace_.link_count - 1];
    const std::uint32_t service = generation_->snapshot->first_service[last.zone] + last.answer.service;
    const policy::Reflect reflect = generation_->snapshot->services[service].service.reflect;
    out.reflects = reflected(reflect);
    if (asker.subnet && reflect != policy::Reflect::resolver) out.scope = asker.subnet->length;
  }
  return out;
}

LinkReasons Explainer::link(const Trace::Link& link) const {
  const zones::Zone& zone = generation_->snapshot->zones[link.zone];
  LinkReasons out;
  out.name = dns::to_string(link.qname());
  out.zone = dns::to_string(zone.apex());
  out.outcome = link.answer.outcome;
  out.wildcard = link.answer.wildcard;
  if (link.answer.rrset != nullptr) {
    const auto type = static_cast<dns::Rtype>(link.answer.rrset->type);
    out.type = dns::to_string(type);
    out.ttl = link.answer.rrset->ttl;
    out.records = texts_of(type, zone.records(*link.answer.rrset));
    if (link.answer.owner_label != 0 && !link.answer.wildcard) {
      dns::Query query;
      dns::set_name(query, link.qname());
      out.owner = dns::to_string(query.suffix(link.answer.owner_label));
    }
  }
  return out;
}

Candidate Explainer::candidate(std::size_t s, base::Family family, std::size_t e) const {
  const Snapshot& snapshot = *generation_->snapshot;
  const policy::Endpoint& endpoint = snapshot.services[s].service.endpoints[e];
  Candidate out;
  const auto& address = endpoint.address(family);
  out.here = address.has_value();
  out.site = snapshot.sites[endpoint.site.value].name;
  if (!out.here) return out;
  out.address = base::to_string(*address);
  out.state = generation_->plans[s]->states[index_of(family)][e];
  out.configured = endpoint.weight;
  out.rank = endpoint.rank;
  const std::uint32_t target = snapshot.target_of[s][index_of(family)][e];
  out.probed = target != not_probed;
  if (out.probed && target < states_.size()) {
    out.reason = states_[target].reason;
    out.since = states_[target].since;
  }
  return out;
}

SteeredReasons Explainer::steered(const Trace::Steered& drawn) const {
  const zones::SteeredName& name = generation_->snapshot->services[drawn.service];
  const policy::Service& service = name.service;
  const policy::FamilyPlan& plan = generation_->plans[drawn.service]->family(drawn.family);
  const geo::ClassAnswers& client = generation_->snapshot->classes[name.signature][drawn.service_class];
  const policy::ClassTrace chain = policy::trace_class(
      service, drawn.family, client, generation_->plans[drawn.service]->states[index_of(drawn.family)]);

  SteeredReasons out;
  out.service = service.name;
  out.policy = service.policy_name;
  out.family = drawn.family;
  out.client = drawn.address;
  out.client_length = drawn.length;
  out.from_subnet = drawn.from_subnet;
  out.special_subnet = drawn.special_subnet;
  out.asks_place = !service.signature.empty();
  out.where.known = std::any_of(client.tiers.begin(), client.tiers.end(), [](const auto& t) { return !t.empty(); });
  for (std::size_t e = 0; e < service.endpoints.size(); ++e) {
    Candidate& one = out.candidates.emplace_back(candidate(drawn.service, drawn.family, e));
    one.serves = policy::serves(service.endpoints[e], client);
    one.effective = chain.effective[e];
  }
  for (const base::IpAddress& address : service.fallback) {
    Candidate& one = out.candidates.emplace_back();
    one.address = base::to_string(address);
    one.here = address.family == drawn.family;
  }
  out.start = chain.steps.front();
  for (std::size_t i = 0; i < service.steps.size(); ++i) {
    const policy::Step& step = service.steps[i];
    out.steps.push_back({step.kind, step.strict, step.outside, within_of(service, step, drawn.family),
                         chain.steps[i + 1], dropped(chain.steps[i], chain.steps[i + 1])});
  }
  out.shares = chain.shares;
  out.selection = service.selection;
  out.weighted = service.weighted;
  out.take = service.take;
  out.spill_below = service.spill_below;
  out.panic_below = service.panic_below;
  out.all_down = service.all_down;
  out.draw = drawn.decision.draw;
  out.hashed = drawn.hashed;
  out.slot = base::reduce(drawn.bits, policy::slot_count);
  for (const auto& [set, slots] : policy::set_slots(plan, drawn.decision)) {
    const double part = static_cast<double>(slots) / policy::slot_count;
    const auto members = plan.set(set);
    out.candidates[members.front()].first += part;
    for (const policy::EndpointIndex e : members) out.candidates[e].any += part;
  }
  if (out.draw != policy::Draw::nothing) {
    const auto members = plan.set(drawn.set);
    out.answer.assign(members.begin(), members.end());
  }
  out.ttl = drawn.decision.ttl;
  out.configured_ttl = service.ttl;
  out.hurried = chain.hurried;
  out.place_scope = drawn.place_scope;
  return out;
}

}  // namespace gslb::engine
