#include "control/order_preview.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include "control/json_parts.hpp"
#include "control/table.hpp"
#include "engine/order_reach.hpp"
#include "engine/simulate.hpp"
#include "engine/survey.hpp"

namespace gslb::control {

namespace {

std::string value_of(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::string percent(double part, double whole) {
  char out[32];
  std::snprintf(out, sizeof out, "%.1f %%", whole > 0 ? 100 * part / whole : 0.0);
  return out;
}

std::string count(std::size_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

json::object change_object(const engine::MeasuredChange& change) {
  json::array moves;
  for (const engine::Relocation& move : change.moves)
    moves.emplace_back(json::object{
        {"from", utf8(move.from)}, {"to", utf8(move.to)}, {"part", finite(move.weight / std::max(change.total, 1.0))}});
  const double whole = std::max(change.total, 1.0);
  return {{"unit", utf8(change.unit)},
          {"moved", finite(change.moved / whole)},
          {"nobody", finite(change.nobody.after / whole)},
          {"moves", std::move(moves)}};
}

std::string change_lines(const engine::MeasuredChange& change) {
  constexpr std::size_t shown = 5;
  std::string out = percent(change.moved, change.total) + " of " + change.unit + " would move";
  if (change.nobody.after > 0)
    out.append(", ").append(percent(change.nobody.after, change.total)).append(" would get nobody");
  out += "\n";
  for (std::size_t i = 0; i < std::min(change.moves.size(), shown); ++i) {
    const engine::Relocation& move = change.moves[i];
    out.append("  ").append(move.from).append(" -> ").append(move.to).append(" ");
    out.append(percent(move.weight, change.total)).append("\n");
  }
  if (change.moves.size() > shown)
    out.append("  and ").append(std::to_string(change.moves.size() - shown)).append(" more\n");
  return out;
}

}  // namespace

base::Result<std::string> tell_order(const Present& present, const Parameters& parameters) {
  const engine::Snapshot& snapshot = *present.generation->snapshot;
  health::Order order;
  const auto kind = health::parse_order_kind(value_of(parameters, "kind"));
  if (!kind || *kind < health::OrderKind::up) return base::Error{"kind is up, drain or down"};
  order.kind = *kind;
  const auto scope = engine::scope_of(snapshot, value_of(parameters, "scope"));
  if (!scope) return scope.error();
  order.scope = *scope;
  const std::vector<engine::Reached> reached = engine::reached_by(snapshot, order.scope);
  std::set<std::uint32_t> services;
  for (const engine::Reached& one : reached) services.insert(one.service);
  std::optional<engine::BrokenRule> broken;
  if (order.kind != health::OrderKind::up) broken = engine::broken_rule(*present.generation, order.scope);

  engine::Simulator simulator(*present.generation, engine::demand_of(snapshot, engine::survey(snapshot)));
  const engine::Simulation simulation = simulator.compare(*engine::suppose(*present.generation, order));
  std::string text = std::string(health::to_string(order.kind)) + " " + health::to_string(order.scope) +
                     " would reach " + count(reached.size(), "address", "addresses") + " of " +
                     count(services.size(), "service", "services") + "; nothing is done yet\n";
  json::array measures;
  for (const engine::MeasuredChange& change : simulation.measures) {
    measures.emplace_back(change_object(change));
    text += change_lines(change);
  }
  json::object out{{"ok", !broken},
                   {"endpoints", reached.size()},
                   {"services", services.size()},
                   {"broken_rule", nullptr},
                   {"measures", std::move(measures)}};
  if (broken) {
    out["broken_rule"] = json::object{
        {"service", utf8(broken->service)}, {"rule", utf8(broken->rule)}, {"present", utf8(broken->present)}};
    text.append("it would be refused: the rule \"").append(broken->rule).append("\" of ").append(broken->service);
    text.append(" would not hold: ").append(broken->present).append("\n");
  }
  out["text"] = utf8(text);
  return line(out);
}

}  // namespace gslb::control
