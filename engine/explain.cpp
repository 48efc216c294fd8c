#include "engine/explain.hpp"

#include <algorithm>

#include "dns/rdata.hpp"
#include "dns/reply_reader.hpp"
#include "engine/target_states.hpp"
#include "geo/facts.hpp"
#include "geo/questions.hpp"

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

/// `within` of `nearest` in kilometres, of `fastest` in milliseconds, and whether the question has an answer.
void add_question(const policy::Service& service, const policy::Step& step, policy::Aspect aspect,
                  const geo::ClassAnswers& client, StepRecord& out) {
  const auto& places = step.places[aspect.index()];
  const auto asked = std::find_if(places.begin(), places.end(),
                                  [](const auto& place) { return place.question != policy::QuestionPoints::none; });
  if (asked == places.end()) return;
  const bool fastest = step.kind == policy::FilterKind::fastest;
  const geo::Signature& signature = service.signature;
  out.within = fastest ? signature.fastest[asked->question].within_ms : signature.nearest[asked->question].within_km;
  out.known = !client.tiers[asked->question + (fastest ? signature.nearest.size() : 0)].empty();
}

ChainRecord record_of(const policy::Service& service, const policy::Chain& chain, policy::Aspect aspect,
                      const geo::ClassAnswers& client, const policy::ChainTrace& trace) {
  ChainRecord out{chain.label, trace.front(), {}};
  for (std::size_t i = 0; i < chain.steps.size(); ++i) {
    const policy::Step& step = chain.steps[i];
    StepRecord& record = out.steps.emplace_back();
    record.kind = step.kind;
    record.strict = step.strict;
    record.outside = step.outside;
    record.outsider = std::none_of(chain.members.begin(), chain.members.end(),
                                   [&](auto e) { return policy::serves(service.endpoints[e], client); });
    record.tiers = trace[i + 1];
    record.dropped = dropped(trace[i], trace[i + 1]);
    add_question(service, step, aspect, client, record);
  }
  return out;
}

