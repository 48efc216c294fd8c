#include "control/check.hpp"

#include "base/text.hpp"
#include "config/config.hpp"
#include "control/policy_tests.hpp"
#include "engine/compile.hpp"
#include "engine/suppose.hpp"
#include "health/sharing/etcd_check.hpp"
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
         ", " + count(config.policies.size(), "policy", "policies") +
         (config.tests.empty() ? "" : ", " + count(config.tests.size(), "test passes", "tests pass"));
}

/// Failed tests become errors. @return why they fail
std::string run_tests(const config::Config& config, const engine::SnapshotPtr& snapshot, base::ErrorList& errors) {
  if (config.tests.empty()) return {};
  Present present;
  present.generation = engine::suppose(snapshot, engine::DownSites(snapshot->sites.size(), false));
  present.config = std::make_shared<const config::Config>(config);
  std::string out;
  for (const FailedTest& test : failed_tests(present)) {
    errors.add(test.error.where, test.error.path, test.error.what, test.error.hint);
    out += base::headline(test.error) + "\n" + test.explanation + "\n";
  }
  return out;
}

}  // namespace

CheckResult check(const std::string& file) {
  base::ErrorList errors;
  const auto config = config::load(file, errors);
  std::string explanations;
  if (config) {
    const engine::SnapshotPtr snapshot = engine::compile(*config, {}, errors);
    if (snapshot && errors.empty()) explanations = run_tests(*config, snapshot, errors);
    if (const auto& tls = config->server.tls)
      static_cast<void>(net::TlsServer::load(tls->certificate, tls->key, std::make_shared<net::TicketKeys>(), errors));
    if (const auto warning = health::store_warning(config->etcd)) errors.warn(config->etcd.where, "etcd", *warning);
  }
  return {errors.all(), errors.warnings(), errors.empty() ? summary_of(*config) : std::string(),
          std::move(explanations)};
}

}  // namespace gslb::control
