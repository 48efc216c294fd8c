#include "control/change_view.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "control/explain_view.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

constexpr std::size_t most_moves = 8;

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

bool is_rate(const engine::MeasuredChange& change) { return change.unit == "req/s"; }

/// Requests a second as a number, addresses as a part of all.
std::string amount(const engine::MeasuredChange& change, double weight) {
  if (is_rate(change)) return base::with_thousands(static_cast<std::uint64_t>(std::llround(weight)));
  return percent(change.total > 0 ? weight / change.total : 0);
}

std::string of_capacity(double load, const std::optional<std::uint64_t>& capacity) {
  if (!capacity) return "-";
  return base::with_thousands(static_cast<std::uint64_t>(std::llround(100 * load / static_cast<double>(*capacity)))) +
         " %";
}

Tone tone_of(double load, const std::optional<std::uint64_t>& capacity) {
  return capacity && load > static_cast<double>(*capacity) ? Tone::bad : Tone::plain;
}

bool overflows(const engine::MeasuredChange& change, const std::vector<policy::SiteSpec>& sites) {
  for (std::size_t i = 0; i < sites.size(); ++i)
    if (tone_of(change.sites[i].after, sites[i].capacity) == Tone::bad) return true;
  return false;
}

std::string table_of(const engine::MeasuredChange& change, const std::vector<policy::SiteSpec>& sites,
                     const std::string& then) {
  std::vector<Column> columns{{"site"}, {change.unit + " now", true}};
  if (is_rate(change)) columns.push_back({"of capacity", true});
  columns.push_back({then, true});
  if (is_rate(change)) columns.push_back({"of capacity", true});
  columns.push_back({""});
  Table table(columns);
  const auto row = [&](const std::string& name, const engine::SiteLoad& load,
                       const std::optional<std::uint64_t>& capacity) {
    std::vector<Cell> cells{{name}, {amount(change, load.now)}};
    if (is_rate(change)) cells.push_back({of_capacity(load.now, capacity)});
    cells.push_back({amount(change, load.after)});
    if (is_rate(change)) cells.push_back({of_capacity(load.after, capacity), tone_of(load.after, capacity)});
    cells.push_back({tone_of(load.after, capacity) == Tone::bad ? "overflows" : "", Tone::bad});
    table.add(std::move(cells));
  };
  for (std::size_t i = 0; i < sites.size(); ++i)
    row(sites[i].name, change.sites[i], is_rate(change) ? sites[i].capacity : std::optional<std::uint64_t>());
  if (change.fallback.now + change.fallback.after > 0) row("fallback", change.fallback, {});
  if (change.nobody.now + change.nobody.after > 0) row("no answer", change.nobody, {});
  return table.render(false);
}

std::string moves_of(const std::vector<engine::Relocation>& moves, double total) {
  std::vector<std::string> parts;
  for (const engine::Relocation& move : moves) {
    if (parts.size() == most_moves) {
      parts.push_back("...");
      break;
    }
    parts.push_back(base::printable(move.from + " -> " + move.to) + " " + percent(move.weight / total));
  }
  return joined(parts, ", ");
}

std::string countries_of(const std::vector<engine::CountryMoves>& countries) {
  std::vector<std::string> parts;
  for (const engine::CountryMoves& one : countries) {
    if (parts.size() == most_moves) {
      parts.push_back("...");
      break;
    }
    parts.push_back((one.country.empty() ? "unknown" : one.country) + " " + percent(one.weight) + " (" +
                    moves_of(one.moves, 1) + ")");
  }
  return joined(parts, ", ");
}

/// " with spill_above: fra 32,000 (80 %), iad 43,700 (73 %)"
std::string spread_of(const engine::MeasuredChange& change, const std::vector<policy::SiteSpec>& sites) {
  std::vector<std::string> parts;
  bool overflows = false;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const double load = change.spread[i];
    if (load == 0) continue;
    std::string part = base::printable(sites[i].name) + " " + amount(change, load);
    if (sites[i].capacity) part += " (" + of_capacity(load, sites[i].capacity) + ")";
    parts.push_back(std::move(part));
    overflows = overflows || tone_of(load, sites[i].capacity) == Tone::bad;
  }
  return " with spill_above: " + joined(parts, ", ") + (overflows ? "" : "; no site overflows") + "\n";
}

std::string networks(std::uint64_t count) {
  return base::with_thousands(count) + (count == 1 ? " network" : " networks");
}

std::string kilometres(double km) {
  return base::with_thousands(static_cast<std::uint64_t>(std::llround(std::abs(km)))) + " km";
}

