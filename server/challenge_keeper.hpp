// server/challenge_keeper.hpp: the ACME challenges that people set, over the life of the server: published at once,
// kept in the state directory, gone when they expire, also across a restart.
//
//   set, clear ─► list on the builder ─► engine::set_challenges ─► Republisher ─► workers
//   state/challenges ◄─┘         ▲── timer: the first to expire
//
// Threads: set() and clear() from the control thread, where their `done` is called and the timer runs; list() and the
// file belong to the builder thread (and to whoever loads the first configuration, before it has work).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/acme_views.hpp"
#include "engine/challenges.hpp"
#include "server/republisher.hpp"
#include "server/signature_keeper.hpp"

namespace gslb::server {

/// "www.example.org", "*.www.example.org" and "_acme-challenge.www.example.org." all mean the last; nothing if it is no
/// name.
std::optional<dns::Name> challenge_place(const std::string& text);
/// As people write names.
std::string without_dot(const dns::Name& name);

class ChallengeKeeper {
 public:
  static constexpr std::size_t most_values = 16;        ///< at one name
  static constexpr std::size_t most_challenges = 1000;  ///< in all
  static constexpr std::chrono::hours longest{7 * 24};

  using Done = std::function<void(control::ChallengeOutcome)>;

  ChallengeKeeper(boost::asio::io_context& control, Republisher& republisher, SignatureKeeper& signatures)
      : republisher_(republisher), signatures_(signatures), timer_(control) {}

  /// The first time, takes up what an earlier run has kept. @param state_directory  "" keeps nothing
  void open(const std::string& state_directory);
  /// What is set and has not expired.
  const std::vector<engine::Challenge>& list();

  /// From now on challenges leave when they expire. Control thread.
  void start() { look(); }
  void view(std::function<void(std::vector<control::ChallengeView>)> done);
  /// `done` is told when workers answer with it, or why not.
  void order(control::ChallengeOrder order, Done done);

 private:
  bool apply(engine::Snapshot& snapshot, const control::ChallengeOrder& order, control::ChallengeOutcome& outcome);
  void look();
  void save();

  Republisher& republisher_;
  SignatureKeeper& signatures_;
  boost::asio::steady_timer timer_;
  std::string path_;
  std::vector<engine::Challenge> list_;
};

}  // namespace gslb::server
