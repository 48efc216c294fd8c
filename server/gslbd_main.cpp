// server/gslbd_main.cpp: the command line of gslbd.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/log.hpp"
#include "server/loader.hpp"
#include "server/server.hpp"

namespace {

constexpr const char* examples = R"(
Examples:
  gslbd --config /etc/gslb/gslb.yaml
  gslbd --config gslb.yaml --listen 127.0.0.1:5300 --threads 1
  gslbd --config gslb.yaml --check        # exit 4 and every error if it is invalid

Signals: HUP reloads the configuration; TERM and INT end.)";

int check(const std::string& path) {
  gslb::engine::SiteRegister sites;
  const auto loaded = gslb::server::load(path, 1, sites, std::make_shared<gslb::net::TicketKeys>());
  for (const std::string& warning : loaded.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  std::fputs(loaded.errors.c_str(), stderr);
  if (!loaded.snapshot) return 4;
  std::printf("%s: ok, %zu zones, %zu services, %zu sites, %zu targets\n", path.c_str(),
              loaded.snapshot->zones.all().size(), loaded.snapshot->services.size(), loaded.snapshot->sites.size(),
              loaded.snapshot->targets.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "gslbd: an authoritative DNS server that answers with the data centers that are right for each client now",
      "gslbd"};
  app.footer(examples);
  std::string config = "/etc/gslb/gslb.yaml";
  std::vector<std::string> listen;
  gslb::server::ServerOptions options;
  bool check_only = false;
  app.add_option("-c,--config", config, "configuration file")->capture_default_str();
  app.add_option("-l,--listen", listen, "ADDRESS:PORT, instead of the configuration's; may be repeated");
  app.add_option("-t,--threads", options.threads, "datagram workers, instead of the configuration's")
      ->check(CLI::Range(1, 256));
  app.add_option("--vantage", options.vantage, "which of `vantages` this is, instead of the configuration's");
  app.add_flag("--check", check_only, "check the configuration and end");
  app.set_version_flag("--version", std::string("gslbd ") + GSLB_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  options.config_path = config;
  for (const std::string& text : listen) {
    const auto address = gslb::base::parse_socket_address(text);
    if (!address) {
      std::fprintf(stderr, "gslbd: --listen %s: not an address and port, such as 192.0.2.1:53 or [2001:db8::1]:53\n",
                   text.c_str());
      return 2;
    }
    options.listen.push_back(*address);
  }
  if (check_only) return check(config);
  return gslb::server::Server(std::move(options)).run();
}
