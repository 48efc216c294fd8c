// engine/compile.hpp: from what the operator wrote to what a query reads.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "config/config.hpp"
#include "engine/challenges.hpp"
#include "engine/generation.hpp"
#include "engine/signing.hpp"
#include "health/host_addresses.hpp"

namespace gslb::engine {

/// Numbers for site names that stay the same over configurations, for counters. Builder thread.
class SiteRegister {
 public:
  /// The number of a name, a new one if need be; nothing once max_sites names have been seen.
  std::optional<std::uint16_t> number(const std::string& name);

 private:
  std::vector<std::string> names_;
};

struct CompileOptions {
  std::uint64_t configuration = 1;         ///< number of the snapshot to make
  std::uint64_t shared_hash = 0;           ///< of the configuration and its zone files
  std::string geo_image;                   ///< file that keeps the compiled geography; "" keeps none
  dns::CookieSecrets cookies;              ///< where the configuration names no file of secrets
  KeysOf keys_of;                          ///< empty: nothing is signed, so nothing of the snapshot may be served
  zones::SignatureStore* store = nullptr;  ///< wanted where keys_of is there
  zones::ClockReading clock;               ///< that zones are signed by
  SnapshotPtr before;                      ///< what is served by now; null: nothing
  health::HostAddresses hosts;             ///< what is known of endpoints that are hosts
  std::span<const Challenge> challenges;   ///< that are set
  SiteRegister* site_register = nullptr;   ///< null: sites are numbered by their position
};

/// Compiles a configuration that config::load accepted. Slow (parses zone files, walks databases): builder thread.
/// @return the snapshot, or nothing if `errors` got an entry; all errors are reported
[[nodiscard]] SnapshotPtr compile(const config::Config& config, const CompileOptions& options, base::ErrorList& errors);

}  // namespace gslb::engine
