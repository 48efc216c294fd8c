#include "control/ctl_orders.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

#include "base/text.hpp"
#include "config/values.hpp"
#include "control/json.hpp"
#include "control/order_json.hpp"
#include "control/order_lines.hpp"
#include "control/views.hpp"

namespace gslb::control {

namespace {

constexpr auto poll = std::chrono::milliseconds(500);

/// The query's `for`, or what is wrong with the options.
base::Result<std::string> lasts_of(const OrderOptions& options) {
  if (options.forever && !options.lasts.empty()) return base::Error{"--for or --forever, not both"};
  if (options.forever) return std::string("forever");
  if (options.lasts.empty()) return base::Error{"how long? --for 2h, or --forever"};
  const auto lasts = config::parse_duration(options.lasts);
  if (!lasts || *lasts < std::chrono::seconds(1))
    return base::Error{"--for: \"" + options.lasts + "\" is no duration, such as 30m, 2h or 1d"};
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(*lasts).count());
}

Exit exit_of(const std::vector<NodeOutcome>& nodes, Exit first_failure) {
  const auto done = std::ranges::count(nodes, true, &NodeOutcome::ok);
  if (done == static_cast<std::ptrdiff_t>(nodes.size())) return Exit::ok;
  return done == 0 ? first_failure : Exit::partial;
}

/// One request to each of several servers.
class Campaign {
 public:
  Campaign(const Connection& connection, const OrderOptions& options, const Output& output)
      : connection_(connection), output_(output), sockets_(options.sockets) {
    if (sockets_.empty()) sockets_ = {connection.socket};
  }

  /// Tells each, also when one before would not.
  void tell_all(const std::string& target) {
    for (const std::string& socket : sockets_) {
      NodeOutcome& node = nodes_.emplace_back();
      node.node = socket;
      auto answer = ask({socket, connection_.timeout}, "POST", target);
      if (auto* failure = std::get_if<Failure>(&answer)) {
        if (!first_failure_) first_failure_ = *failure;
        node.error = std::move(failure->what);
        node.hint = std::move(failure->hint);
        continue;
      }
      auto outcome = order_outcome_from_json(std::get<std::string>(answer));
      if (!outcome) {
        node.error = outcome.error().what;
        continue;
      }
      node.ok = true;
      node.outcome = *std::move(outcome);
      const std::vector<ElsewhereView> elsewhere = node.outcome.elsewhere;
      for (const ElsewhereView& other : elsewhere) add_elsewhere(other);
    }
  }

  /// @param print  else only errors are told
  Exit report_all(bool print) {
    if (nodes_.size() == 1 && first_failure_) return report(*first_failure_, output_);
    if (output_.json) {
      if (print) std::cout << to_json(nodes_) << std::flush;
    } else {
      if (print) std::cout << render_outcomes(nodes_, base::wall_now()) << std::flush;
      std::cerr << render_failures(nodes_);
    }
    return exit_of(nodes_, first_failure_ ? first_failure_->code : Exit::failed);
  }

  /// Until no client should have an old answer any more: no server gives new ones, and the TTL has gone by since the
  /// last.
  Exit wait_until_safe() {
    std::vector<DrainWatch> watches;
    for (const NodeOutcome& node : nodes_) {
      if (node.ok && !node.outcome.orders.empty())
        watches.emplace_back(node.node, node.outcome.orders.front(), base::steady_now());
    }
    std::string said;
    for (;;) {
      bool safe = true;
      std::string line;
      for (DrainWatch& watch : watches) {
        const auto answer = ask({watch.node(), connection_.timeout}, "GET", "/v1/orders?ended=1");
        if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output_);
        const auto orders = orders_from_json(std::get<std::string>(answer));
        if (!orders) return report({Exit::failed, orders.error().what, {}, {}}, output_);
        const auto mine = std::ranges::find(*orders, watch.id(), [](const OrderView& o) { return o.order.id; });
        if (mine == orders->end() || mine->order.ended)
          return report({Exit::failed, "the drain has ended before it was safe", "gslbctl orders --ended", {}},
                        output_);
        watch.see(*mine, base::steady_now());
        safe = safe && watch.safe_in(base::steady_now()) <= base::Duration{};
        line += watch.line(base::steady_now());
      }
      if (safe) break;
      if (!output_.json && line != said) std::cout << line << std::flush;
      said = std::move(line);
      std::this_thread::sleep_for(poll);
    }
    if (!output_.json) std::cout << "safe to work: the last answers have outlived their TTL\n" << std::flush;
    return Exit::ok;
  }

 private:
  /// Of several servers that were asked, each has told the same others.
  void add_elsewhere(const ElsewhereView& other) {
    const auto known = std::ranges::find(nodes_, other.node, &NodeOutcome::node);
    NodeOutcome& node = known == nodes_.end() ? nodes_.emplace_back() : *known;
    node.node = other.node;
    node.ok = node.ok || other.ok;
    node.error = node.ok ? "" : other.error;
    if (!node.ok) node.hint = "it is told again as soon as it can be reached";
  }

  const Connection& connection_;
  const Output& output_;
  std::vector<std::string> sockets_;
  std::vector<NodeOutcome> nodes_;
  std::optional<Failure> first_failure_;
};

