// server/loader.hpp: a configuration file to a Snapshot, with all errors as text for people. Builder thread, or at
// start.
#pragma once

#include <memory>
#include <string>

#include "config/config.hpp"
#include "control/config_views.hpp"
#include "control/reasons.hpp"
#include "engine/compile.hpp"
#include "engine/generation.hpp"
#include "net/tls_server.hpp"
#include "server/challenge_keeper.hpp"
#include "server/signature_keeper.hpp"
#include "server/zone_key_ring.hpp"

namespace gslb::server {

/// Of a configuration (config::Config::hash) with the files it names; one that is gone meanwhile counts as empty.
std::uint64_t hash_of_files(const config::Config& config);

struct Loaded {
  std::shared_ptr<const config::Config> config;  ///< null if the file could not be read or has mistakes
  engine::SnapshotPtr snapshot;                  ///< null if there were errors
  bool refused = false;                          ///< nothing is wrong with the files, but too many clients would move
  std::vector<SignedZone> signed_zones;          ///< those of the snapshot that have `dnssec`
  std::shared_ptr<const net::TlsServer> tls;     ///< null if the configuration has none
  std::string errors;                            ///< as `gslbctl check` prints them
  std::string difference;                        ///< as JSON, where refuse_larger_move() refused it
  control::ConfigPushOutcome judged;             ///< of judge_push()
  std::vector<std::string> warnings;             ///< of a configuration without errors, one line each
};

/// @param configuration  the number the snapshot will have
/// @param tickets        of all configurations of this process
/// @param hosts          what is known of endpoints that are hosts
/// @param signatures     of all configurations of this process; null where keys_of is empty
/// @param keys_of        what zones are signed with; empty: nothing is signed, for a check
/// @param running        what new databases are judged by; null judges nothing
/// @param challenges     that are set; null: none
/// @param pushed         see config::load()
Loaded load(const std::string& path, std::uint64_t configuration, engine::SiteRegister& sites,
            std::shared_ptr<net::TicketKeys> tickets, health::HostAddresses hosts = {},
            SignatureKeeper* signatures = nullptr, engine::KeysOf keys_of = {},
            const engine::SnapshotPtr& running = nullptr, ChallengeKeeper* challenges = nullptr,
            const std::string& pushed = {});

/// Takes the snapshot away, and says why in `errors` and as JSON in `difference`, if a larger part of a service's
/// clients than `most` would get other addresses than from what runs.
void refuse_larger_move(Loaded& loaded, const control::Present& running, double most);

/// Asks of a pushed configuration what people would: do its tests pass, what is proven of it, who moves. Takes the
/// snapshot away if it must not be used, and says all in `judged`.
void judge_push(Loaded& loaded, const control::Present& running, const control::ConfigPush& push);

/// The directory for state, made if need be; "" if there is none to be had (a warning is logged) or none is wanted.
std::string usable_state_directory(const config::ServerSpec& spec);

}  // namespace gslb::server
