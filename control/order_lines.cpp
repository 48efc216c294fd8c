#include "control/order_lines.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "control/json.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

std::string count(std::size_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

std::string end_of(const health::Order& order, base::WallTime now) {
  if (order.ended) {
    const std::string how = order.ended_by.empty() ? "expired" : "ended by " + order.ended_by;
    return how + " " + base::human_duration(std::max(base::Duration{}, now - *order.ended)) + " ago";
  }
  if (!order.expires) return "until somebody ends it";
  return base::human_duration(std::max(base::Duration{}, *order.expires - now)) + " left";
}

const char* verb_of(health::OrderKind kind) {
  switch (kind) {
    case health::OrderKind::failback:
      return "failback";
    case health::OrderKind::hold:
      return "automation off";
    case health::OrderKind::up:
      return "force up";
    case health::OrderKind::drain:
      return "drain";
    case health::OrderKind::down:
      return "force down";
  }
  return "";
}

bool takes_out(health::OrderKind kind) { return kind == health::OrderKind::drain || kind == health::OrderKind::down; }

/// What one order does from now on.
std::string given_line(const OrderView& view, base::WallTime now) {
  const health::Order& order = view.order;
  std::string out = "order " + std::to_string(order.id) + ": " + base::printable(health::to_string(order.scope)) + " " +
                    base::printable(health::describe(order, now));
  if (order.ended)
    out = "order " + std::to_string(order.id) + " (" + verb_of(order.kind) + " " +
          base::printable(health::to_string(order.scope)) + ") has ended";
  out.append("; it reaches ").append(count(view.endpoints, "address", "addresses"));
  return out.append(" of ").append(count(view.services, "service", "services")).append("\n");
}

std::string after_line(const OrderView& view) {
  const health::Order& order = view.order;
  if (order.ended) {
    return takes_out(order.kind) ? "what is up comes back after `rise` intervals, through slow start\n" : "";
  }
  if (!takes_out(order.kind) || view.ttl <= base::Duration{}) return "";
  return "old answers live " + base::human_duration(view.ttl) + " (TTL); --wait says when it is safe to work\n";
}

std::string evidence_line(const health::Evidence& one, bool color) {
  std::string line = "    " + rfc3339(one.when) + "  " + (one.voided ? "void  " : one.ok ? "pass  " : "fail  ");
  line.append(base::human_duration(one.latency)).append("  ").append(base::printable(one.phase));
  line.append("  ").append(base::printable(one.detail));
  if (const std::string times = health::to_string(one.times); !times.empty()) line += "  (" + times + ")";
  return colored(line, one.ok ? Tone::faint : Tone::plain, color) + "\n";
}

}  // namespace

std::string render_outcomes(const std::vector<NodeOutcome>& nodes, base::WallTime now) {
  std::string out;
  std::size_t done = 0;
  const NodeOutcome* first = nullptr;
  for (const NodeOutcome& node : nodes) {
    if (!node.ok) continue;
    ++done;
    if (first == nullptr) first = &node;
    if (!node.outcome.warning.empty())
      out.append("warning: ").append(base::printable(node.outcome.warning)).append("\n");
  }
  if (first == nullptr) return out;
  for (const OrderView& view : first->outcome.orders) out += given_line(view, now);
  if (!first->outcome.orders.empty()) out += after_line(first->outcome.orders.front());
  out.append("took effect on ").append(std::to_string(done)).append(" of ");
  return out.append(count(nodes.size(), "node", "nodes")).append("\n");
}

std::string render_failures(const std::vector<NodeOutcome>& nodes) {
  std::string out;
  for (const NodeOutcome& node : nodes) {
    if (node.ok) continue;
    out.append("not on ")
        .append(base::printable(node.node))
        .append(": ")
        .append(base::printable(node.error))
        .append("\n");
    if (!node.hint.empty()) out.append("  ").append(base::printable(node.hint)).append("\n");
  }
  return out;
}

