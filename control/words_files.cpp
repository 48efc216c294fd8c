// The verbs of gslbctl about files: check, zone, import.
#include <memory>

#include "control/ctl_import.hpp"
#include "control/words.hpp"

namespace gslb::control {

namespace {

void add_check(Words& words) {
  const auto file = std::make_shared<std::string>();
  words
      .verb(nullptr, "check", "all errors of a configuration file, without a server",
            "  gslbctl check gslb.yaml\n"
            "  gslbctl --json check gslb.yaml",
            [file](const Asked& asked) { return check_file(*file, asked.output); })
      ->add_option("FILE", *file, "main file; what it includes is read too")
      ->required();
}

struct ZoneOptions {
  std::string file;
  std::string zone;
  std::string config;
  std::string client;
};

void add_zone_check(Words& words, CLI::App* group) {
  const auto options = std::make_shared<ZoneOptions>();
  CLI::App* sub =
      words.verb(group, "check", "all errors and oddities of a master file, without a server",
                 "  gslbctl zone check example.org.zone\n"
                 "  gslbctl zone check db.example --zone example.org",
                 [options](const Asked& asked) { return check_zone_file(options->file, options->zone, asked.output); });
  sub->add_option("FILE", options->file, "a whole zone, with its SOA; what it includes is read too")->required();
  sub->add_option("--zone", options->zone, "name of the zone (default: where the file's SOA stands)")
      ->type_name("NAME");
}

void add_zone_export(Words& words, CLI::App* group) {
  const auto options = std::make_shared<ZoneOptions>();
  CLI::App* sub = words.verb(
      group, "export", "a static copy of a zone for other name servers",
      "  gslbctl zone export gslb.example.org > gslb.example.org.zone\n"
      "  gslbctl zone export gslb.example.org --as-client 192.0.2.1\n"
      "  gslbctl zone export gslb.example.org --config gslb.yaml",
      [options](const Asked& asked) {
        return export_zone(asked.connection, asked.output, options->zone, options->config, options->client);
      },
      Words::slow);
  sub->add_option("ZONE", options->zone, "name of the zone")->required();
  sub->add_option("--config", options->config, "from a configuration, without a server")->type_name("FILE");
  sub->add_option("--as-client", options->client,
                  "steered names as this client gets them now (default: with every endpoint that some client gets "
                  "while all are up)")
      ->type_name("ADDRESS");
}

void add_import_octodns(Words& words, CLI::App* group) {
  struct Options : config::OctodnsOptions {
    std::string file;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* sub =
      words.verb(group, "octodns", "a zone file of OctoDNS's YAML provider",
                 "  gslbctl import octodns example.org.yaml --zone example.org >gslb.yaml && gslbctl check gslb.yaml\n"
                 "  gslbctl import octodns sub.yaml --zone sub.example.org --ns ns1.example.net. --ns ns2.example.net.",
                 [options](const Asked& asked) { return import_octodns(options->file, *options, asked.output); });
  sub->add_option("FILE", options->file, "what is imported")->required();
  sub->add_option("--zone", options->zone, "name of the zone")->type_name("NAME")->required();
  sub->add_option("--ns", options->ns, "a name server, where the file names none")->type_name("NAME");
}

void add_import_gdnsd(Words& words, CLI::App* group) {
  struct Options {
    std::string folder;
    std::string to;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* sub =
      words.verb(group, "gdnsd", "a configuration folder of gdnsd 3, with its zones",
                 "  gslbctl import gdnsd /etc/gdnsd --to new && gslbctl check new/gslb.yaml\n"
                 "  gslbctl --json import gdnsd /etc/gdnsd         only shows what would be written",
                 [options](const Asked& asked) { return import_gdnsd(options->folder, options->to, asked.output); });
  sub->add_option("FOLDER", options->folder, "that gdnsd's -c names")->required();
  sub->add_option("--to", options->to, "where gslb.yaml and zones/ are written; nothing is written over")
      ->type_name("FOLDER");
}

}  // namespace

void add_file_words(Words& words) {
  add_check(words);
  CLI::App* zone = words.group("zone", "checks a master file; writes a zone as one",
                               "  gslbctl zone check example.org.zone\n"
                               "  gslbctl zone export gslb.example.org > gslb.example.org.zone");
  add_zone_check(words, zone);
  add_zone_export(words, zone);
  CLI::App* imports = words.group("import", "a configuration out of another program's; says what has no counterpart",
                                  "  gslbctl import octodns example.org.yaml --zone example.org >gslb.yaml\n"
                                  "  gslbctl import gdnsd /etc/gdnsd --to new");
  add_import_octodns(words, imports);
  add_import_gdnsd(words, imports);
}

}  // namespace gslb::control
