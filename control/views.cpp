#include "control/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.hpp"
#include "control/sharing_json.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

constexpr const char* none = "-";

/// How long ago, in whole seconds.
std::string ago(base::WallTime then, base::WallTime now) {
  if (then == base::WallTime{}) return none;
  const auto passed = std::max(std::chrono::floor<std::chrono::seconds>(now - then), std::chrono::seconds(0));
  return passed.count() == 0 ? "0 s" : base::human_duration(passed);
}

std::string latency(base::Duration duration) { return duration.count() == 0 ? none : base::human_duration(duration); }

/// "0.4", "3", "40,000"
std::string weight(double value) {
  if (!(value >= 0 && value < 1e18)) return none;
  const double tenths = std::round(value * 10) / 10;
  const auto whole = static_cast<std::uint64_t>(tenths);
  if (value >= 1000 || tenths == static_cast<double>(whole)) return base::with_thousands(whole);
  char out[32];
  std::snprintf(out, sizeof out, "%.1f", tenths);
  return out;
}

std::string count(std::uint64_t number, const char* one, const char* many) {
  return base::with_thousands(number) + " " + (number == 1 ? one : many);
}

Cell verdict(const EndpointView& endpoint) {
  switch (endpoint.state.verdict) {
    case health::Verdict::up:
      return {"up", Tone::good};
    case health::Verdict::down:
      return {"down", Tone::bad};
    case health::Verdict::unknown:
      break;
  }
  return {"unknown", Tone::warning};
}

/// The weight's reason; else what is going on with the verdict.
std::string why(const EndpointView& endpoint) {
  const health::TargetState& state = endpoint.state;
  if (!endpoint.why.empty()) return endpoint.why;
  if (!endpoint.probed) return "not probed";
  if (state.in_motion && state.verdict != health::Verdict::unknown)
    return count(state.streak, "probe", "probes") + " against it: " + state.reason;
  if (state.restored) return "from before the restart, not yet probed again";
  return state.verdict == health::Verdict::up ? "" : state.reason;
}

std::string service_line(const ServiceView& service, bool color) {
  const auto up = std::count_if(service.endpoints.begin(), service.endpoints.end(), [](const EndpointView& endpoint) {
    return endpoint.state.verdict == health::Verdict::up;
  });
  const auto all = static_cast<std::ptrdiff_t>(service.endpoints.size());
  const Tone tone = up == all ? Tone::good : up == 0 ? Tone::bad : Tone::warning;
  return base::printable(service.name) + "   policy " + base::printable(service.policy) + "   " +
         colored(std::to_string(up) + " of " + std::to_string(all) + " up", tone, color) + "   " +
         base::printable(service.mode) + "\n" +
         (service.held.empty() ? "" : colored(base::printable(service.held), Tone::warning, color) + "\n");
}

std::string service_table(const ServiceView& service, base::WallTime now, bool color) {
  Table table({{"endpoint"}, {"site"}, {"verdict"}, {"since"}, {"latency", true}, {"weight"}, {"why"}});
  for (const EndpointView& endpoint : service.endpoints) {
    table.add({{endpoint.address},
               {endpoint.site},
               verdict(endpoint),
               {ago(endpoint.state.since, now)},
               {latency(endpoint.state.latency)},
               {weight(endpoint.weight) + " of " + weight(endpoint.configured)},
               {why(endpoint)}});
  }
  return table.render(color);
}

/// How much more `now` is than `then`, a second; nothing if the server was started anew meanwhile.
std::string rate(std::uint64_t now, std::uint64_t then, base::Duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  if (now < then || seconds <= 0) return none;
  return base::with_thousands(static_cast<std::uint64_t>(std::llround(static_cast<double>(now - then) / seconds)));
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return none;
  return std::to_string(std::llround(100.0 * static_cast<double>(part) / static_cast<double>(whole))) + " %";
}

Cell site_state(const SiteView& site) {
  if (site.up == site.endpoints) return {"up", Tone::good};
  if (site.up == 0) return {"down", Tone::bad};
  return {std::to_string(site.up) + " of " + std::to_string(site.endpoints) + " up", Tone::warning};
}

std::uint64_t answers_then(const std::optional<Earlier>& earlier, const std::string& site) {
  if (!earlier) return 0;
  for (const SiteView& view : earlier->status.sites) {
    if (view.name == site) return view.answers;
  }
  return 0;
}