std::string source_of(const geo::FactSource& from) {
  std::string file = from.file.substr(from.file.rfind('/') + 1);
  switch (from.kind) {
    case geo::FactSource::Kind::database:
      return file;
    case geo::FactSource::Kind::place:
      return "places, " + file + ":" + std::to_string(from.line);
    case geo::FactSource::Kind::country_table:
      return file.empty() ? "the country's main town" : file;
    case geo::FactSource::Kind::unknown_at:
      return "unknown_at";
  }
  return {};
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

Explainer::Explainer(GenerationPtr generation, std::span<const health::TargetState> states,
                     std::vector<health::Order> orders)
    : generation_(std::move(generation)),
      states_(TargetStates(*generation_->snapshot, states).all()),
      orders_(std::move(orders)) {
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
    out.steered = steered(*trace_.steered, asker.facts);
    if (!asker.why_not.empty())
      out.why_not = why_not(*generation_, *trace_.steered, asker.why_not, out.steered->where.at);
    if (asker.subnet) out.scope = trace_.steered->scope;
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

Candidate Explainer::candidate(std::size_t s, policy::Aspect aspect, std::size_t e) const {
  const Snapshot& snapshot = *generation_->snapshot;
  const policy::Endpoint& endpoint = snapshot.services[s].service.endpoints[e];
  const policy::ServiceStates& states = generation_->plans[s]->states;
  Candidate out;
  const policy::Service& service = snapshot.services[s].service;
  out.here = service.has(endpoint, aspect);
  if (endpoint.inner != policy::Endpoint::no_inner) {
    out.inner = out.here = true;
    out.address = "service " + service.inner[endpoint.inner].label;
    out.configured = endpoint.weight;
    out.rank = endpoint.rank;
    return out;
  }
  out.site = snapshot.sites[endpoint.site.value].name;
  if (!out.here) return out;
  out.configured = endpoint.weight;
  out.rank = endpoint.rank;
  out.state = aspect == policy::Aspect::whole() ? policy::whole_state(endpoint, states[0][e], states[1][e])
                                                : states[aspect.index()][e];
  for (const auto family : {base::Family::v4, base::Family::v6}) {
    const auto& address = endpoint.address(family);
    if (!address || !aspect.sees(family)) continue;
    out.address += (out.address.empty() ? "" : " ") + base::to_string(*address);
    if (const health::Order* order = health::effective(orders_, service.name, out.site, base::to_string(*address)))
      out.order = health::describe(*order, base::wall_now());
    const std::uint32_t target = snapshot.target_of[s][index_of(family)][e];
    if (target == not_probed) continue;
    out.probed = true;
    if (target >= states_.size() || states_[target].verdict != out.state.verdict) continue;
    out.reason = states_[target].reason;
    out.since = states_[target].since;
  }
  if (out.address.empty() || service.alias) out.address = endpoint.host;
  if (out.order.empty() && policy::taken_out(out.state)) out.order = "comes back after an order of a person";
  return out;
}

/// Where the client is, by the files, and how far from each site.
void Explainer::add_facts(std::size_t service, SteeredReasons& out) const {
  const Snapshot& snapshot = *generation_->snapshot;
  const auto facts = geo::facts_about(*snapshot.geo_inputs, out.client);
  if (!facts) {
    out.where.source = facts.error().what;
    return;
  }
  const std::optional<geo::FactSource> from = facts->at        ? std::optional(facts->at->from)
                                              : facts->country ? std::optional(facts->country->from)
                                                               : std::nullopt;
  if (facts->at) out.where.at = facts->at->value;
  if (facts->asn) out.where.asn = facts->asn->value;
  for (const auto& name : {facts->country, facts->city, facts->place}) {
    if (name && !name->value.empty()) out.where.place += (out.where.place.empty() ? "" : ", ") + name->value;
  }
  if (from) {
    out.where.source = source_of(*from);
    out.where.network = from->network;
  }
  if (!out.where.at) return;
  const auto& endpoints = snapshot.services[service].service.endpoints;
  for (std::size_t e = 0; e < endpoints.size(); ++e) {
    if (endpoints[e].inner != policy::Endpoint::no_inner) continue;
    const auto& at = snapshot.sites[endpoints[e].site.value].at;
    if (at) out.candidates[e].km = geo::distance_km(*out.where.at, *at);
  }
}

SteeredReasons Explainer::steered(const Trace::Steered& drawn, bool facts) const {
  const zones::SteeredName& name = generation_->snapshot->services[drawn.service];
  const policy::Service& service = name.service;
  const policy::AspectPlan& plan = generation_->plans[drawn.service]->under(drawn.aspect);
  const geo::ClassAnswers& client = generation_->snapshot->classes[name.signature][drawn.service_class];
  const policy::ClassTrace chain =
      policy::trace_class(service, drawn.aspect, client, generation_->plans[drawn.service]->states);

  SteeredReasons out;
  out.service = service.name;
  out.policy = service.policy_name;
  out.aspect = drawn.aspect;
  out.client = drawn.address;
  out.client_length = drawn.length;
  out.from_subnet = drawn.from_subnet;
  out.special_subnet = drawn.special_subnet;
  out.asks_place = !service.signature.empty();
  const auto asks_near = static_cast<std::ptrdiff_t>(service.signature.nearest.size());
  out.where.known = std::any_of(client.tiers.begin(), client.tiers.begin() + asks_near,
                                [](const auto& answer) { return !answer.empty(); });
  for (std::size_t e = 0; e < service.endpoints.size(); ++e) {
    Candidate& one = out.candidates.emplace_back(candidate(drawn.service, drawn.aspect, e));
    one.serves = policy::serves(service.endpoints[e], client);
    one.effective = one.inner ? chain.shares.weights.empty() ? 0 : chain.shares.weights[e] : chain.effective[e];
  }
  for (const base::IpAddress& address : service.fallback) {
    Candidate& one = out.candidates.emplace_back();
    one.address = base::to_string(address);
    one.here = drawn.aspect.sees(address.family);
  }
  out.own = record_of(service, service, drawn.aspect, client, chain.steps.own);
  for (std::size_t i = 0; i < service.inner.size(); ++i) {
    ChainRecord record = record_of(service, service.inner[i], drawn.aspect, client, chain.steps.inner[i]);
    if (!record.start.empty()) out.inner.push_back(std::move(record));
  }
  out.shares = chain.shares;
  out.guards = chain.guards;
  out.slots = plan.slot_count;
  out.selection = service.selection;
  out.weighted = service.weighted;
  out.take = service.take;
  out.spill_below = service.spill_below;
  out.panic_below = service.panic_below;
  out.all_down = service.all_down;
  out.draw = drawn.decision.draw;
  out.hashed = drawn.hashed;
  out.slot = base::reduce(drawn.bits, plan.slot_count);
  for (const auto& [set, slots] : policy::set_slots(plan, drawn.decision)) {
    const double part = static_cast<double>(slots) / plan.slot_count;
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
  if (facts && out.asks_place && generation_->snapshot->geo_inputs) add_facts(drawn.service, out);
  return out;
}

}  // namespace gslb::engine
