#include "server/keepers.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "engine/hosts.hpp"
#include "server/cookie_keeper.hpp"
#include "server/settings.hpp"

namespace gslb::server {

Keepers::Keepers(boost::asio::io_context& control, Republisher::Publish publish)
    : cookie_timer_(control),
      republisher_(builder_, std::move(publish)),
      signatures_(control, republisher_),
      challenges_(control, republisher_, signatures_),
      keys_(
          control, builder_,
          [this](const dns::Name& apex, zones::ZoneKeysPtr next, std::function<void(bool)> done) {
            signatures_.sign(apex, std::move(next), std::move(done));
          },
          [this] { return dns::UnixTime(std::chrono::seconds(signatures_.now())); }),
      hosts_(control, [this] { use_hosts(); }) {}

void Keepers::start(Loaded& first, const std::string& state_directory) {
  state_directory_ = state_directory;
  follow(first);
  if (!std::ranges::all_of(hosts_.addresses(), [](const auto& host) { return host.second.empty(); })) use_hosts();
  challenges_.start();
}

void Keepers::follow(Loaded& loaded) {
  hosts_.follow(engine::hosts_of(*loaded.snapshot), values(loaded.config->server.resolvers));
  keys_.keep(std::move(loaded.signed_zones));
  signatures_.look();
}

void Keepers::keep_cookies() {
  cookie_timer_.expires_after(std::chrono::hours(1));
  cookie_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const auto change = [folder = state_directory_](engine::Snapshot& snapshot) {
      if (!snapshot.manners.own_cookies) return false;
      auto kept = keep_cookie_secrets(folder, base::wall_now());
      if (kept.keys == snapshot.manners.cookies.keys) return false;
      snapshot.manners.cookies = std::move(kept);
      return true;
    };
    republisher_.republish(change, [] {});
    keep_cookies();
  });
}

std::vector<std::string> Keepers::warnings() const {
  std::vector<std::string> out = keys_.warnings();
  out.insert(out.end(), signatures_.warnings().begin(), signatures_.warnings().end());
  return out;
}

Loaded Keepers::load(const std::string& path, const std::string& pushed, std::uint64_t configuration,
                     engine::SiteRegister& sites, std::shared_ptr<net::TicketKeys> tickets, health::HostAddresses known,
                     const engine::SnapshotPtr& judged_by) {
  const auto keys_of = [this](const zones::ZoneSpec& zone, base::ErrorList& errors) {
    return keys_.keys_of(zone, errors);
  };
  return server::load(path, configuration, sites, std::move(tickets), std::move(known), &signatures_, keys_of,
                      judged_by, &challenges_, pushed);
}

/// As health changes do, but by way of the builder: records, targets and, in a signed zone, signatures are others.
void Keepers::use_hosts() {
  ++host_changes_under_way_;
  const auto change = [this, known = hosts_.addresses()](engine::Snapshot& snapshot) {
    const auto done = engine::follow_hosts(snapshot, known, &signatures_.store(), signatures_.clock());
    if (!done) base::log_error("new addresses of hosts are not used: " + done.error().what);
    return static_cast<bool>(done);
  };
  republisher_.republish(change, [this] { --host_changes_under_way_; });
}

}  // namespace gslb::server
