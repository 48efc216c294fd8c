// server/prober_main.cpp: the command line of gslb-prober.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "config/report.hpp"
#include "engine/probe_targets.hpp"
#include "server/prober.hpp"

namespace {

constexpr const char* examples = R"(
Examples:
  gslb-prober --config /etc/gslb/gslb.yaml
  gslb-prober --config gslb.yaml --vantage nrt-1
  gslb-prober --config gslb.yaml --check       # exit 4 and every error if it is invalid
  gslbctl status                               # asks it, over the same control socket

It reads the name servers' own configuration, and of that only what is probed, `vantages` and `vantage`: no zone file,
no database and no key of a zone has to be there. It takes no reports, so it needs no `address` in `vantages`.

Signals: HUP reloads the configuration; TERM and INT end.)";

int check(const std::string& path) {
  gslb::base::ErrorList errors;
  const auto config = gslb::config::load(path, errors);
  if (!config) {
    std::fputs(gslb::config::report(errors).c_str(), stderr);
    return 4;
  }
  std::printf("%s: ok, %zu vantages, %zu targets\n", path.c_str(), config->sharing.vantages.size(),
              gslb::engine::probe_targets(*config, {}).size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"gslb-prober: probes the data centers from one more place, and reports to the name servers",
               "gslb-prober"};
  app.footer(examples);
  gslb::server::ProberOptions options;
  options.config_path = "/etc/gslb/gslb.yaml";
  bool check_only = false;
  app.add_option("-c,--config", options.config_path, "configuration file")->capture_default_str();
  app.add_option("--vantage", options.vantage, "which of `vantages` this is, instead of the configuration's");
  app.add_flag("--check", check_only, "check the configuration and end");
  app.set_version_flag("--version", std::string("gslb-prober ") + GSLB_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  if (check_only) return check(options.config_path);
  return gslb::server::Prober(std::move(options)).run();
}