std::string render_orders(const std::vector<OrderView>& orders, base::WallTime now, bool color) {
  if (orders.empty()) return "no order holds\n";
  Table table({{"order", true}, {"what"}, {"whom"}, {"addresses", true}, {"by"}, {"given"}, {"ends"}, {"reason"}});
  for (const OrderView& view : orders) {
    const health::Order& order = view.order;
    const Tone tone = order.ended                                                      ? Tone::faint
                      : takes_out(order.kind) || order.kind == health::OrderKind::hold ? Tone::warning
                                                                                       : Tone::plain;
    table.add({{order.node.empty() ? std::to_string(order.id) : std::to_string(order.id) + "@" + order.node, tone},
               {verb_of(order.kind), tone},
               {health::to_string(order.scope)},
               {std::to_string(view.endpoints)},
               {order.author},
               {base::human_duration(std::max(base::Duration{}, now - order.given)) + " ago"},
               {end_of(order, now)},
               {order.reason + (order.forced ? " (against a safety rule)" : "")}});
  }
  return table.render(color);
}

std::string render_events(const std::vector<health::Event>& events, bool color) {
  std::string out;
  for (const health::Event& event : events) {
    out.append(rfc3339(event.when)).append("  ").append(std::to_string(event.id)).append("  ");
    out.append(base::printable(event.what)).append("\n");
    for (const health::Evidence& one : event.evidence) out += evidence_line(one, color);
    if (!event.after.empty()) out += "    and then\n";
    for (const health::Evidence& one : event.after) out += evidence_line(one, color);
  }
  return out;
}

std::string render_probes(const std::vector<ProbeView>& probes, bool color) {
  Table table({{"vantage"}, {"address"}, {"outcome"}, {"took", true}, {"ended in"}, {"what"}, {"monitor"}});
  for (const ProbeView& probe : probes) {
    table.add({{probe.vantage},
               {probe.address},
               {probe.voided ? "void"
                : probe.ok   ? "pass"
                             : "fail",
                probe.ok ? Tone::good : Tone::bad},
               {base::human_duration(probe.latency)},
               {probe.phase},
               {probe.detail},
               {probe.monitor}});
  }
  return table.render(color);
}

void DrainWatch::see(const OrderView& order, base::SteadyTime now) {
  ttl_ = std::max(ttl_, order.ttl);
  tail_ = std::max(tail_, order.tail.value_or(base::Duration{}));
  connections_ = order.connections;
  requests_ = order.requests;
  if (!order.answers) {
    answers_.reset();
    return;
  }
  if (answers_ && *order.answers != *answers_) {
    const double time = std::chrono::duration<double>(now - seen_.value_or(last_)).count();
    rate_ = time > 0 && *order.answers > *answers_ ? static_cast<double>(*order.answers - *answers_) / time : 0;
    last_ = now;
  } else {
    rate_ = 0;
  }
  answers_ = order.answers;
  seen_ = now;
}

std::string DrainWatch::line(base::SteadyTime now) const {
  const base::Duration left = std::chrono::ceil<std::chrono::seconds>(std::max(base::Duration{}, safe_in(now)));
  std::string out = base::printable(node_) + ": ";
  if (answers_) {
    out.append("answers to it ")
        .append(base::with_thousands(static_cast<std::uint64_t>(std::llround(rate_))))
        .append("/s; ");
  } else {
    out.append("its sites are also answered for others; ");
  }
  const auto whole = [](double number) {
    return base::with_thousands(static_cast<std::uint64_t>(std::llround(number)));
  };
  if (connections_) out.append(whole(*connections_)).append(" connections at its balancer; ");
  if (requests_) out.append(whole(*requests_)).append(" requests/s there; ");
  if (tail_ > ttl_)
    out.append("clients came for ")
        .append(base::human_duration(std::chrono::ceil<std::chrono::seconds>(tail_)))
        .append(" last time; ");
  return out.append("safe in ").append(base::human_duration(left)).append(rate_ > 0 ? " at the earliest\n" : "\n");
}

}  // namespace gslb::control
