// server/keepers.hpp: what is kept up to date beside queries and probes, and how the parts of it hang together: keys,
// signatures, challenges, cookie secrets, addresses of hosts.
//
//   KeyKeeper ─► SignatureKeeper ─┐
//   ChallengeKeeper ──────────────┤
//   HostKeeper ───────────────────┼─► Republisher, on the builder thread ─► Publish ─► workers
//   cookie secrets ───────────────┘
//
// Threads: the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <vector>

#include "engine/compile.hpp"
#include "health/host_keeper.hpp"
#include "server/builder.hpp"
#include "server/challenge_keeper.hpp"
#include "server/key_keeper.hpp"
#include "server/loader.hpp"
#include "server/republisher.hpp"
#include "server/signature_keeper.hpp"

namespace gslb::server {

class Keepers {
 public:
  /// @param publish  see Republisher; called on the builder thread
  Keepers(boost::asio::io_context& control, Republisher::Publish publish);

  /// From the first configuration on. @param state_directory  "" keeps nothing
  void start(Loaded& first, const std::string& state_directory);
  /// What a reload brought. Its zones are taken.
  void follow(Loaded& loaded);
  /// Secrets of our own give way to new ones also where nobody ever reloads. Once workers answer.
  void keep_cookies();

  /// Nothing that an answer needs is still to be heard of for the first time.
  bool settled() const { return hosts_.settled() && host_changes_under_way_ == 0 && keys_.settled(); }
  /// What the operator should know.
  std::vector<std::string> warnings() const;

  /// What loads a configuration needs of them, on the builder thread or before it has work.
  /// @param pushed  see config::load()
  Loaded load(const std::string& path, const std::string& pushed, std::uint64_t configuration,
              engine::SiteRegister& sites, std::shared_ptr<net::TicketKeys> tickets, health::HostAddresses known,
              const engine::SnapshotPtr& judged_by);

  Builder& builder() noexcept { return builder_; }
  Republisher& republisher() noexcept { return republisher_; }
  SignatureKeeper& signatures() noexcept { return signatures_; }
  ChallengeKeeper& challenges() noexcept { return challenges_; }
  KeyKeeper& keys() noexcept { return keys_; }
  health::HostKeeper& hosts() noexcept { return hosts_; }

 private:
  void use_hosts();

  boost::asio::steady_timer cookie_timer_;
  std::string state_directory_;
  unsigned host_changes_under_way_ = 0;
  // The builder ends before what its remaining work belongs to, and after all that hands it something to be freed.
  Republisher republisher_;
  SignatureKeeper signatures_;
  ChallengeKeeper challenges_;
  Builder builder_;
  KeyKeeper keys_;
  health::HostKeeper hosts_;
};

}  // namespace gslb::server
