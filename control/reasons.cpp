#include "control/reasons.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/text.hpp"
#include "control/change_view.hpp"
#include "control/json_reasons.hpp"
#include "engine/diff.hpp"
#include "engine/explain.hpp"
#include "engine/prove.hpp"
#include "engine/query_list.hpp"
#include "engine/simulate.hpp"

namespace gslb::control {

namespace {

std::string value_of(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

base::Result<engine::Asker> asker_of(const Parameters& parameters) {
  engine::Asker out;
  const std::string name = value_of(parameters, "name");
  const auto parsed = dns::Name::parse(name);
  if (name.empty() || !parsed) return base::Error{"name \"" + name + "\" is no domain name"};
  out.name = *parsed;
  const std::string type = value_of(parameters, "type");
  if (const auto known = dns::parse_rtype(type.empty() ? "A" : type)) {
    out.type = *known;
  } else {
    return base::Error{"type \"" + type + "\" is no record type: write A, AAAA, TXT or TYPE65280"};
  }
  const std::string client = value_of(parameters, "client");
  const std::string resolver = value_of(parameters, "resolver");
  if (client.empty() && resolver.empty()) return base::Error{"say who asks: client or resolver"};
  if (!client.empty()) {
    const auto subnet = engine::parse_client(client);
    if (!subnet)
      return base::Error{"client \"" + client + "\" is no address and no network: write 192.0.2.7 or 192.0.2.0/24"};
    out.subnet = *subnet;
    out.resolver = subnet->address;
  }
  if (!resolver.empty()) {
    const auto address = base::parse_address(resolver);
    if (!address) return base::Error{"resolver \"" + resolver + "\" is no address: write 192.0.2.53"};
    out.resolver = base::unmapped(*address);
  }
  return out;
}

base::Result<unsigned> number_of(const Parameters& parameters, const char* name, unsigned otherwise, unsigned most) {
  const std::string text = value_of(parameters, name);
  if (text.empty()) return otherwise;
  unsigned out = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  if (read.ec == std::errc() && read.ptr == end && out <= most) return out;
  return base::Error{std::string(name) + " is a number from 0 to " + std::to_string(most) + ", not \"" + text + "\""};
}

}  // namespace

base::Result<std::string> tell_why(const Present& present, const Parameters& parameters) {
  auto asker = asker_of(parameters);
  if (!asker) return asker.error();
  asker->facts = true;
  asker->why_not = value_of(parameters, "why_not");
  if (!asker->why_not.empty()) {
    const auto known = engine::down_sites(*present.generation->snapshot, {asker->why_not});
    if (!known) return known.error();
  }
  engine::Explainer explainer(present.generation, present.states, present.orders);
  return to_json(explainer.explain(*asker));
}

base::Result<std::string> tell_proof(const Present& present, const Parameters& parameters, const Progress& progress) {
  engine::ProofOptions options;
  const auto failures = number_of(parameters, "failures", options.failures, 4);
  if (!failures) return failures.error();
  const auto candidates = number_of(parameters, "candidates", options.candidates, 64);
  if (!candidates) return candidates.error();
  options.failures = *failures;
  options.candidates = *candidates;
  options.progress = progress;
  const auto begun = base::steady_now();
  const engine::Proof proof = engine::prove(*present.config, *present.generation->snapshot, options);
  return to_json(proof, base::steady_now() - begun);
}

namespace {

/// Who asks, as it was given.
struct Asking {
  std::vector<engine::Measure> measures;
  std::vector<engine::Traffic> traffic;  ///< empty: every address alike
};

base::Result<Asking> asking(const engine::Snapshot& snapshot, const std::string& text, bool queries) {
  if (text.empty()) return Asking{engine::demand_of(snapshot, engine::survey(snapshot)), {}};
  if (queries) {
    const auto listed = engine::parse_queries(text);
    if (!listed) return base::Error{"queries: " + listed.error().what};
    auto measure = engine::demand_of(snapshot, *listed);
    if (measure.total == 0) return base::Error{"queries: none names a service and its client"};
    return Asking{{std::move(measure)}, engine::traffic_of(snapshot, *listed)};
  }
  auto lines = engine::parse_traffic(text);
  if (!lines) return base::Error{"traffic: " + lines.error().what};
  auto measure = engine::demand_of(snapshot, *lines);
  if (!measure) return base::Error{"traffic: " + measure.error().what};
  return Asking{{std::move(*measure)}, std::move(*lines)};
}

/// How far those are whom the simulation moves.
base::Result<void> add_distances(const engine::Generation& now, const engine::DownSites& down, const Asking& asked,
                                 engine::Simulation& simulation) {
  const auto atlas = geo::Atlas::open(*now.snapshot->geo_inputs);
  if (!atlas) return atlas.error();
  const engine::GenerationPtr then = engine::suppose(now, down);
  for (engine::MeasuredChange& change : simulation.measures) {
    const auto family = change.unit == "IPv6 addresses" ? base::Family::v6 : base::Family::v4;
    change.distances = asked.traffic.empty() ? engine::mover_distances(now, *then, *atlas, family)
                                             : engine::mover_distances(now, *then, *atlas, asked.traffic);
  }
  return {};
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string tell_all_failures(engine::Simulator& simulator, const engine::Snapshot& snapshot,
                              const Progress& progress) {
  std::vector<std::uint16_t> sites(snapshot.sites.size());
  std::iota(sites.begin(), sites.end(), std::uint16_t{0});
  std::vector<FailureRow> rows;
  std::string unit;
  const auto failures = engine::subsets(sites, 2);
  for (const auto& failed : failures) {
    if (failed.empty()) continue;
    engine::DownSites down(sites.size(), false);
    for (const std::uint16_t site : failed) down[site] = true;
    const engine::Simulation simulation = simulator.simulate(down);
    if (progress) progress(rows.size() + 1, failures.size() - 1);
    if (simulation.measures.empty()) continue;
    const engine::MeasuredChange& change = simulation.measures[0];
    unit = change.unit;
    rows.push_back({simulation.down, change.moved / change.total, change.nobody.after / change.total,
                    simulator.fullest(simulation)});
  }
  return to_json(rows, unit);
}

}  // namespace

base::Result<double> parse_share(const std::string& text) {
  double out = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  const bool hundredths =
      read.ptr != end && std::string_view(read.ptr, static_cast<std::size_t>(end - read.ptr)) == "%";
  if (hundredths) out /= 100;
  if (read.ec == std::errc() && (read.ptr == end || hundredths) && out >= 0 && out <= 1) return out;
  return base::Error{"\"" + text + "\" is no share: write 5% or 0.05"};
}

base::Result<std::string> tell_simulation(const Present& present, const Parameters& parameters,
                                          const std::string& traffic, const Progress& progress) {
  const engine::Snapshot& snapshot = *present.generation->snapshot;
  const bool all = value_of(parameters, "all") == "1";
  const auto down = engine::down_sites(snapshot, words_of(value_of(parameters, "down")));
  if (!down) return down.error();
  if (!all && std::find(down->begin(), down->end(), true) == down->end())
    return base::Error{"say which sites fail: down=fra or down=fra,iad, or all=1"};
  const auto asked = asking(snapshot, traffic, value_of(parameters, "format") == "queries");
  if (!asked) return asked.error();
  engine::Simulator simulator(*present.generation, asked->measures);
  if (all) return tell_all_failures(simulator, snapshot, progress);
  engine::Simulation simulation = simulator.simulate(*down);
  if (const auto added = add_distances(*present.generation, *down, *asked, simulation); !added) return added.error();
  return to_json(simulation, snapshot.sites, simulator.cascade(*down));
}

base::Result<std::string> tell_difference(const Present& before, const Present& after, const MoveLimit& limit,
                                          const std::string& traffic) {
  std::vector<engine::Traffic> lines;
  if (!traffic.empty()) {
    auto parsed = engine::parse_traffic(traffic);
    if (!parsed) return base::Error{"traffic: " + parsed.error().what};
    lines = std::move(*parsed);
  }
  // Places are those of the newer files.
  const auto atlas = geo::Atlas::open(*after.generation->snapshot->geo_inputs);
  if (!atlas) return atlas.error();
  const engine::Difference difference =
      engine::diff({before.config.get(), before.generation->snapshot.get()},
                   {after.config.get(), after.generation->snapshot.get()}, lines, {}, &*atlas);
  return to_json(difference, limit.most);
}

}  // namespace gslb::control
