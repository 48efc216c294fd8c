// The verbs of gslbctl that give reasons: explain, prove, simulate, diff, shadow.
#include <memory>

#include "control/ctl_reasons.hpp"
#include "control/words.hpp"

namespace gslb::control {

namespace {

struct Supposed {
  std::string config;
  std::vector<std::string> down;
  Parameters parameters;
  Source source(const Asked& asked) const { return {asked.connection, config, down}; }
};

void add_explain(Words& words) {
  const auto options = std::make_shared<Supposed>();
  CLI::App* sub = words.verb(
      nullptr, "explain", "why a client gets the answer it gets",
      "  gslbctl explain www.gslb.example.org --client 198.51.100.0/24\n"
      "  gslbctl explain www.gslb.example.org AAAA --client 2001:db8::/48 --resolver 192.0.2.53\n"
      "  gslbctl explain www.gslb.example.org --client 198.51.100.7 --config gslb.yaml --down fra\n"
      "  gslbctl explain www.gslb.example.org --client 198.51.100.0/24 --why-not iad",
      [options](const Asked& asked) { return explain(options->source(asked), asked.output, options->parameters); });
  Parameters& asks = options->parameters;
  sub->add_option("NAME", asks["name"], "the name that is asked for")->required();
  sub->add_option("TYPE", asks["type"], "A if left out");
  sub->add_option("--client", asks["client"], "the client subnet of the query; an address stands for its /24 or /56")
      ->type_name("IP[/LEN]");
  sub->add_option("--resolver", asks["resolver"],
                  "who sends the query; alone: without client subnet (default: the client)")
      ->type_name("IP");
  sub->add_option("--why-not", asks["why_not"], "the smallest change that would choose this site")->type_name("SITE");
  sub->add_option("--config", options->config, "answer from this configuration file")->type_name("FILE");
  sub->add_option("--down", options->down, "with --config: sites that are down")
      ->type_name("SITE[,...]")
      ->delimiter(',');
}

void add_prove(Words& words) {
  const auto options = std::make_shared<Supposed>();
  CLI::App* sub = words.verb(
      nullptr, "prove", "what holds for every network and every failure of a few sites",
      "  gslbctl prove                            of what runs\n"
      "  gslbctl prove --config gslb.yaml         of a file, without a server\n"
      "  gslbctl prove --config gslb.yaml --failures 2 --candidates 1",
      [options](const Asked& asked) { return prove(options->source(asked), asked.output, options->parameters); },
      Words::slow);
  Parameters& asks = options->parameters;
  sub->add_option("--failures", asks["failures"], "sites that fail at once, 0 to 4 (default 1)")->type_name("K");
  sub->add_option("--candidates", asks["candidates"], "endpoints that must be left for every network (default 1)")
      ->type_name("N");
  sub->add_option("--config", options->config, "prove this configuration file")->type_name("FILE");
}

void add_simulate(Words& words) {
  struct Options : Supposed {
    bool all = false;
    std::string load;
    std::string queries;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* sub = words.verb(
      nullptr, "simulate", "who goes where if sites fail, and which site that is too much for",
      "  gslbctl simulate --down fra                      of what runs\n"
      "  gslbctl simulate --down fra,iad --load traffic.csv --config gslb.yaml\n"
      "  gslbctl simulate --all --load traffic.csv        every failure of one or two sites",
      [options](const Asked& asked) {
        Parameters asks = options->parameters;
        if (options->all) asks["all"] = "1";
        if (!options->queries.empty()) asks["format"] = "queries";
        return simulate(options->source(asked), asked.output, asks,
                        options->queries.empty() ? options->load : options->queries);
      },
      Words::slow);
  sub->add_option("--down", options->parameters["down"], "sites that fail")->type_name("SITE[,...]");
  sub->add_flag("--all", options->all, "every failure of one or two sites, a line each");
  sub->add_option("--load", options->load, "traffic: lines of network,requests/s[,service]")->type_name("FILE");
  sub->add_option("--queries", options->queries, "traffic: a query log, lines of NAME TYPE CLIENT")
      ->type_name("FILE")
      ->excludes("--load");
  sub->add_option("--config", options->config, "simulate this configuration file")->type_name("FILE");
}

void add_diff(Words& words) {
  const auto options = std::make_shared<DiffOptions>();
  CLI::App* sub =
      words.verb(nullptr, "diff", "which clients move from one configuration to another",
                 "  gslbctl diff /etc/gslb/gslb.yaml new.yaml\n"
                 "  gslbctl diff old.yaml new.yaml --max-move 5%     fails only if more of a service moves\n"
                 "  gslbctl diff old.yaml new.yaml --networks        every network that moves",
                 [options](const Asked& asked) { return diff(*options, asked.output); });
  sub->add_option("OLD", options->before, "configuration file")->required();
  sub->add_option("NEW", options->after, "configuration file")->required();
  sub->add_option("--max-move", options->max_move, "how much of a service may move")->type_name("SHARE");
  sub->add_option("--load", options->load, "traffic: lines of network,requests/s[,service]")->type_name("FILE");
  sub->add_flag("--networks", options->networks, "list every network that moves: service, network, from, to, part");
}

void add_shadow(Words& words) {
  const auto options = std::make_shared<ShadowOptions>();
  CLI::App* sub =
      words.verb(nullptr, "shadow", "our answers beside those of the server that answers today",
                 "  gslbctl shadow --against 192.0.2.53 --queries queries.txt --config gslb.yaml\n"
                 "  gslbctl shadow --against 192.0.2.53:5353 --queries queries.txt --config gslb.yaml --rate 10",
                 [options](const Asked& asked) { return shadow(*options, asked.output); });
  sub->add_option("--against", options->server, "the server, which alone is asked, over UDP")
      ->type_name("ADDRESS[:PORT]")
      ->required();
  sub->add_option("--queries", options->queries, "lines of NAME TYPE CLIENT")->type_name("FILE")->required();
  sub->add_option("--config", options->config, "what we would answer from, all up")->type_name("FILE")->required();
  sub->add_option("--rate", options->rate, "most questions a second")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
}

}  // namespace

void add_reason_words(Words& words) {
  add_explain(words);
  add_prove(words);
  add_simulate(words);
  add_diff(words);
  add_shadow(words);
}

}  // namespace gslb::control
