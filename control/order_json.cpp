#include "control/order_json.hpp"

#include "control/json_parts.hpp"

namespace gslb::control {

namespace {

json::object order_object(const OrderView& view) {
  const health::Order& order = view.order;
  json::object out{{"id", order.id},
                   {"node", utf8(order.node)},
                   {"kind", json::string(health::to_string(order.kind))},
                   {"scope", utf8(health::to_string(order.scope))},
                   {"service", utf8(order.scope.service)},
                   {"site", utf8(order.scope.site)},
                   {"address", utf8(order.scope.address)},
                   {"author", utf8(order.author)},
                   {"reason", utf8(order.reason)},
                   {"given", time(order.given)},
                   {"expires", nullptr},
                   {"forced", order.forced},
                   {"ended", nullptr},
                   {"ended_by", nullptr},
                   {"endpoints", view.endpoints},
                   {"services", view.services},
                   {"ttl", seconds(view.ttl)},
                   {"answers", nullptr},
                   {"connections", nullptr},
                   {"requests", nullptr},
                   {"tail", nullptr}};
  if (order.expires) out["expires"] = time(*order.expires);
  if (order.ended) {
    out["ended"] = time(*order.ended);
    out["ended_by"] = utf8(order.ended_by);
  }
  if (view.answers) out["answers"] = *view.answers;
  if (view.connections) out["connections"] = finite(*view.connections);
  if (view.requests) out["requests"] = finite(*view.requests);
  if (view.tail) out["tail"] = seconds(*view.tail);
  return out;
}

OrderView order_view(const Reader& in) {
  OrderView out;
  health::Order& order = out.order;
  std::string kind;
  in.read("id", order.id);
  in.read("node", order.node);
  in.read("kind", kind);
  order.kind = health::parse_order_kind(kind).value_or(health::OrderKind::drain);
  in.read("service", order.scope.service);
  in.read("site", order.scope.site);
  in.read("address", order.scope.address);
  in.read("author", order.author);
  in.read("reason", order.reason);
  in.read("given", order.given);
  in.read("forced", order.forced);
  base::WallTime expires{};
  in.read("expires", expires);
  if (expires != base::WallTime{}) order.expires = expires;
  base::WallTime ended{};
  in.read("ended", ended);
  if (ended != base::WallTime{}) order.ended = ended;
  in.read("ended_by", order.ended_by);
  in.read("endpoints", out.endpoints);
  in.read("services", out.services);
  in.read("ttl", out.ttl);
  constexpr double most = 1e18;  // more than anybody answers, and within 64 bits
  std::optional<double> answers;
  in.read("answers", answers);
  if (answers) out.answers = static_cast<std::uint64_t>(std::clamp(*answers, 0.0, most));
  in.read("connections", out.connections);
  in.read("requests", out.requests);
  base::Duration tail{};
  in.read("tail", tail);
  if (tail > base::Duration{}) out.tail = tail;
  return out;
}

json::array order_array(const std::vector<OrderView>& orders) {
  json::array out;
  for (const OrderView& view : orders) out.emplace_back(order_object(view));
  return out;
}

/// In seconds, of the phases that took any time.
json::object times_object(const health::PhaseTimes& times) {
  json::object out;
  for (const auto& [name, phase] : health::timed_phases) {
    if (times.*phase > base::Duration{}) out[name] = seconds(times.*phase);
  }
  return out;
}

json::array evidence_array(const std::vector<health::Evidence>& evidence) {
  json::array out;
  for (const health::Evidence& one : evidence)
    out.emplace_back(json::object{{"when", time(one.when)},
                                  {"ok", one.ok},
                                  {"voided", one.voided},
                                  {"phase", utf8(one.phase)},
                                  {"detail", utf8(one.detail)},
                                  {"latency", seconds(one.latency)},
                                  {"times", times_object(one.times)}});
  return out;
}

std::vector<health::Evidence> evidence_in(const Reader& in, const char* name) {
  std::vector<health::Evidence> out;
  in.each(name, [&out](const Reader& one) {
    health::Evidence& evidence = out.emplace_back();
    one.read("when", evidence.when);
    one.read("ok", evidence.ok);
    one.read("voided", evidence.voided);
    one.read("phase", evidence.phase);
    one.read("detail", evidence.detail);
    one.read("latency", evidence.latency);
    one.inside("times", [&evidence](const Reader& times) {
      for (const auto& [phase_name, phase] : health::timed_phases) times.read(phase_name, evidence.times.*phase);
    });
  });
  return out;
}

json::object event_object(const health::Event& event) {
  return {{"id", event.id},
          {"when", time(event.when)},
          {"kind", json::string(health::to_string(event.kind))},
          {"what", utf8(event.what)},
          {"address", utf8(event.address)},
          {"services", strings(event.services)},
          {"sites", strings(event.sites)},
          {"evidence", evidence_array(event.evidence)},
          {"after", evidence_array(event.after)}};
}

health::Event event_of(const Reader& in) {
  health::Event out;
  std::string kind;
  in.read("id", out.id);
  in.read("when", out.when);
  in.read("kind", kind);
  using Kind = health::EventKind;
  for (const Kind one : {Kind::verdict, Kind::order, Kind::configuration, Kind::service, Kind::feed}) {
    if (kind == health::to_string(one)) out.kind = one;
  }
  in.read("what", out.what);
  in.read("address", out.address);
  in.read("services", out.services);
  in.read("sites", out.sites);
  out.evidence = evidence_in(in, "evidence");
  out.after = evidence_in(in, "after");
  return out;
}

}  // namespace

std::string to_json(const std::vector<OrderView>& orders) { return line({{"orders", order_array(orders)}}); }

std::string to_json(const OrderOutcome& outcome) {
  json::array elsewhere;
  for (const ElsewhereView& one : outcome.elsewhere)
    elsewhere.emplace_back(json::object{{"node", utf8(one.node)}, {"ok", one.ok}, {"error", utf8(one.error)}});
  return line({{"orders", order_array(outcome.orders)},
               {"elsewhere", std::move(elsewhere)},
               {"warning", utf8(outcome.warning)}});
}

std::string to_json(const std::vector<NodeOutcome>& nodes) {
  json::array list;
  std::size_t done = 0;
  for (const NodeOutcome& node : nodes) {
    done += node.ok ? 1 : 0;
    list.emplace_back(json::object{{"node", utf8(node.node)},
                                   {"ok", node.ok},
                                   {"orders", order_array(node.outcome.orders)},
                                   {"warning", utf8(node.outcome.warning)},
                                   {"error", utf8(node.error)},
                                   {"hint", utf8(node.hint)}});
  }
  return line(
      {{"ok", done == nodes.size()}, {"took_effect_on", done}, {"of", nodes.size()}, {"nodes", std::move(list)}});
}

std::string events_to_json(const std::vector<health::Event>& events, std::uint64_t last) {
  json::array list;
  for (const health::Event& event : events) list.emplace_back(event_object(event));
  return line({{"events", std::move(list)}, {"last", last}});
}

base::Result<std::vector<OrderView>> orders_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<OrderView> out;
  Reader(*object).each("orders", [&out](const Reader& in) { out.push_back(order_view(in)); });
  return out;
}

base::Result<OrderOutcome> order_outcome_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  OrderOutcome out;
  Reader(*object).each("orders", [&out](const Reader& in) { out.orders.push_back(order_view(in)); });
  Reader(*object).each("elsewhere", [&out](const Reader& in) {
    ElsewhereView& one = out.elsewhere.emplace_back();
    in.read("node", one.node);
    in.read("ok", one.ok);
    in.read("error", one.error);
  });
  Reader(*object).read("warning", out.warning);
  return out;
}

base::Result<Preview> preview_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  Preview out;
  Reader(*object).read("ok", out.ok);
  Reader(*object).read("text", out.text);
  return out;
}

base::Result<Events> events_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  Events out;
  Reader(*object).read("last", out.last);
  Reader(*object).each("events", [&out](const Reader& in) { out.events.push_back(event_of(in)); });
  return out;
}

}  // namespace gslb::control