std::string distances_of(const engine::MoverDistances& distances) {
  const auto summary = [](const engine::DistanceSummary& one) {
    return kilometres(one.median) + " (p95 " + kilometres(one.p95) + ")";
  };
  return "median " + summary(distances.before) + " before, " + summary(distances.after) + " after; " +
         kilometres(distances.farther) + (distances.farther < 0 ? " nearer" : " farther") + " on average";
}

}  // namespace

std::string render_simulation(const engine::Simulation& simulation, const std::vector<policy::SiteSpec>& sites,
                              const std::vector<engine::Overload>& cascade) {
  const std::string then = "without " + joined(simulation.down, ", ");
  std::string out;
  for (const engine::MeasuredChange& change : simulation.measures) {
    if (!out.empty()) out += "\n";
    out += table_of(change, sites, then);
    if (!change.spread.empty()) out += spread_of(change, sites);
    out += " who moves: " + networks(change.moved_networks) + ", " +
           percent(change.total > 0 ? change.moved / change.total : 0) + " of " + change.unit;
    if (!change.moves.empty()) out += ": " + moves_of(change.moves, change.total);
    out += "\n";
    if (change.distances) out += " how far: " + distances_of(*change.distances) + "\n";
  }
  if (simulation.measures.empty() || !is_rate(simulation.measures[0])) return out;
  if (cascade.empty()) return out + (overflows(simulation.measures[0], sites) ? "" : " no site overflows\n");
  std::string failing = joined(simulation.down, ", ");
  for (const engine::Overload& next : cascade) {
    out += " fails next: " + base::printable(next.site) + ", " + percent(next.of_capacity) +
           " of its capacity without " + base::printable(failing) + "\n";
    failing += ", " + next.site;
  }
  return out;
}

std::string render_failures(const std::vector<FailureRow>& rows, const std::string& unit) {
  const bool rated = unit == "req/s";
  std::vector<Column> columns{{"down"}, {"moves", true}, {"no answer", true}};
  if (rated) columns.insert(columns.end(), {{"fullest then"}, {unit, true}, {"of capacity", true}, {""}});
  Table table(columns);
  for (const FailureRow& row : rows) {
    std::vector<Cell> cells{{joined(row.down, ", ")},
                            {percent(row.moved)},
                            {percent(row.nobody), row.nobody > 0 ? Tone::bad : Tone::plain}};
    if (rated && row.fullest) {
      cells.push_back({row.fullest->site});
      cells.push_back({base::with_thousands(static_cast<std::uint64_t>(std::llround(row.fullest->load)))});
      cells.push_back({percent(row.fullest->of_capacity)});
      cells.push_back({row.fullest->of_capacity > 1 ? "overflows" : "", Tone::bad});
    }
    table.add(std::move(cells));
  }
  return table.render(false);
}

std::string render_difference(const engine::Difference& difference, std::optional<double> most) {
  using Kind = engine::ServiceDifference::Kind;
  std::size_t widest = 0;
  for (const auto& service : difference.services) widest = std::max(widest, width(base::printable(service.service)));
  std::string out;
  for (const engine::ServiceDifference& service : difference.services) {
    out += padded(base::printable(service.service), widest) + "   ";
    switch (service.kind) {
      case Kind::same:
        out += "nothing moves\n";
        continue;
      case Kind::added:
        out += "is new\n";
        continue;
      case Kind::removed:
        out += "is gone\n";
        continue;
      case Kind::moved:
        break;
    }
    std::vector<std::string> parts;
    for (const auto& [unit, part] : service.moved) parts.push_back(percent(part) + " of " + unit);
    out += joined(parts, ", ") + " move" + ": " + networks(service.networks) + "\n";
    if (!service.moves.empty()) out += "  moves    " + moves_of(service.moves, 1) + "\n";
    if (!service.countries.empty()) out += "  where    " + countries_of(service.countries) + "\n";
    out += "  because  " + base::printable(joined(service.because, "; ")) + "\n";
    std::vector<std::string> examples;
    for (const engine::MovedNetwork& one : service.examples) {
      if (examples.size() == 3) break;
      examples.push_back(base::to_string(one.network) + " " + one.from + " -> " + one.to);
    }
    out += "  such as  " + base::printable(joined(examples, ", ")) + "\n";
  }
  if (difference.same()) return out + "answers are the same\n";
  if (!most) return out + "answers differ\n";
  const bool more = difference.most_moved() > *most;
  return out + "at most " + percent(difference.most_moved()) + " of a service moves, " +
         (more ? "more than the " : "within the ") + percent(*most) + " allowed\n";
}

}  // namespace gslb::control