std::string kinds_of(const std::vector<health::OrderKind>& kinds) {
  std::string out;
  for (const health::OrderKind kind : kinds) out.append("&kind=").append(health::to_string(kind));
  return out;
}

Exit preview(const Connection& connection, const OrderOptions& options, health::OrderKind kind, const Output& output) {
  const auto answer =
      ask(connection, "GET", "/v1/orders/preview?scope=" + url_encoded(options.scope) + kinds_of({kind}));
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  const auto& body = std::get<std::string>(answer);
  const auto preview = preview_from_json(body);
  if (!preview) return report({Exit::failed, preview.error().what, {}, {}}, output);
  std::cout << (output.json ? body : safe_lines(preview->text, 0)) << std::flush;
  return preview->ok ? Exit::ok : Exit::refused;
}

/// The number that a person wrote as "7", "#7" or "7@fra-1".
std::string id_of(const std::string& text) {
  const std::string name = text.starts_with("#") ? text.substr(1) : text;
  const std::string digits = name.substr(0, name.find('@'));
  const bool number = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
  return number ? name : "";
}

}  // namespace

Exit give_orders(const Connection& connection, const OrderOptions& options, health::OrderKind kind,
                 const Output& output) {
  if (options.dry_run) return preview(connection, options, kind, output);
  const auto lasts = lasts_of(options);
  if (!lasts) return report({Exit::usage, lasts.error().what, {}, {}}, output);
  if (options.reason.empty()) return report({Exit::usage, "why? --reason \"kernel update\"", {}, {}}, output);
  Campaign campaign(connection, options, output);
  campaign.tell_all("/v1/orders/give?scope=" + url_encoded(options.scope) + kinds_of({kind}) + "&for=" + *lasts +
                    "&reason=" + url_encoded(options.reason) + (options.force ? "&force=1" : ""));
  const Exit told = campaign.report_all(true);
  return options.wait && told == Exit::ok ? campaign.wait_until_safe() : told;
}

Exit end_orders(const Connection& connection, const OrderOptions& options, const std::vector<health::OrderKind>& kinds,
                const Output& output) {
  Campaign campaign(connection, options, output);
  const std::string id = id_of(options.scope);
  if (id.empty() && kinds.empty())
    return report({Exit::usage, "\"" + options.scope + "\" is no number of an order", "gslbctl orders lists them", {}},
                  output);
  campaign.tell_all(id.empty() ? "/v1/orders/end?scope=" + url_encoded(options.scope) + kinds_of(kinds)
                               : "/v1/orders/end?id=" + url_encoded(id));
  return campaign.report_all(true);
}

Exit list_orders(const Connection& connection, const Output& output, bool ended) {
  const auto answer = ask(connection, "GET", ended ? "/v1/orders?ended=1" : "/v1/orders");
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  const auto& body = std::get<std::string>(answer);
  if (output.json) {
    std::cout << body << std::flush;
    return Exit::ok;
  }
  const auto orders = orders_from_json(body);
  if (!orders) return report({Exit::failed, orders.error().what, {}, {}}, output);
  std::cout << render_orders(*orders, base::wall_now(), output.color) << std::flush;
  return Exit::ok;
}

Exit show_events(const Connection& connection, const EventOptions& options, const Output& output) {
  std::string filter;
  if (!options.since.empty()) {
    const auto since = config::parse_duration(options.since);
    if (!since)
      return report({Exit::usage, "--since: \"" + options.since + "\" is no duration", "such as 10m or 1h", {}},
                    output);
    filter += "&since=" + std::to_string(std::chrono::ceil<std::chrono::seconds>(*since).count());
  }
  if (!options.service.empty()) filter += "&service=" + url_encoded(options.service);
  if (!options.site.empty()) filter += "&site=" + url_encoded(options.site);
  stop_on_interrupt();
  std::uint64_t last = 0;
  for (;;) {
    const auto answer = ask(connection, "GET", "/v1/events?after=" + std::to_string(last) + filter);
    if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
    const auto& body = std::get<std::string>(answer);
    const auto events = events_from_json(body);
    if (!events) return report({Exit::failed, events.error().what, {}, {}}, output);
    if (output.json && (!options.follow || !events->events.empty())) std::cout << body << std::flush;
    if (!output.json) std::cout << render_events(events->events, output.color) << std::flush;
    if (!options.follow) return Exit::ok;
    last = events->last;
    if (pause_for(poll)) return Exit::ok;
  }
}

Exit probe_target(const Connection& connection, const std::string& target, const std::string& from,
                  const Output& output) {
  const auto answer = ask(connection, "POST", "/v1/probe?target=" + url_encoded(target) + "&from=" + url_encoded(from));
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  const auto& body = std::get<std::string>(answer);
  const auto probes = probes_from_json(body);
  if (!probes) return report({Exit::failed, probes.error().what, {}, {}}, output);
  std::cout << (output.json ? body : render_probes(*probes, output.color)) << std::flush;
  return std::ranges::all_of(*probes, &ProbeView::ok) ? Exit::ok : Exit::failed;
}

}  // namespace gslb::control
