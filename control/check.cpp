#include "control/check.hpp"

#include "base/text.hpp"
#include "config/config.hpp"
#include "engine/compile.hpp"
#include "net/tls_server.hpp"

namespace gslb::control {

namespace {

std::string count(std::size_t number, const std::string& one, const std::string& many) {
  return base::with_thousands(number) + " " + (number == 1 ? one : many);
}

std::string summary_of(const config::Config& config) {
  std::size_t services = 0;
  for (const auto& zone : config.zones) services += zone.services.size();
  return count(config.zones.size(), "zone", "zones") + ", " + count(services, "service", "services") + ", " +
         count(config.sites.size(), "site", "sites") + ", " + count(config.monitors.size(), "monitor", "monitors") +
         ", " + count(config.policies.size(), "policy", "policies");
}

}  // namespace

Compiled compile_file(const std::string& file) {
  base::ErrorList errors;
  engine::SnapshotPtr snapshot;
  if (const auto config = config::load(file, errors)) snapshot = engine::compile(*config, {}, errors);
  return {std::move(snapshot), errors.all(), errors.warnings()};
}

CheckResult check(const std::string& file) {
  base::ErrorList errors;
  const auto config = config::load(file, errors);
  if (config) {
    static_cast<void>(engine::compile(*config, {}, errors));
    if (const auto& tls = config->server.tls)
      static_cast<void>(net::TlsServer::load(tls->certificate, tls->key, std::make_shared<net::TicketKeys>(), errors));
  }
  return {errors.all(), errors.warnings(), errors.empty() ? summary_of(*config) : std::string()};
}

}  // namespace gslb::control
