// gslbctl: the operator's tool. Words to verbs; what they do is in ctl_verbs.cpp.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "control/ctl_verbs.hpp"

using gslb::control::Connection;
using gslb::control::Exit;
using gslb::control::Output;

namespace {

struct Options {
  std::string socket = "/run/gslb/control.sock";
  double timeout = 0;  // seconds; 0: as the verb needs
  bool json = false;
  std::string color = "auto";
  double watch = 0;
  std::string service;
  std::string file;
};

bool wants_color(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

/// Verbs and options are declared in one place; main() only looks at which verb was parsed.
struct CommandLine {
  Options options;
  CLI::App app{"Asks and directs a running gslbd over its control socket."};
  CLI::App* status = nullptr;
  CLI::App* states = nullptr;
  CLI::App* reload = nullptr;
  CLI::App* check = nullptr;
  CLI::App* version = nullptr;
  CLI::Option* watch = nullptr;

  CommandLine() {
    app.name("gslbctl");
    app.fallthrough();
    app.allow_extras();
    app.add_option("--socket", options.socket, "control socket of the server")
        ->envname("GSLB_SOCKET")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_option("--timeout", options.timeout, "how long to wait for an answer (default 10, reload 120)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.01, 86400.0));
    app.add_flag("--json", options.json, "the same facts as JSON");
    app.add_option("--color", options.color, "auto: on a terminal, unless NO_COLOR is set")
        ->type_name("auto|always|never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    app.footer(
        "Exit codes: 0 ok, 1 failed, 2 usage, 3 not running, 4 configuration invalid, 5 refused, 6 timeout.\n"
        "\n"
        "Examples:\n"
        "  gslbctl status                 is it serving, and which sites are up?\n"
        "  gslbctl states www             each endpoint of www, and why\n"
        "  gslbctl check gslb.yaml && gslbctl reload");

    status = verb("status", "is it serving, what, and which sites are up",
                  "  gslbctl status\n"
                  "  gslbctl status --watch         again every second, until Ctrl-C\n"
                  "  gslbctl status --watch 5\n"
                  "  gslbctl --json status          for scripts");
    watch = status->add_option("--watch", options.watch, "show it again every so many seconds (default 1)")
                ->type_name("[SECONDS]")
                ->expected(0, 1)
                ->default_str("1")
                ->check(CLI::Range(0.05, 86400.0));
    states = verb("states", "verdict and weight of every endpoint, and why",
                  "  gslbctl states                 all services\n"
                  "  gslbctl states www             by the first label of the name\n"
                  "  gslbctl states www.gslb.example.org");
    states->add_option("SERVICE", options.service, "name, or its first labels; all services if left out");
    reload = verb("reload", "load the configuration anew; if it has errors, what runs goes on",
                  "  gslbctl reload\n"
                  "  gslbctl reload --timeout 300   a large configuration");
    check = verb("check", "all errors of a configuration file, without a server",
                 "  gslbctl check gslb.yaml\n"
                 "  gslbctl --json check gslb.yaml");
    check->add_option("FILE", options.file, "main file; what it includes is read too")->required();
    version = verb("version", "the version of this program", "  gslbctl version");
  }

  CLI::App* verb(const char* name, const char* does, const std::string& examples) {
    CLI::App* sub = app.add_subcommand(name, does);
    sub->footer("Examples:\n" + examples);
    return sub;
  }

  /// What could have been meant by a word that is neither verb nor option.
  std::string near(const std::string& word) {
    std::vector<std::string> candidates;
    const auto add_options = [&candidates](const CLI::App& of) {
      for (const CLI::Option* option : of.get_options()) {
        for (const std::string& name : option->get_lnames()) candidates.push_back("--" + name);
      }
    };
    if (word.rfind('-', 0) == 0) {
      add_options(app);
      for (const CLI::App* sub : app.get_subcommands()) add_options(*sub);
    } else {
      for (const CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; }))
        candidates.push_back(sub->get_name());
    }
    return gslb::base::nearest_word(word.substr(0, word.find('=')), candidates);
  }
};

Exit misused(const std::string& what, const std::string& near) {
  std::cerr << "gslbctl: " << what << (near.empty() ? "" : "; did you mean \"" + near + "\"?") << "\n"
            << "  see gslbctl --help\n";
  return Exit::usage;
}

Exit misused(CommandLine& line, const std::string& word) {
  const bool option = word.rfind('-', 0) == 0;
  const bool verb = !option && line.app.get_subcommands().empty();
  const std::string what = option ? "there is no option " : verb ? "there is no verb " : "one word too many: ";
  return misused(what + "\"" + word + "\"", option || verb ? line.near(word) : "");
}

Exit run(const CommandLine& line) {
  const Options& options = line.options;
  const Output output{options.json, wants_color(options.color)};
  const double usual = line.reload->parsed() ? 120 : 10;
  const double seconds = options.timeout > 0 ? options.timeout : usual;
  const Connection connection{options.socket, std::chrono::milliseconds(static_cast<long long>(seconds * 1000))};
  if (line.status->parsed()) {
    if (line.watch->count() == 0) return show_status(connection, output);
    return watch_status(connection, output, std::chrono::milliseconds(static_cast<long long>(options.watch * 1000)));
  }
  if (line.states->parsed()) return show_states(connection, output, options.service);
  if (line.reload->parsed()) return reload(connection, output);
  if (line.check->parsed()) return check_file(options.file, output);
  std::cout << (options.json ? "{\"version\":\"" GSLB_VERSION "\"}\n" : "gslbctl " GSLB_VERSION "\n");
  return Exit::ok;
}

}  // namespace

int main(int argc, char** argv) try {
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return line.app.exit(error);  // --help
    const auto unknown = line.app.remaining(true);
    return static_cast<int>(unknown.empty() ? misused(error.what(), "") : misused(line, unknown[0]));
  }
  if (const auto unknown = line.app.remaining(true); !unknown.empty())
    return static_cast<int>(misused(line, unknown[0]));
  if (line.app.get_subcommands().empty()) {
    std::cerr << line.app.help();
    return static_cast<int>(Exit::usage);
  }
  if (line.app.get_subcommands().size() > 1) return static_cast<int>(misused("one verb at a time", ""));
  return static_cast<int>(run(line));
} catch (const std::exception& error) {
  std::cerr << "gslbctl: " << error.what() << "\n";
  return static_cast<int>(Exit::failed);
}