std::string site_table(const StatusView& status, base::WallTime now, bool color,
                       const std::optional<Earlier>& earlier) {
  Table table({{"site"},
               {"state"},
               {"since"},
               {"checks"},
               {"latency", true},
               {earlier ? "answers/s" : "answers", true},
               {"share", true}});
  const auto given = [&](const SiteView& site) {
    const std::uint64_t then = answers_then(earlier, site.name);
    return site.answers - std::min(site.answers, then);
  };
  std::uint64_t all = 0;
  for (const SiteView& site : status.sites) all += given(site);
  for (const SiteView& site : status.sites) {
    table.add({{site.name},
               site_state(site),
               {ago(site.since, now)},
               {site.checks},
               {latency(site.latency)},
               {earlier ? rate(site.answers, answers_then(earlier, site.name), earlier->ago)
                        : base::with_thousands(site.answers)},
               {share(given(site), all)}});
  }
  return table.render(color);
}

std::string fact(const char* name, const std::string& value) {
  char label[32];
  std::snprintf(label, sizeof label, "%-15s ", name);
  return label + value + "\n";
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "  ") + base::printable(text);
  return out.empty() ? none : out;
}

std::string counters(const StatusView& status, const std::optional<Earlier>& earlier) {
  const auto one = [&](const char* name, std::uint64_t now, std::uint64_t then) {
    return base::with_thousands(now) + name + (earlier ? " (" + rate(now, then, earlier->ago) + "/s)" : "");
  };
  const StatusView before = earlier ? earlier->status : StatusView{};
  return one("", status.queries, before.queries) + "   " + one(" answered", status.answers, before.answers) + "   " +
         one(" dropped", status.dropped, before.dropped) +
         (status.limited == 0 ? "" : "   " + one(" over the rate limit", status.limited, before.limited));
}

std::string signing(const StatusView& status, base::WallTime now) {
  const bool ended = status.signatures_end <= now;
  return std::to_string(status.signed_zones) + " of " + count(status.zones, "zone", "zones") + "   " +
         count(status.signatures_made, "signature", "signatures") + " made since the start   the first " +
         (ended ? "ended " + ago(status.signatures_end, now) + " ago"
                : "ends in " + base::human_duration(status.signatures_end - now));
}

}  // namespace

std::string safe_lines(const std::string& text, std::size_t indent) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += std::string(indent, ' ') + base::printable(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out;
}

std::string render_states(const std::vector<ServiceView>& services, base::WallTime now, bool color) {
  if (services.empty()) return "no services are configured\n";
  std::string out;
  for (const ServiceView& service : services) {
    if (!out.empty()) out += "\n";
    out += service_line(service, color) + service_table(service, now, color);
  }
  return out;
}

std::string render_status(const StatusView& status, base::WallTime now, bool color,
                          const std::optional<Earlier>& earlier) {
  const bool serves = status.program == "gslbd";
  const std::string state = status.ready
                                ? colored(serves ? "serving" : "probing", Tone::good, color)
                                : colored(serves ? "not serving yet" : "not reporting yet", Tone::warning, color) +
                                      ": " + base::printable(status.not_ready_reason);
  std::string out = base::printable(status.program) + " " + base::printable(status.version) + "   " + state +
                    "   started " + ago(status.started, now) + " ago   pid " + std::to_string(status.pid) + "\n";
  if (serves) out += fact("listen", joined(status.listen));
  out += fact("configuration", std::to_string(status.configuration) + ", loaded " + ago(status.loaded, now) +
                                   " ago   plan " + std::to_string(status.plan));
  const std::string targets =
      std::to_string(status.targets_up) + " of " + count(status.targets, "target", "targets") + " up";
  if (serves)
    out += fact("serves", count(status.zones, "zone", "zones") + ", " + count(status.services, "service", "services") +
                              "   " + targets);
  if (serves) out += fact("queries", counters(status, earlier));
  if (!serves) out += fact("probes", targets);
  if (status.signed_zones != 0) out += fact("signs", signing(status, now));
  if (!status.last_reload_error.empty())
    out += fact("last reload", colored("failed", Tone::bad, color) + ", configuration " +
                                   std::to_string(status.configuration) + " goes on:") +
           safe_lines(status.last_reload_error, 2);
  for (const std::string& warning : status.warnings)
    out += fact("warning", colored(base::printable(warning), Tone::warning, color));
  if (!status.sites.empty()) out += "\n" + site_table(status, now, color, earlier);
  if (const std::string sharing = render_sharing(status.sharing, color); !sharing.empty()) out += "\n" + sharing;
  if (const std::string store = render_store(status.store, color); !store.empty()) out += "\n" + store;
  if (const std::string nodes = render_nodes(status.nodes, color); !nodes.empty()) out += "\n" + nodes;
  return out;
}

std::string render_reload(const ReloadResult& result) {
  return "loaded configuration " + std::to_string(result.configuration) + " in " + base::human_duration(result.took) +
         "\n";
}

}  // namespace gslb::control
