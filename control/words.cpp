#include "control/words.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "base/source.hpp"

namespace gslb::control {

namespace {

bool wants_color(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

std::vector<CLI::App*> verbs_of(CLI::App* at) {
  return at->get_subcommands([](CLI::App*) { return true; });
}

Exit misuse(const std::string& what, const std::string& near) {
  std::cerr << "gslbctl: " << what << (near.empty() ? "" : "; did you mean \"" + near + "\"?") << "\n"
            << "  see gslbctl --help\n";
  return Exit::usage;
}

Exit show_help(const CLI::App& of) {
  std::cerr << of.help();
  return Exit::usage;
}

}  // namespace

Words::Words() {
  app_.name("gslbctl");
  app_.fallthrough();
  app_.allow_extras();
  app_.add_option("--socket", socket_, "control socket of the server")
      ->envname("GSLB_SOCKET")
      ->type_name("PATH")
      ->capture_default_str();
  app_.add_option("--timeout", timeout_, "how long to wait (default 10; reload and zone export 120, acme 60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 86400.0));
  app_.add_flag("--json", json_, "the same facts as JSON");
  app_.add_option("--color", color_, "auto: on a terminal, unless NO_COLOR is set")
      ->type_name("auto|always|never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app_.footer(
      "Exit codes: 0 ok, 1 failed, 2 usage, 3 not running, 4 configuration invalid, 5 refused, 6 timeout,\n"
      "7 only a part was done (import; orders: not on all\n"
      "nodes), 10 answers differ (diff, shadow).\n"
      "\n"
      "Examples:\n"
      "  gslbctl status                 is it serving, and which sites are up?\n"
      "  gslbctl states www             each endpoint of www, and why\n"
      "  gslbctl check gslb.yaml && gslbctl reload");
}

CLI::App* Words::group(const char* name, const char* does, const std::string& examples) {
  CLI::App* sub = app_.add_subcommand(name, does);
  sub->footer("Examples:\n" + examples);
  sub->require_subcommand(1);
  return sub;
}

CLI::App* Words::verb(CLI::App* of, const char* name, const char* does, const std::string& examples, Deed deed,
                      std::chrono::seconds patience) {
  CLI::App* sub = (of != nullptr ? of : &app_)->add_subcommand(name, does);
  sub->footer("Examples:\n" + examples);
  verbs_.push_back({sub, std::move(deed), patience});
  return sub;
}

/// The last verb that was understood; the program itself if none was.
CLI::App* Words::innermost() {
  CLI::App* at = &app_;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

/// What could have been meant by a word that is neither verb nor option.
std::string Words::near(const std::string& word) {
  std::vector<std::string> candidates;
  const auto add_options = [&candidates](const CLI::App& of) {
    for (const CLI::Option* option : of.get_options()) {
      for (const std::string& name : option->get_lnames()) candidates.push_back("--" + name);
    }
  };
  if (word.rfind('-', 0) == 0) {
    for (const CLI::App* at = innermost(); at != nullptr; at = at->get_parent()) add_options(*at);
  } else {
    for (const CLI::App* sub : verbs_of(innermost())) candidates.push_back(sub->get_name());
  }
  return base::nearest_word(word.substr(0, word.find('=')), candidates);
}

Exit Words::misused(const std::string& word) {
  const bool option = word.rfind('-', 0) == 0;
  const bool verb = !option && !verbs_of(innermost()).empty();
  const std::string what = option ? "there is no option " : verb ? "there is no verb " : "one word too many: ";
  return misuse(what + "\"" + word + "\"", option || verb ? near(word) : "");
}

Asked Words::asked(const Verb& verb) const {
  const auto wanted = std::chrono::milliseconds(static_cast<long long>(timeout_ * 1000));
  const auto timeout = timeout_ > 0 ? wanted : std::chrono::milliseconds(verb.patience);
  return {{socket_, timeout}, {json_, wants_color(color_)}};
}

Exit Words::run(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return static_cast<Exit>(app_.exit(error));  // --help
    const auto unknown = app_.remaining(true);
    CLI::App* verb = innermost();
    // A verb that has verbs, alone.
    if (unknown.empty() && error.get_name() == "RequiredError" && !verbs_of(verb).empty()) return show_help(*verb);
    return unknown.empty() ? misuse(error.what(), "") : misused(unknown[0]);
  }
  if (const auto unknown = app_.remaining(true); !unknown.empty()) return misused(unknown[0]);
  if (app_.get_subcommands().empty()) return show_help(app_);
  if (app_.get_subcommands().size() > 1) return misuse("one verb at a time", "");
  for (const Verb& verb : verbs_) {
    if (verb.app == innermost()) return verb.deed(asked(verb));
  }
  return show_help(*innermost());
}

}  // namespace gslb::control
