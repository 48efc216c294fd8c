#include "control/change_view.hpp"
#include "control/json_parts.hpp"
#include "control/json_reasons.hpp"

namespace gslb::control {

namespace {

json::array moves_array(const std::vector<engine::Relocation>& moves) {
  json::array out;
  for (const engine::Relocation& move : moves)
    out.push_back(json::object{{"from", utf8(move.from)}, {"to", utf8(move.to)}, {"weight", finite(move.weight)}});
  return out;
}

json::object load_object(const std::string& name, const engine::SiteLoad& load,
                         const std::optional<std::uint64_t>& capacity) {
  json::object out{
      {"site", utf8(name)}, {"now", finite(load.now)}, {"after", finite(load.after)}, {"capacity", nullptr}};
  if (capacity) out["capacity"] = *capacity;
  return out;
}

json::object overload_object(const engine::Overload& overload) {
  return {
      {"site", utf8(overload.site)}, {"load", finite(overload.load)}, {"of_capacity", finite(overload.of_capacity)}};
}

const char* name_of(engine::ServiceDifference::Kind kind) {
  switch (kind) {
    case engine::ServiceDifference::Kind::same:
      return "same";
    case engine::ServiceDifference::Kind::moved:
      return "moved";
    case engine::ServiceDifference::Kind::added:
      return "added";
    case engine::ServiceDifference::Kind::removed:
      return "removed";
  }
  return "";
}

json::object difference_object(const engine::ServiceDifference& service) {
  json::object moved;
  for (const auto& [unit, part] : service.moved) moved[unit] = finite(part);
  json::array examples;
  for (const engine::MovedNetwork& one : service.examples) {
    examples.push_back(json::object{{"network", json::string(base::to_string(one.network))},
                                    {"from", utf8(one.from)},
                                    {"to", utf8(one.to)},
                                    {"part", finite(one.part)}});
  }
  json::array countries;
  for (const engine::CountryMoves& one : service.countries) {
    countries.push_back(json::object{
        {"country", utf8(one.country)}, {"weight", finite(one.weight)}, {"moves", moves_array(one.moves)}});
  }
  return {{"service", utf8(service.service)},    {"kind", name_of(service.kind)},
          {"moved", std::move(moved)},           {"networks", service.networks},
          {"moves", moves_array(service.moves)}, {"countries", std::move(countries)},
          {"examples", std::move(examples)},     {"because", strings(service.because)}};
}

}  // namespace

namespace {

json::value distances_value(const std::optional<engine::MoverDistances>& distances) {
  if (!distances) return nullptr;
  const auto summary = [](const engine::DistanceSummary& one) {
    return json::object{{"median_km", finite(one.median)}, {"p95_km", finite(one.p95)}};
  };
  return json::object{{"before", summary(distances->before)},
                      {"after", summary(distances->after)},
                      {"farther_km", finite(distances->farther)}};
}

}  // namespace

std::string to_json(const engine::Simulation& simulation, const std::vector<policy::SiteSpec>& sites,
                    const std::vector<engine::Overload>& cascade) {
  json::array measures;
  for (const engine::MeasuredChange& change : simulation.measures) {
    json::array loads;
    for (std::size_t i = 0; i < sites.size(); ++i)
      loads.push_back(load_object(sites[i].name, change.sites[i], sites[i].capacity));
    json::array spread;
    for (std::size_t i = 0; i < change.spread.size(); ++i)
      spread.push_back(json::object{{"site", utf8(sites[i].name)}, {"load", finite(change.spread[i])}});
    measures.push_back(json::object{{"unit", utf8(change.unit)},
                                    {"total", finite(change.total)},
                                    {"sites", std::move(loads)},
                                    {"fallback", load_object("", change.fallback, {})},
                                    {"nobody", load_object("", change.nobody, {})},
                                    {"moved", finite(change.moved)},
                                    {"moved_networks", change.moved_networks},
                                    {"moves", moves_array(change.moves)},
                                    {"distances", distances_value(change.distances)},
                                    {"spread", std::move(spread)}});
  }
  json::array next;
  for (const engine::Overload& overload : cascade) next.push_back(overload_object(overload));
  return line({{"ok", true},
               {"down", strings(simulation.down)},
               {"measures", std::move(measures)},
               {"fails_next", std::move(next)},
               {"text", utf8(render_simulation(simulation, sites, cascade))}});
}

std::string to_json(const std::vector<FailureRow>& rows, const std::string& unit) {
  json::array failures;
  for (const FailureRow& row : rows) {
    json::object one{{"down", strings(row.down)},
                     {"moved", finite(row.moved)},
                     {"nobody", finite(row.nobody)},
                     {"fullest", nullptr}};
    if (row.fullest) one["fullest"] = overload_object(*row.fullest);
    failures.push_back(std::move(one));
  }
  return line({{"ok", true},
               {"unit", utf8(unit)},
               {"failures", std::move(failures)},
               {"text", utf8(render_failures(rows, unit))}});
}

std::string to_json(const engine::Difference& difference, std::optional<double> most) {
  json::array services;
  for (const engine::ServiceDifference& service : difference.services) services.push_back(difference_object(service));
  json::object out{{"ok", most ? difference.most_moved() <= *most : difference.same()},
                   {"same", difference.same()},
                   {"most_moved", finite(difference.most_moved())},
                   {"max_move", nullptr},
                   {"services", std::move(services)},
                   {"text", utf8(render_difference(difference, most))}};
  if (most) out["max_move"] = finite(*most);
  return line(out);
}

namespace {

json::object tally_object(const Tally& tally) {
  return {{"same", tally.same}, {"possible", tally.possible}, {"differs", tally.differs}, {"silent", tally.silent}};
}

json::object tallies_object(const std::map<std::string, Tally>& tallies) {
  json::object out;
  for (const auto& [name, tally] : tallies) out[utf8(name)] = tally_object(tally);
  return out;
}

}  // namespace

std::string to_json(const Shadow& shadow, const base::SocketAddress& server) {
  json::array examples;
  for (const ShadowExample& example : shadow.examples) {
    examples.push_back(
        json::object{{"query", utf8(example.query)}, {"ours", utf8(example.ours)}, {"theirs", utf8(example.theirs)}});
  }
  return line({{"ok", shadow.all.differs == 0},
               {"server", json::string(base::to_string(server))},
               {"all", tally_object(shadow.all)},
               {"names", tallies_object(shadow.names)},
               {"sites", tallies_object(shadow.sites)},
               {"examples", std::move(examples)},
               {"text", utf8(render_shadow(shadow, server))}});
}

}  // namespace gslb::control
