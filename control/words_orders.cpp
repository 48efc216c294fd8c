// The verbs of gslbctl with which people order, and ask what happened: drain, undrain, force, automation, orders,
// events, probe, push.
#include <memory>

#include "control/ctl_orders.hpp"
#include "control/ctl_push.hpp"
#include "control/words.hpp"

namespace gslb::control {

namespace {

using health::OrderKind;

void add_servers(CLI::App* sub, OrderOptions& options) {
  sub->add_option("--server", options.sockets, "control socket of each server (default: that of --socket)")
      ->type_name("PATH")
      ->allow_extra_args(false);
}

/// A verb that gives an order.
CLI::App* add_giving(Words& words, CLI::App* of, const char* name, const char* does, const std::string& examples,
                     OrderKind kind, const std::shared_ptr<OrderOptions>& options) {
  CLI::App* sub = words.verb(of, name, does, examples, [options, kind](const Asked& asked) {
    return give_orders(asked.connection, *options, kind, asked.output);
  });
  sub->add_option("--for", options->lasts, "how long; then it ends by itself: 30m, 2h, 1d")->type_name("DURATION");
  sub->add_flag("--forever", options->forever, "until somebody ends it");
  sub->add_option("--reason", options->reason, "why, for those who wonder")->type_name("TEXT");
  add_servers(sub, *options);
  return sub;
}

CLI::App* add_whom(CLI::App* sub, OrderOptions& options) {
  sub->add_option("WHOM", options.scope,
                  "ADDRESS, SITE, SERVICE or SERVICE/SITE; * and ? stand for any text, any character")
      ->required();
  return sub;
}

void add_safety(CLI::App* sub, OrderOptions& options) {
  sub->add_flag("--force", options.force, "also against a safety rule (assert)");
  sub->add_flag("--dry-run", options.dry_run, "only say whom it would reach and who would move");
}

void add_drains(Words& words) {
  const auto options = std::make_shared<OrderOptions>();
  CLI::App* drain =
      add_giving(words, nullptr, "drain", "no new answers to an address, a site or a service, from now on",
                 "  gslbctl drain fra --for 2h --reason \"kernel update\"\n"
                 "  gslbctl drain www/fra --for 30m --reason \"new release\" --wait\n"
                 "  gslbctl drain 192.0.2.10 --dry-run       who would move?\n"
                 "  gslbctl orders                           what holds now",
                 OrderKind::drain, options);
  add_whom(drain, *options);
  add_safety(drain, *options);
  drain->add_flag("--wait", options->wait, "return when it is safe: no client should have an old answer any more");
  const auto end = std::make_shared<OrderOptions>();
  CLI::App* undrain = words.verb(
      nullptr, "undrain", "ends a drain; what is up comes back slowly",
      "  gslbctl undrain fra\n"
      "  gslbctl undrain 7              the order of this number",
      [end](const Asked& asked) { return end_orders(asked.connection, *end, {OrderKind::drain}, asked.output); });
  add_whom(undrain, *end);
  add_servers(undrain, *end);
}

void add_force(Words& words) {
  CLI::App* group = words.group("force", "up or down whatever the probes say, and back to what they say",
                                "  gslbctl force down 192.0.2.10 --for 1h --reason \"serves errors\"\n"
                                "  gslbctl force auto 192.0.2.10");
  const auto up = std::make_shared<OrderOptions>();
  add_safety(add_whom(add_giving(words, group, "up", "is answered, whatever the probes say",
                                 "  gslbctl force up www/fra --for 1h --reason \"the health page is broken\"",
                                 OrderKind::up, up),
                      *up),
             *up);
  const auto down = std::make_shared<OrderOptions>();
  add_safety(
      add_whom(add_giving(words, group, "down", "is not answered, and comes last if nothing else is left",
                          "  gslbctl force down www/fra --for 1h --reason \"serves errors\"", OrderKind::down, down),
               *down),
      *down);
  const auto end = std::make_shared<OrderOptions>();
  CLI::App* automatic =
      words.verb(group, "auto", "ends `force up` and `force down`: the probes decide again",
                 "  gslbctl force auto www/fra\n"
                 "  gslbctl force auto 7           the order of this number",
                 [end](const Asked& asked) {
                   return end_orders(asked.connection, *end, {OrderKind::up, OrderKind::down}, asked.output);
                 });
  add_whom(automatic, *end);
  add_servers(automatic, *end);
}

void add_failback(Words& words) {
  const auto options = std::make_shared<OrderOptions>();
  options->lasts = "1h";  // long enough for nodes that are away; those that come later ask the others
  options->reason = "clients go back";
  CLI::App* sub =
      words.verb(nullptr, "failback", "lets clients go back to a better tier that `failback` keeps them from",
                 "  gslbctl states www             whether something is held, and since when\n"
                 "  gslbctl failback www",
                 [options](const Asked& asked) {
                   OrderOptions of_service = *options;
                   of_service.scope = "service:" + options->scope;
                   return give_orders(asked.connection, of_service, OrderKind::failback, asked.output);
                 });
  sub->add_option("SERVICE", options->scope, "name, or its first labels")->required();
  sub->add_option("--reason", options->reason, "why, for those who wonder")->type_name("TEXT");
  add_servers(sub, *options);
}

void add_automation(Words& words) {
  CLI::App* group = words.group("automation", "whether verdicts change answers",
                                "  gslbctl automation off --for 1h --reason \"network work\"\n"
                                "  gslbctl automation on");
  const auto off = std::make_shared<OrderOptions>();
  off->scope = "*";
  CLI::App* stop = add_giving(words, group, "off", "verdicts stay as they are now; probes go on, and orders hold",
                              "  gslbctl automation off --for 1h --reason \"network work\"\n"
                              "  gslbctl automation off www --for 1h --reason \"its health page lies\"",
                              OrderKind::hold, off);
  stop->add_option("WHOM", off->scope, "SITE, SERVICE or SERVICE/SITE; everything if left out");
  const auto on = std::make_shared<OrderOptions>();
  on->scope = "*";
  CLI::App* start = words.verb(
      group, "on", "ends `automation off`: verdicts act again, at once",
      "  gslbctl automation on\n"
      "  gslbctl automation on www",
      [on](const Asked& asked) { return end_orders(asked.connection, *on, {OrderKind::hold}, asked.output); });
  start->add_option("WHOM", on->scope, "as it was given; everything if left out");
  add_servers(start, *on);
}

void add_orders(Words& words) {
  const auto ended = std::make_shared<bool>(false);
  CLI::App* list =
      words.verb(nullptr, "orders", "what people ordered: by whom, why, until when",
                 "  gslbctl orders\n"
                 "  gslbctl orders --ended         also those that ended within a day\n"
                 "  gslbctl orders end 7",
                 [ended](const Asked& asked) { return list_orders(asked.connection, asked.output, *ended); });
  list->add_flag("--ended", *ended, "also those that ended within a day");
  const auto end = std::make_shared<OrderOptions>();
  CLI::App* sub =
      words.verb(list, "end", "ends the order of this number", "  gslbctl orders end 7",
                 [end](const Asked& asked) { return end_orders(asked.connection, *end, {}, asked.output); });
  sub->add_option("ID", end->scope, "its number: 7, or 7@NODE where two nodes have a 7")->required();
  add_servers(sub, *end);
}

void add_events(Words& words) {
  const auto options = std::make_shared<EventOptions>();
  CLI::App* events =
      words.verb(nullptr, "events", "what happened: verdicts with their evidence, orders, reloads",
                 "  gslbctl events --since 1h\n"
                 "  gslbctl events --site fra --follow\n"
                 "  gslbctl --json events --service www",
                 [options](const Asked& asked) { return show_events(asked.connection, *options, asked.output); });
  events->add_option("--since", options->since, "only of the last so long")->type_name("DURATION");
  events->add_option("--service", options->service, "only of this service: name, first labels, or a pattern");
  events->add_option("--site", options->site, "only of this site, or of those that match a pattern");
  events->add_flag("--follow", options->follow, "go on until Ctrl-C");
}

void add_probe(Words& words) {
  struct Options {
    std::string target;
    std::string from = "all";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* probe = words.verb(
      nullptr, "probe", "probes an address or a service now; no count and no verdict changes",
      "  gslbctl probe 192.0.2.10\n"
      "  gslbctl probe www --from prober-sin\n"
      "  gslbctl probe www/fra --from here",
      [options](const Asked& asked) {
        return probe_target(asked.connection, options->target, options->from, asked.output);
      },
      Words::campaign);
  probe->add_option("WHOM", options->target, "ADDRESS, SITE, SERVICE or SERVICE/SITE")->required();
  probe->add_option("--from", options->from, "from all vantages, only from here, or from the one of this name")
      ->type_name("all|here|VANTAGE")
      ->capture_default_str();
}

void add_push(Words& words) {
  const auto options = std::make_shared<PushOptions>();
  CLI::App* sub = words.verb(nullptr, "push", "tells how a service is that waits for pushes, before its deadline",
                             "  gslbctl push 192.0.2.10 pass\n"
                             "  gslbctl push www/fra fail --note \"no database\"\n"
                             "  gslbctl push 192.0.2.10 warn --monitor disk --note \"91 % full\"",
                             [options](const Asked& asked) { return push(asked.connection, *options, asked.output); });
  sub->add_option("WHOM", options->target, "ADDRESS, SITE, SERVICE or SERVICE/SITE")->required();
  sub->add_option("STATUS", options->status, "pass, warn or fail")
      ->required()
      ->check(CLI::IsMember({"pass", "warn", "fail"}));
  sub->add_option("--note", options->note, "what is the matter, in a few words")->type_name("TEXT");
  sub->add_option("--monitor", options->monitor, "only to the monitor of this name")->type_name("NAME");
  sub->add_option("--server", options->sockets, "control socket of each server (default: that of --socket)")
      ->type_name("PATH")
      ->allow_extra_args(false);
}

}  // namespace

void add_order_words(Words& words) {
  add_drains(words);
  add_force(words);
  add_failback(words);
  add_automation(words);
  add_orders(words);
  add_events(words);
  add_probe(words);
  add_push(words);
}

}  // namespace gslb::control
