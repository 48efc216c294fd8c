#include "server/loader.hpp"

#include <malloc.h>

#include <filesystem>
#include <fstream>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "config/report.hpp"
#include "control/change_view.hpp"
#include "control/json_reasons.hpp"
#include "engine/canary.hpp"
#include "engine/diff.hpp"
#include "server/cookie_keeper.hpp"

namespace gslb::server {

std::string usable_state_directory(const config::ServerSpec& spec) {
  const std::string& path = spec.state.value;
  if (path.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return path;
  base::log_warning("cannot keep state: verdicts and geography will not survive a restart",
                    {{"file.path", path}, {"error.message", error.message()}});
  return {};
}

namespace {

std::vector<SignedZone> signed_zones(const config::Config& config, const engine::Snapshot& snapshot) {
  std::vector<SignedZone> out;
  for (std::size_t i = 0; i < config.zones.size(); ++i) {
    const zones::ZoneSpec& spec = config.zones[i];
    if (!spec.dnssec) continue;
    const zones::Zone& zone = *snapshot.zones.all()[i];
    std::chrono::seconds longest(zone.longest_ttl());
    for (const policy::ServiceSpec& service : spec.services) longest = std::max(longest, service.ttl);
    const zones::Rrset* ns = zone.rrset_of(zone.slot_of(zone.apex()), static_cast<std::uint16_t>(dns::Rtype::NS));
    const auto& signatures = snapshot.signatures[i];
    out.push_back({spec.apex.value, *spec.dnssec, longest, ns != nullptr ? ns->count : std::size_t{0},
                   signatures ? signatures->keys() : nullptr, snapshot.awaits_keys[i] != 0});
  }
  return out;
}

/// Of a configuration with its zone files, a piece at a time; one that is gone meanwhile counts as empty.
std::uint64_t hash_with_zone_files(const config::Config& config) {
  std::uint64_t hash = config.hash;
  std::string piece(std::size_t{1} << 20, '\0');
  for (const zones::ZoneSpec& zone : config.zones) {
    for (const auto& path : zone.files) {
      std::ifstream file(path.value, std::ios::binary);
      do {
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        hash = base::hash_bytes(piece.data(), static_cast<std::size_t>(file.gcount()), hash);
      } while (file);
    }
  }
  return hash;
}

}  // namespace

Loaded load(const std::string& path, std::uint64_t configuration, engine::SiteRegister& sites,
            std::shared_ptr<net::TicketKeys> tickets, health::HostAddresses hosts, SignatureKeeper* signatures,
            engine::KeysOf keys_of, const engine::SnapshotPtr& running, ChallengeKeeper* challenges) {
  Loaded out;
  base::ErrorList errors;
  if (auto config = config::load(path, errors)) {
    out.config = std::make_shared<const config::Config>(std::move(*config));
  }
  if (const auto& config = out.config) {
    const std::string state = usable_state_directory(config->server);
    engine::CompileOptions options;
    options.configuration = configuration;
    options.shared_hash = hash_with_zone_files(*config);
    options.geo_image = state.empty() ? "" : state + "/geo.image";
    options.site_register = &sites;
    if (signatures != nullptr) {
      signatures->open(state);
      options.store = &signatures->store();
      options.clock = signatures->clock();
      options.before = signatures->served();
      options.keys_of = std::move(keys_of);
    }
    options.hosts = std::move(hosts);
    if (challenges != nullptr) {
      challenges->open(state);
      options.challenges = challenges->list();
    }
    options.cookies = keep_cookie_secrets(state, base::wall_now());
    out.snapshot = engine::compile(*config, options, errors);
    if (out.snapshot && options.keys_of) out.signed_zones = signed_zones(*config, *out.snapshot);
    if (const auto& tls = config->server.tls)
      out.tls = net::TlsServer::load(tls->certificate, tls->key, std::move(tickets), errors);
  }
  ::malloc_trim(0);  // the text of large zone files goes back to the system, not into the allocator's reserve
  if (!errors.empty()) {
    out.snapshot = nullptr;
    out.errors = config::report(errors);
  } else {
    for (const base::ConfigError& warning : errors.warnings()) out.warnings.push_back(base::headline(warning));
    if (const auto why = running ? engine::canary_refusal(*running, *out.snapshot) : std::nullopt) {
      out.snapshot = nullptr;
      out.refused = true;
      out.errors = "geo: " + *why + "\n";
    }
  }
  return out;
}

void refuse_larger_move(Loaded& loaded, const control::Present& running, double most) {
  const engine::Difference difference = engine::diff({running.config.get(), running.generation->snapshot.get()},
                                                     {loaded.config.get(), loaded.snapshot.get()});
  if (difference.most_moved() <= most) return;
  loaded.snapshot = nullptr;
  loaded.refused = true;
  loaded.errors = "refused: more moves than allowed\n" + control::render_difference(difference, most);
  loaded.difference = control::to_json(difference, most);
}

}  // namespace gslb::server
