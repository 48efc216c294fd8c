#include "server/loader.hpp"

#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/named_files.hpp"
#include "config/report.hpp"
#include "control/change_view.hpp"
#include "control/json_reasons.hpp"
#include "control/policy_tests.hpp"
#include "control/prove_view.hpp"
#include "engine/canary.hpp"
#include "engine/diff.hpp"
#include "engine/prove.hpp"
#include "engine/suppose.hpp"
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

}  // namespace

std::uint64_t hash_of_files(const config::Config& config) {
  std::uint64_t hash = config.hash;
  std::string piece(std::size_t{1} << 20, '\0');
  for (const std::string& path : config::named_files(config)) {
    std::ifstream file(path, std::ios::binary);
    do {
      file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      hash = base::hash_bytes(piece.data(), static_cast<std::size_t>(file.gcount()), hash);
    } while (file);
  }
  return hash;
}

Loaded load(const std::string& path, std::uint64_t configuration, engine::SiteRegister& sites,
            std::shared_ptr<net::TicketKeys> tickets, health::HostAddresses hosts, SignatureKeeper* signatures,
            engine::KeysOf keys_of, const engine::SnapshotPtr& running, ChallengeKeeper* challenges,
            const std::string& pushed) {
  Loaded out;
  base::ErrorList errors;
  if (auto config = config::load(path, errors, pushed)) {
    out.config = std::make_shared<const config::Config>(std::move(*config));
  }
  if (const auto& config = out.config) {
    const std::string state = usable_state_directory(config->server);
    engine::CompileOptions options;
    options.configuration = configuration;
    options.shared_hash = hash_of_files(*config);
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

namespace {

/// What is to hold, does not, and is this configuration's doing. A new service may live at one site.
std::vector<engine::Finding> newly_broken(const engine::Proof& next, const control::Present& running) {
  const engine::Snapshot& snapshot = *running.generation->snapshot;
  const engine::Proof before = engine::prove(*running.config, snapshot, {});
  std::vector<engine::Finding> out;
  for (const engine::Finding& finding : next.findings) {
    const auto same = [&](const engine::Finding& one) {
      return one.kind == finding.kind && one.subject == finding.subject;
    };
    const auto named = [&](const zones::SteeredName& name) { return name.service.name == finding.subject; };
    if (std::ranges::any_of(before.findings, same)) continue;
    if (finding.kind == engine::Finding::Kind::coverage && std::ranges::none_of(snapshot.services, named)) continue;
    out.push_back(finding);
  }
  return out;
}

}  // namespace

void judge_push(Loaded& loaded, const control::Present& running, const control::ConfigPush& push) {
  control::ConfigPushOutcome& out = loaded.judged;
  out.errors = loaded.errors;
  out.refused = loaded.refused;
  if (!loaded.snapshot) return;
  control::Present next;
  next.generation = engine::suppose(loaded.snapshot, engine::DownSites(loaded.snapshot->sites.size(), false));
  next.config = loaded.config;
  const engine::Difference difference = engine::diff({running.config.get(), running.generation->snapshot.get()},
                                                     {loaded.config.get(), loaded.snapshot.get()});
  out.difference = control::render_difference(difference, push.max_move);
  out.most_moved = difference.most_moved();
  const base::SteadyTime begun = base::steady_now();
  const engine::Proof proof = engine::prove(*loaded.config, *loaded.snapshot, {});
  out.proof = control::render_proof(proof, base::steady_now() - begun);
  if (!push.force) {
    for (const engine::Finding& finding : newly_broken(proof, running))
      out.errors += base::printable(finding.subject + ": " + finding.what) + ": it was not so before\n";
    for (const control::FailedTest& test : control::failed_tests(next))
      out.errors += base::headline(test.error) + "\n" + test.explanation + "\n";
    if (!out.errors.empty()) out.errors += "--force pushes in spite of that\n";
  }
  if (push.max_move && out.most_moved > *push.max_move) out.errors += "more moves than allowed\n";
  out.ok = out.errors.empty();
  out.refused = !out.ok;
  if (out.ok) return;
  loaded.snapshot = nullptr;
  loaded.refused = true;
  loaded.errors = out.errors;
}

}  // namespace gslb::server
