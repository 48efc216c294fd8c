// The verbs of gslbctl about what runs: status, states, feeds, geo, reload, version.
#include <iostream>
#include <memory>

#include "control/words.hpp"

namespace gslb::control {

namespace {

void add_status(Words& words) {
  struct Options {
    double seconds = 0;
    CLI::Option* watch = nullptr;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* status = words.verb(nullptr, "status", "is it serving, what, and which sites are up",
                                "  gslbctl status\n"
                                "  gslbctl status --watch         again every second, until Ctrl-C\n"
                                "  gslbctl status --watch 5\n"
                                "  gslbctl --json status          for scripts",
                                [options](const Asked& asked) {
                                  if (options->watch->count() == 0) return show_status(asked.connection, asked.output);
                                  const std::chrono::duration<double> pause(options->seconds);
                                  return watch_status(asked.connection, asked.output,
                                                      std::chrono::duration_cast<std::chrono::milliseconds>(pause));
                                });
  options->watch = status->add_option("--watch", options->seconds, "show it again every so many seconds (default 1)")
                       ->type_name("[SECONDS]")
                       ->expected(0, 1)
                       ->default_str("1")
                       ->check(CLI::Range(0.05, 86400.0));
}

void add_states(Words& words) {
  const auto service = std::make_shared<std::string>();
  words
      .verb(nullptr, "states", "verdict and weight of every endpoint, and why",
            "  gslbctl states                 all services\n"
            "  gslbctl states www             by the first label of the name\n"
            "  gslbctl states www.gslb.example.org",
            [service](const Asked& asked) { return show_states(asked.connection, asked.output, *service); })
      ->add_option("SERVICE", *service, "name, or its first labels; all services if left out");
}

void add_feeds(Words& words) {
  words.verb(nullptr, "feeds", "what the sites' balancers and registries say, and what weight that leaves",
             "  gslbctl feeds\n"
             "  gslbctl --json feeds",
             [](const Asked& asked) { return show_feeds(asked.connection, asked.output); });
}

void add_geo(Words& words) {
  struct Options {
    std::string address;
    std::string config;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* geo = words.verb(nullptr, "geo", "what is known of an address, from which file and network, and its sites",
                             "  gslbctl geo 198.51.100.7       as the running server knows it\n"
                             "  gslbctl geo 198.51.100.7 --config gslb.yaml       without a server\n"
                             "  gslbctl --json geo 2001:db8::1",
                             [options](const Asked& asked) {
                               return show_geo(asked.connection, asked.output, options->address, options->config);
                             });
  geo->add_option("ADDRESS", options->address, "IPv4 or IPv6")->required();
  geo->add_option("--config", options->config, "answer from this configuration file")->type_name("FILE");
}

void add_reload(Words& words) {
  const auto limits = std::make_shared<ReloadLimits>();
  CLI::App* sub = words.verb(
      nullptr, "reload", "load the configuration anew; if it has errors, what runs goes on",
      "  gslbctl reload\n"
      "  gslbctl reload --timeout 300   a large configuration\n"
      "  gslbctl reload --max-move 5%   not if more of a service's clients would move\n"
      "  gslbctl reload --accept-geo    new databases, though many clients move (geo.canary)",
      [limits](const Asked& asked) { return reload(asked.connection, asked.output, *limits); }, Words::slow);
  sub->add_flag("--accept-geo", limits->accept_geo, "use new databases however many clients they move");
  sub->add_option("--max-move", limits->max_move, "refuse if more of a service's clients would move")
      ->type_name("SHARE");
}

void add_store(Words& words) {
  const char* examples =
      "  gslbctl status                 why the store is refused\n"
      "  gslbctl store accept           after a look at it";
  words.verb(words.group("store", "the store that all name servers share", examples), "accept",
             "believe a store that was wiped or rolled back", examples,
             [](const Asked& asked) { return accept_store(asked.connection, asked.output); });
}

}  // namespace

void add_server_words(Words& words) {
  add_status(words);
  add_states(words);
  add_feeds(words);
  add_geo(words);
  add_reload(words);
  add_store(words);
  words.verb(nullptr, "version", "the version of this program", "  gslbctl version", [](const Asked& asked) {
    std::cout << (asked.output.json ? "{\"version\":\"" GSLB_VERSION "\"}\n" : "gslbctl " GSLB_VERSION "\n");
    return Exit::ok;
  });
}

}  // namespace gslb::control
