// The control API's answers about orders of people, events, and probes on demand.
#include <charconv>

#include "control/api_request.hpp"
#include "control/json.hpp"
#include "control/order_json.hpp"
#include "control/order_preview.hpp"
#include "control/probe_json.hpp"

namespace gslb::control {

namespace {

/// A whole number, or nothing.
std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t out = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return out;
}

std::string author_of(const Request& request) { return request.peer.empty() ? "somebody" : request.peer.front(); }

void carry_out(const Request& request, const OrderRequest& order) {
  request.instance.order(order, [reply = request.reply](const OrderOutcome& outcome) {
    if (outcome.refused != 0) return reply(refusal(outcome.refused, outcome.what, outcome.hint));
    reply(response(200, to_json(outcome)));
  });
}

/// "7", or "7@fra-1".
bool names_order(const std::string& text) { return number(text.substr(0, text.find('@'))).has_value(); }

}  // namespace

void list_orders(const Request& request) {
  std::vector<OrderView> orders = request.instance.orders();
  if (parameter(request.query, "ended") != "1")
    std::erase_if(orders, [](const OrderView& view) { return view.order.ended.has_value(); });
  request.reply(response(200, to_json(orders)));
}

void give_order(const Request& request) {
  OrderRequest order;
  const std::string kind_text = parameter(request.query, "kind");
  const auto kind = health::parse_order_kind(kind_text);
  if (!kind)
    return request.reply(
        refusal(400, "\"" + kind_text + "\" is no kind of order", "failback, hold, up, drain or down"));
  order.kinds = {*kind};
  order.scope = parameter(request.query, "scope");
  order.reason = parameter(request.query, "reason");
  order.author = author_of(request);
  order.force = parameter(request.query, "force") == "1";
  const std::string lasts = parameter(request.query, "for");
  if (lasts != "forever") {
    const auto seconds = number(lasts);
    constexpr std::uint64_t longest = std::uint64_t{366} * 24 * 3600;
    if (!seconds || *seconds == 0 || *seconds > longest)
      return request.reply(
          refusal(400, "how long? \"" + lasts + "\" is no number of seconds up to a year", "for=7200, or for=forever"));
    order.lasts = std::chrono::seconds(*seconds);
  }
  if (order.reason.empty()) return request.reply(refusal(400, "an order needs a reason", "reason=kernel%20update"));
  carry_out(request, order);
}

void end_order(const Request& request) {
  OrderRequest order;
  order.author = author_of(request);
  if (const std::string text = parameter(request.query, "id"); !text.empty()) {
    if (!names_order(text))
      return request.reply(refusal(400, "\"" + text + "\" is no number of an order", "gslbctl orders lists them"));
    order.verb = OrderRequest::Verb::end;
    order.id = text;
    return carry_out(request, order);
  }
  order.verb = OrderRequest::Verb::end_scope;
  order.scope = parameter(request.query, "scope");
  for (const std::string& text : parameters(request.query, "kind")) {
    const auto kind = health::parse_order_kind(text);
    if (!kind) return request.reply(refusal(400, "\"" + text + "\" is no kind of order", "hold, up, drain or down"));
    order.kinds.push_back(*kind);
  }
  if (order.kinds.empty()) return request.reply(refusal(400, "which order?", "id=7, or kind=drain&scope=fra"));
  carry_out(request, order);
}

void preview_order(const Request& request) {
  tell(request, [](const Present& now, const Parameters& asked) { return tell_order(now, asked); });
}

void events(const Request& request) {
  health::EventFilter filter;
  if (const std::string text = parameter(request.query, "after"); !text.empty()) {
    const auto after = number(text);
    if (!after) return request.reply(refusal(400, "\"" + text + "\" is no number of an event", "after=4711"));
    filter.after = *after;
  }
  if (const std::string text = parameter(request.query, "since"); !text.empty()) {
    const auto seconds = number(text);
    if (!seconds || *seconds > 1'000'000'000)
      return request.reply(refusal(400, "\"" + text + "\" is no number of seconds", "since=3600: of the last hour"));
    filter.since = base::wall_now() - std::chrono::seconds(*seconds);
  }
  filter.service = parameter(request.query, "service");
  filter.site = parameter(request.query, "site");
  const auto [found, last] = request.instance.events(filter);
  request.reply(response(200, events_to_json(found, last)));
}

void probe_now(const Request& request) {
  const std::string from = parameter(request.query, "from");
  request.instance.probe_now(
      parameter(request.query, "target"), from.empty() ? "all" : from,
      [reply = request.reply](const base::Result<std::vector<ProbeView>>& probes) {
        if (!probes)
          return reply(refusal(404, probes.error().what, "gslbctl states lists targets, gslbctl status the vantages"));
        reply(response(200, to_json(*probes)));
      });
}

}  // namespace gslb::control
