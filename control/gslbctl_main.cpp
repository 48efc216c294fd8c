// gslbctl: the operator's tool. Words to verbs; what they do is in ctl_verbs.cpp.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "control/ctl_acme.hpp"
#include "control/ctl_keys.hpp"
#include "control/ctl_reasons.hpp"
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
  std::string address;
  std::string format;
  std::vector<std::string> ns;
  std::string digest = "sha256";
  gslb::control::KeyOrder key;
  std::string zone;
  std::string client;
  gslb::control::AcmeOptions acme;
  std::string config;
  std::vector<std::string> down;
  std::string load;
  std::string queries;
  gslb::control::ReloadLimits reload;
  bool all = false;
  gslb::control::DiffOptions diff;
  gslb::control::ShadowOptions shadow;
  gslb::control::Parameters parameters;
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
  CLI::App* geo = nullptr;
  CLI::App* explain = nullptr;
  CLI::App* prove = nullptr;
  CLI::App* simulate = nullptr;
  CLI::App* diff = nullptr;
  CLI::App* shadow = nullptr;
  CLI::App* reload = nullptr;
  CLI::App* check = nullptr;
  CLI::App* key = nullptr;
  CLI::App* key_status = nullptr;
  CLI::App* key_ds = nullptr;
  CLI::App* key_generate = nullptr;
  CLI::App* key_import = nullptr;
  CLI::App* key_ds_seen = nullptr;
  CLI::App* key_ds_gone = nullptr;
  CLI::App* key_retire = nullptr;
  CLI::App* zone = nullptr;
  CLI::App* zone_check = nullptr;
  CLI::App* zone_export = nullptr;
  CLI::App* acme = nullptr;
  CLI::App* acme_set = nullptr;
  CLI::App* acme_clear = nullptr;
  CLI::App* acme_list = nullptr;
  CLI::App* imports = nullptr;
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
    app.add_option("--timeout", options.timeout, "how long to wait (default 10; reload and zone export 120, acme 60)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.01, 86400.0));
    app.add_flag("--json", options.json, "the same facts as JSON");
    app.add_option("--color", options.color, "auto: on a terminal, unless NO_COLOR is set")
        ->type_name("auto|always|never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    app.footer(
        "Exit codes: 0 ok, 1 failed, 2 usage, 3 not running, 4 configuration invalid, 5 refused, 6 timeout,\n"
        "7 not everything could be carried (import), 10 answers differ (diff, shadow).\n"
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
    geo = verb("geo", "what is known of an address, from which file and network, and its sites",
               "  gslbctl geo 198.51.100.7       as the running server knows it\n"
               "  gslbctl geo 198.51.100.7 --config gslb.yaml       without a server\n"
               "  gslbctl --json geo 2001:db8::1");
    geo->add_option("ADDRESS", options.address, "IPv4 or IPv6")->required();
    geo->add_option("--config", options.config, "answer from this configuration file")->type_name("FILE");
    explain = verb("explain", "why a client gets the answer it gets",
                   "  gslbctl explain www.gslb.example.org --client 198.51.100.0/24\n"
                   "  gslbctl explain www.gslb.example.org AAAA --client 2001:db8::/48 --resolver 192.0.2.53\n"
                   "  gslbctl explain www.gslb.example.org --client 198.51.100.7 --config gslb.yaml --down fra\n"
                   "  gslbctl explain www.gslb.example.org --client 198.51.100.0/24 --why-not iad");
    explain->add_option("NAME", options.parameters["name"], "the name that is asked for")->required();
    explain->add_option("TYPE", options.parameters["type"], "A if left out");
    explain
        ->add_option("--client", options.parameters["client"],
                     "the client subnet of the query; an address stands for its /24 or /56")
        ->type_name("IP[/LEN]");
    explain
        ->add_option("--resolver", options.parameters["resolver"],
                     "who sends the query; alone: without client subnet (default: the client)")
        ->type_name("IP");
    explain->add_option("--why-not", options.parameters["why_not"], "the smallest change that would choose this site")
        ->type_name("SITE");
    offline(explain);
    prove = verb("prove", "what holds for every network and every failure of a few sites",
                 "  gslbctl prove                            of what runs\n"
                 "  gslbctl prove --config gslb.yaml         of a file, without a server\n"
                 "  gslbctl prove --config gslb.yaml --failures 2 --candidates 1");
    prove->add_option("--failures", options.parameters["failures"], "sites that fail at once, 0 to 4 (default 1)")
        ->type_name("K");
    prove
        ->add_option("--candidates", options.parameters["candidates"],
                     "endpoints that must be left for every network (default 1)")
        ->type_name("N");
    prove->add_option("--config", options.config, "prove this configuration file")->type_name("FILE");
    simulate = verb("simulate", "who goes where if sites fail, and which site that is too much for",
                    "  gslbctl simulate --down fra                      of what runs\n"
                    "  gslbctl simulate --down fra,iad --load traffic.csv --config gslb.yaml\n"
                    "  gslbctl simulate --all --load traffic.csv        every failure of one or two sites");
    simulate->add_option("--down", options.parameters["down"], "sites that fail")->type_name("SITE[,...]");
    simulate->add_flag("--all", options.all, "every failure of one or two sites, a line each");
    simulate->add_option("--load", options.load, "traffic: lines of network,requests/s[,service]")->type_name("FILE");
    simulate->add_option("--queries", options.queries, "traffic: a query log, lines of NAME TYPE CLIENT")
        ->type_name("FILE")
        ->excludes("--load");
    simulate->add_option("--config", options.config, "simulate this configuration file")->type_name("FILE");
    diff = verb("diff", "which clients move from one configuration to another",
                "  gslbctl diff /etc/gslb/gslb.yaml new.yaml\n"
                "  gslbctl diff old.yaml new.yaml --max-move 5%     fails only if more of a service moves\n"
                "  gslbctl diff old.yaml new.yaml --networks        every network that moves");
    diff->add_option("OLD", options.diff.before, "configuration file")->required();
    diff->add_option("NEW", options.diff.after, "configuration file")->required();
    diff->add_option("--max-move", options.diff.max_move, "how much of a service may move")->type_name("SHARE");
    diff->add_option("--load", options.diff.load, "traffic: lines of network,requests/s[,service]")->type_name("FILE");
    diff->add_flag("--networks", options.diff.networks,
                   "list every network that moves: service, network, from, to, part");
    shadow = verb("shadow", "our answers beside those of the server that answers today",
                  "  gslbctl shadow --against 192.0.2.53 --queries queries.txt --config gslb.yaml\n"
                  "  gslbctl shadow --against 192.0.2.53:5353 --queries queries.txt --config gslb.yaml --rate 10");
    shadow->add_option("--against", options.shadow.server, "the server, which alone is asked, over UDP")
        ->type_name("ADDRESS[:PORT]")
        ->required();
    shadow->add_option("--queries", options.shadow.queries, "lines of NAME TYPE CLIENT")->type_name("FILE")->required();
    shadow->add_option("--config", options.shadow.config, "what we would answer from, all up")
        ->type_name("FILE")
        ->required();
    shadow->add_option("--rate", options.shadow.rate, "most questions a second")
        ->type_name("N")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    reload = verb("reload", "load the configuration anew; if it has errors, what runs goes on",
                  "  gslbctl reload\n"
                  "  gslbctl reload --timeout 300   a large configuration\n"
                  "  gslbctl reload --max-move 5%   not if more of a service's clients would move\n"
                  "  gslbctl reload --accept-geo    new databases, though many clients move (geo.canary)");
    reload->add_flag("--accept-geo", options.reload.accept_geo, "use new databases however many clients they move");
    reload->add_option("--max-move", options.reload.max_move, "refuse if more of a service's clients would move")
        ->type_name("SHARE");
    check = verb("check", "all errors of a configuration file, without a server",
                 "  gslbctl check gslb.yaml\n"
                 "  gslbctl --json check gslb.yaml");
    check->add_option("FILE", options.file, "main file; what it includes is read too")->required();
    add_key();
    add_zone();
    add_acme();
    imports =
        verb("import", "a configuration out of another program's; says what has no counterpart",
             "  gslbctl import octodns example.org.yaml --zone example.org >gslb.yaml && gslbctl check gslb.yaml\n"
             "  gslbctl import octodns sub.yaml --zone sub.example.org --ns ns1.example.net. --ns ns2.example.net.");
    imports->add_option("FORMAT", options.format, "octodns: a zone file of its YAML provider")
        ->required()
        ->check(CLI::IsMember({"octodns"}));
    imports->add_option("FILE", options.file, "what is imported")->required();
    imports->add_option("--zone", options.zone, "name of the zone")->type_name("NAME")->required();
    imports->add_option("--ns", options.ns, "a name server, where the file names none")->type_name("NAME");
    version = verb("version", "the version of this program", "  gslbctl version");
  }

  void add_key() {
    key = verb("key", "keys of signed zones: what each does and waits for; new ones, the parent's DS",
               "  gslbctl key status\n"
               "  gslbctl key ds example.org");
    key->require_subcommand(1);
    key_status = verb(key, "status", "every key, what it does and what it waits for",
                      "  gslbctl key status                    all signed zones\n"
                      "  gslbctl key status example.org\n"
                      "  gslbctl --json key status             for scripts");
    key_ds = verb(key, "ds", "the DS records that the parent should have now, ready to paste",
                  "  gslbctl key ds example.org\n"
                  "  gslbctl key ds example.org --digest sha384");
    key_ds->add_option("--digest", options.digest, "digest of the DS")
        ->type_name("sha256|sha384")
        ->check(CLI::IsMember({"sha256", "sha384"}))
        ->capture_default_str();
    key_generate = verb(key, "generate", "makes a key; it replaces the one before, step by step",
                        "  gslbctl key generate example.org        a new CSK or KSK\n"
                        "  gslbctl key generate example.org --zsk  a new ZSK");
    key_generate->add_flag("--zsk", options.key.zsk, "a ZSK, in a zone of style ksk+zsk");
    key_import = verb(key, "import", "takes a key in BIND's format into the zone's folder",
                      "  gslbctl key import example.org /srv/keys/Kexample.org.+013+57470");
    key_ds_seen = verb(key, "ds-seen", "says that every server of the parent shows the DS of the new key",
                       "  gslbctl key ds-seen example.org         of the newest key\n"
                       "  gslbctl key ds-seen example.org 57470");
    key_ds_gone = verb(key, "ds-gone", "says that no server of the parent has a DS any more (dnssec.unsign)",
                       "  gslbctl key ds-gone example.org");
    key_retire = verb(key, "retire", "has a key leave: at once if nothing relies on it, else a new one replaces it",
                      "  gslbctl key retire example.org 57470");
    for (CLI::App* sub : {key_status, key_ds}) sub->add_option("ZONE", options.key.zone, "all if left out");
    for (CLI::App* sub : {key_generate, key_import, key_ds_seen, key_ds_gone, key_retire})
      sub->add_option("ZONE", options.key.zone, "name of the zone")->required();
    key_import->add_option("PATH", options.key.path, "of the .key or .private file, on the server")->required();
    key_ds_seen->add_option("TAG", options.key.tag, "of the key; the newest if left out")->check(CLI::Range(0, 65535));
    key_retire->add_option("TAG", options.key.tag, "of the key")->required()->check(CLI::Range(0, 65535));
  }

  void add_zone() {
    zone = verb("zone", "checks a master file; writes a zone as one",
                "  gslbctl zone check example.org.zone\n"
                "  gslbctl zone export gslb.example.org > gslb.example.org.zone");
    zone->require_subcommand(1);
    zone_check = verb(zone, "check", "all errors and oddities of a master file, without a server",
                      "  gslbctl zone check example.org.zone\n"
                      "  gslbctl zone check db.example --zone example.org");
    zone_check->add_option("FILE", options.file, "a whole zone, with its SOA; what it includes is read too")
        ->required();
    zone_check->add_option("--zone", options.zone, "name of the zone (default: where the file's SOA stands)")
        ->type_name("NAME");
    zone_export = verb(zone, "export", "a static copy of a zone for other name servers",
                       "  gslbctl zone export gslb.example.org > gslb.example.org.zone\n"
                       "  gslbctl zone export gslb.example.org --as-client 192.0.2.1\n"
                       "  gslbctl zone export gslb.example.org --config gslb.yaml");
    zone_export->add_option("ZONE", options.zone, "name of the zone")->required();
    zone_export->add_option("--config", options.config, "from a configuration, without a server")->type_name("FILE");
    zone_export
        ->add_option("--as-client", options.client,
                     "steered names as this client gets them now (default: with every endpoint that some client gets "
                     "while all are up)")
        ->type_name("ADDRESS");
  }

  void add_acme() {
    acme = verb("acme", "challenges of ACME DNS-01, for certificates",
                "  gslbctl acme set www.gslb.example.org VALUE\n"
                "  gslbctl acme clear www.gslb.example.org");
    acme->require_subcommand(1);
    acme_set = verb(acme, "set", "answers a CA; returns when every name server of the zone does",
                    "  gslbctl acme set www.gslb.example.org VALUE\n"
                    "  gslbctl acme set www.gslb.example.org VALUE --for 10m\n"
                    "  gslbctl acme set gslb.example.org VALUE --server /run/ns1.sock --server /run/ns2.sock");
    acme_clear = verb(acme, "clear", "takes it away before it expires; returns when no name server shows it",
                      "  gslbctl acme clear www.gslb.example.org VALUE\n"
                      "  gslbctl acme clear www.gslb.example.org        all values");
    acme_list = verb(acme, "list", "what is set, and until when", "  gslbctl acme list");
    for (CLI::App* sub : {acme_set, acme_clear}) {
      sub->add_option("NAME", options.acme.name, "of a service, or the apex of its zone; *. before it means the same")
          ->required();
      sub->add_option("VALUE", options.acme.value, "what the ACME client gives its DNS hook")
          ->required(sub == acme_set);
      sub->add_option("--server", options.acme.sockets, "control socket of each server (default: that of --socket)")
          ->type_name("PATH")
          ->allow_extra_args(false);
      sub->add_option("--ns", options.acme.name_servers,
                      "ask these name servers (default: every NS of the zone, at port 53)")
          ->type_name("ADDRESS[:PORT]")
          ->allow_extra_args(false);
    }
    acme_set->add_option("--for", options.acme.lasts, "how long; then it is gone by itself; at most 7d")
        ->type_name("DURATION")
        ->capture_default_str();
  }

  /// Options of verbs that answer from a file, too.
  void offline(CLI::App* sub) {
    sub->add_option("--config", options.config, "answer from this configuration file")->type_name("FILE");
    sub->add_option("--down", options.down, "with --config: sites that are down")
        ->type_name("SITE[,...]")
        ->delimiter(',');
  }

  CLI::App* verb(const char* name, const char* does, const std::string& examples) {
    return verb(&app, name, does, examples);
  }
  static CLI::App* verb(CLI::App* of, const char* name, const char* does, const std::string& examples) {
    CLI::App* sub = of->add_subcommand(name, does);
    sub->footer("Examples:\n" + examples);
    return sub;
  }

  /// The last verb that was understood; the program itself if none was.
  CLI::App* innermost() {
    CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return at;
  }

  static std::vector<CLI::App*> verbs_of(CLI::App* at) {
    return at->get_subcommands([](CLI::App*) { return true; });
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
      for (const CLI::App* at = innermost(); at != nullptr; at = at->get_parent()) add_options(*at);
    } else {
      for (const CLI::App* sub : verbs_of(innermost())) candidates.push_back(sub->get_name());
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
  const bool verb = !option && !CommandLine::verbs_of(line.innermost()).empty();
  const std::string what = option ? "there is no option " : verb ? "there is no verb " : "one word too many: ";
  return misused(what + "\"" + word + "\"", option || verb ? line.near(word) : "");
}

Exit run_key(const CommandLine& line, const Connection& connection, const Output& output) {
  using Verb = gslb::control::KeyOrder::Verb;
  gslb::control::KeyOrder order = line.options.key;
  if (line.key_status->parsed()) return key_status(connection, output, order.zone);
  if (line.key_ds->parsed()) return key_ds(connection, output, order.zone, line.options.digest);
  order.verb = line.key_generate->parsed()  ? Verb::generate
               : line.key_import->parsed()  ? Verb::import
               : line.key_ds_seen->parsed() ? Verb::ds_seen
               : line.key_ds_gone->parsed() ? Verb::ds_gone
                                            : Verb::retire;
  return key_order(connection, output, order);
}

Exit run(const CommandLine& line) {
  const Options& options = line.options;
  const Output output{options.json, wants_color(options.color)};
  const bool is_campaign = line.acme_set->parsed() || line.acme_clear->parsed();
  const bool slow = line.reload->parsed() || line.zone->parsed() || line.prove->parsed() || line.simulate->parsed();
  const double usual = slow ? 120 : is_campaign ? 60 : 10;
  const double seconds = options.timeout > 0 ? options.timeout : usual;
  const Connection connection{options.socket, std::chrono::milliseconds(static_cast<long long>(seconds * 1000))};
  if (line.status->parsed()) {
    if (line.watch->count() == 0) return show_status(connection, output);
    return watch_status(connection, output, std::chrono::milliseconds(static_cast<long long>(options.watch * 1000)));
  }
  if (line.states->parsed()) return show_states(connection, output, options.service);
  if (line.geo->parsed()) return show_geo(connection, output, options.address, options.config);
  const gslb::control::Source source{connection, options.config, options.down};
  if (line.explain->parsed()) return explain(source, output, options.parameters);
  if (line.prove->parsed()) return prove(source, output, options.parameters);
  if (line.simulate->parsed()) {
    gslb::control::Parameters asked = options.parameters;
    if (options.all) asked["all"] = "1";
    if (!options.queries.empty()) asked["format"] = "queries";
    return simulate(source, output, asked, options.queries.empty() ? options.load : options.queries);
  }
  if (line.diff->parsed()) return diff(options.diff, output);
  if (line.shadow->parsed()) return shadow(options.shadow, output);
  if (line.reload->parsed()) return reload(connection, output, options.reload);
  if (line.check->parsed()) return check_file(options.file, output);
  if (line.key->parsed()) return run_key(line, connection, output);
  if (line.zone_check->parsed()) return check_zone_file(options.file, options.zone, output);
  if (line.acme_list->parsed()) return acme_list(connection, output);
  if (line.acme->parsed()) {
    gslb::control::AcmeOptions acme = options.acme;
    if (acme.sockets.empty()) acme.sockets = {options.socket};
    acme.timeout = connection.timeout;
    return line.acme_set->parsed() ? acme_set(acme, output) : acme_clear(acme, output);
  }
  if (line.zone_export->parsed()) return export_zone(connection, output, options.zone, options.config, options.client);
  if (line.imports->parsed()) return import_file(options.file, {options.zone, options.ns}, output);
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
    CLI::App* verb = line.innermost();
    if (unknown.empty() && error.get_name() == "RequiredError" && !CommandLine::verbs_of(verb).empty()) {
      std::cerr << verb->help();  // a verb that has verbs, alone
      return static_cast<int>(Exit::usage);
    }
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
