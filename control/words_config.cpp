// The verbs of gslbctl about another configuration: config push, config show, config leave.
#include <memory>

#include "control/ctl_config.hpp"
#include "control/words.hpp"

namespace gslb::control {

namespace {

constexpr const char* examples =
    "  gslbctl config push new/gslb.yaml --dry-run       what holds, who would move\n"
    "  gslbctl config push new/gslb.yaml --reason \"gru opens\"\n"
    "  gslbctl config show                               which one runs, and is it on trial\n"
    "  gslbctl config leave                              back to the machine's own files";

void add_push(Words& words, CLI::App* group) {
  const auto options = std::make_shared<PushConfigOptions>();
  CLI::App* push = words.verb(
      group, "push", "try another configuration at one server, then at all; it goes back by itself if it does harm",
      "  gslbctl config push new/gslb.yaml --reason \"gru opens\"\n"
      "  gslbctl config push new/gslb.yaml --max-move 5% --soak 10m --yes\n"
      "  gslbctl config push new/gslb.yaml --server ns1.sock --server ns2.sock       ns1 first",
      [options](const Asked& asked) { return push_config(asked.connection, *options, asked.output); }, Words::slow);
  push->add_option("FILE", options->file, "main file; what it names by relative paths goes with it")->required();
  push->add_option("--server", options->sockets, "control socket of each server, the one that tries it first")
      ->type_name("PATH")
      ->allow_extra_args(false);
  push->add_option("--soak", options->soak, "how long the first is watched")->type_name("DURATION")->default_str("5m");
  push->add_option("--max-move", options->max_move, "refuse if more of a service's clients would move")
      ->type_name("SHARE");
  push->add_option("--reason", options->reason, "why, for those who wonder")->type_name("TEXT");
  push->add_flag("--force", options->force, "also if a test fails, or something holds no more");
  push->add_flag("--dry-run", options->dry_run, "only say what it would do");
  push->add_flag("--yes", options->yes, "without a question");
}

void add_leave(Words& words, CLI::App* group) {
  struct Options {
    std::vector<std::string> sockets;
    std::string reason;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* leave = words.verb(
      group, "leave", "back to the machine's own files; ends a trial",
      "  gslbctl config leave --reason \"wrong weights\"",
      [options](const Asked& asked) {
        return leave_config(asked.connection, options->sockets, options->reason, asked.output);
      },
      Words::slow);
  leave->add_option("--server", options->sockets, "control socket of each server")
      ->type_name("PATH")
      ->allow_extra_args(false);
  leave->add_option("--reason", options->reason, "why, for those who wonder")->type_name("TEXT");
}

}  // namespace

void add_config_words(Words& words) {
  CLI::App* group = words.group("config", "another configuration, tried at one server and then at all", examples);
  add_push(words, group);
  words.verb(group, "show", "which configuration runs, and where it is from", "  gslbctl config show",
             [](const Asked& asked) { return show_config(asked.connection, asked.output); });
  add_leave(words, group);
}

}  // namespace gslb::control
