#include "control/ctl_verbs.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "config/yaml.hpp"
#include "control/acme_json.hpp"
#include "control/feed_view.hpp"
#include "control/geo_view.hpp"
#include "control/json.hpp"
#include "control/offline.hpp"
#include "control/views.hpp"
#include "control/zone_files.hpp"

namespace gslb::control {

namespace {

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

/// Asks, and prints what came: as it is with --json, else as `render` makes it of what `parse` reads.
template <class Parse, class Render>
Exit show(const Connection& connection, const Output& output, const std::string& method, const std::string& target,
          Parse parse, Render render) {
  const auto answer = ask(connection, method, target);
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  const auto& body = std::get<std::string>(answer);
  if (output.json) {
    print(stdout, body);
    return Exit::ok;
  }
  const auto view = parse(body);
  if (!view) return report({Exit::failed, view.error().what, "is it a gslbd that listens there?", {}}, output);
  print(stdout, render(*view));
  return Exit::ok;
}

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

void stop_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

/// In short steps, so that an interrupt which comes just before the sleep is not missed.
bool pause_for(std::chrono::milliseconds time) {
  const auto end = base::steady_now() + time;
  while (interrupted == 0 && base::steady_now() < end)
    std::this_thread::sleep_for(std::min<base::Duration>(end - base::steady_now(), std::chrono::milliseconds(50)));
  return interrupted != 0;
}

Exit report(const Failure& failure, const Output& output) {
  if (output.json) {
    print(stdout, failure.json.empty() ? to_json(ApiError{failure.what, failure.hint}) : failure.json);
    return failure.code;
  }
  print(stderr, safe_lines(failure.what, 0));
  if (!failure.hint.empty()) print(stderr, safe_lines(failure.hint, 2));
  return failure.code;
}

Exit show_status(const Connection& connection, const Output& output) {
  return show(connection, output, "GET", "/v1/status", status_from_json,
              [&](const StatusView& status) { return render_status(status, base::wall_now(), output.color); });
}

Exit show_feeds(const Connection& connection, const Output& output) {
  return show(connection, output, "GET", "/v1/feeds", feeds_from_json,
              [&](const std::vector<FeedView>& feeds) { return render_feeds(feeds, output.color); });
}

Exit watch_status(const Connection& connection, const Output& output, std::chrono::milliseconds pause) {
  stop_on_interrupt();
  const bool redraw = !output.json && ::isatty(STDOUT_FILENO) == 1;
  std::optional<Earlier> earlier;
  base::SteadyTime last{};
  Exit outcome = Exit::ok;
  while (interrupted == 0) {
    if (redraw) print(stdout, "\x1b[H\x1b[J");
    outcome = show(connection, output, "GET", "/v1/status", status_from_json, [&](const StatusView& status) {
      const auto now = base::steady_now();
      const bool same_server = earlier && earlier->status.started == status.started;
      if (earlier) earlier->ago = now - last;
      std::string text =
          render_status(status, base::wall_now(), output.color, same_server ? earlier : std::optional<Earlier>());
      earlier = Earlier{status, {}};
      last = now;
      return redraw ? text : text + "\n";
    });
    if (interrupted == 0) pause_for(pause);
  }
  return outcome == Exit::timeout || outcome == Exit::not_running ? outcome : Exit::ok;
}

Exit show_states(const Connection& connection, const Output& output, const std::string& service) {
  const std::string target = "/v1/states" + (service.empty() ? "" : "?service=" + url_encoded(service));
  return show(connection, output, "GET", target, services_from_json, [&](const std::vector<ServiceView>& services) {
    return render_states(services, base::wall_now(), output.color);
  });
}

Exit show_geo(const Connection& connection, const Output& output, const std::string& address,
              const std::string& config) {
  const auto parsed = base::parse_address(address);
  if (!parsed)
    return report({Exit::usage, "\"" + address + "\" is not an IP address", "such as 192.0.2.1 or 2001:db8::1", {}},
                  output);
  if (config.empty()) {
    return show(connection, output, "GET", "/v1/geo?address=" + url_encoded(address), geo_from_json,
                [&](const GeoView& view) { return render_geo(view, output.color); });
  }
  const Offline offline = load_offline(config);
  if (!offline.present.generation) return show_check(config, {offline.errors, offline.warnings, {}, {}}, output);
  const auto found = engine::whereabouts(*offline.present.generation->snapshot, *parsed);
  if (!found) return report({Exit::failed, found.error().what, {}, {}}, output);
  const GeoView view = geo_view(*found);
  print(stdout, output.json ? to_json(view) : render_geo(view, output.color));
  return Exit::ok;
}

Exit reload(const Connection& connection, const Output& output, const ReloadLimits& limits) {
  std::string target = "/v1/reload";
  if (limits.accept_geo) target += "?accept_geo=true";
  if (!limits.max_move.empty())
    target += (limits.accept_geo ? "&max_move=" : "?max_move=") + url_encoded(limits.max_move);
  return show(connection, output, "POST", target, reload_from_json, render_reload);
}

Exit accept_store(const Connection& connection, const Output& output) {
  return show(
      connection, output, "POST", "/v1/store/accept",
      [](const std::string& text) { return base::Result<std::string>(text); },
      [](const std::string&) {
        return std::string("the shared store is believed from now on: gslbctl status shows it\n");
      });
}

Exit check_file(const std::string& file, const Output& output) { return show_check(file, check(file), output); }

Exit check_zone_file(const std::string& file, const std::string& zone, const Output& output) {
  const auto apex = zone.empty() ? std::nullopt : dns::Name::parse(zone);
  if (!zone.empty() && !apex)
    return report({Exit::usage, "--zone: \"" + zone + "\" is no domain name", {}, {}}, output);
  return show_check(file, check_zone(file, apex), output);
}

Exit export_zone(const Connection& connection, const Output& output, const std::string& zone, const std::string& config,
                 const std::string& client) {
  const auto address = client.empty() ? std::nullopt : base::parse_address(client);
  if (!client.empty() && !address)
    return report({Exit::usage, "--as-client: \"" + client + "\" is no address", {}, {}}, output);
  std::string text;
  if (config.empty()) {
    const std::string as = client.empty() ? "" : "&client=" + url_encoded(client);
    auto answer = ask(connection, "GET", "/v1/zone?name=" + url_encoded(zone) + as);
    if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
    text = std::get<std::string>(std::move(answer));
  } else {
    base::ErrorList errors;
    auto made = export_from_config(config, zone, address, errors);
    if (!made) return show_check(config, {errors.all(), {}, {}, {}}, output);
    text = *std::move(made);
  }
  print(stdout, output.json ? zone_to_json(zone, text) : text);
  return Exit::ok;
}

Exit show_check(const std::string& file, const CheckResult& result, const Output& output) {
  if (output.json) {
    print(stdout, to_json(file, result.errors, result.warnings));
    return result.errors.empty() ? Exit::ok : Exit::invalid;
  }
  for (const base::ConfigError& warning : result.warnings)
    print(stderr, safe_lines("warning: " + base::to_string(warning), 0));
  if (result.errors.empty()) {
    const std::size_t count = result.warnings.size();
    const std::string warned = count == 0 ? "" : "; " + std::to_string(count) + (count == 1 ? " warning" : " warnings");
    print(stdout, file + ": ok, " + result.summary + warned + "\n");
  } else {
    for (const base::ConfigError& error : result.errors) print(stderr, safe_lines(base::to_string(error), 0));
    print(stderr, safe_lines(result.explanations, 0));
    const std::size_t count = result.errors.size();
    print(stderr, std::to_string(count) + (count == 1 ? " error" : " errors") + ", nothing was loaded.\n");
  }
  return result.errors.empty() ? Exit::ok : Exit::invalid;
}

}  // namespace gslb::control
