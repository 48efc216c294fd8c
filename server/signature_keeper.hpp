// server/signature_keeper.hpp: the signatures of all signed zones over the life of the server: taken up from the state
// directory at start, written back when some were made, renewed before they end, made anew when keys change.
//
//   state/signatures ─► SignatureStore ◄─► engine::sign, engine::renew on the builder ─► Republisher ─► workers
//
// Threads: the store and the clock belong to the builder thread (and to whoever loads the first configuration, before
// it has work); timer and warnings to the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "dns/name.hpp"
#include "server/republisher.hpp"
#include "zones/signature_store.hpp"
#include "zones/signing_clock.hpp"
#include "zones/zone_keys.hpp"

namespace gslb::server {

/// What the machine's two clocks say, seconds.
struct ClockTimes {
  std::int64_t now = 0;     ///< Unix time
  std::int64_t passed = 0;  ///< since the machine started, of sleep too
};
ClockTimes system_clocks() noexcept;

class SignatureKeeper {
 public:
  SignatureKeeper(boost::asio::io_context& control, Republisher& republisher,
                  std::function<ClockTimes()> clocks = system_clocks)
      : republisher_(republisher), timer_(control), clocks_(std::move(clocks)) {}

  /// The first time, takes up what an earlier run has kept. @param state_directory  "" keeps nothing
  void open(const std::string& state_directory);
  zones::SignatureStore& store() noexcept { return store_; }
  zones::ClockReading clock() const;
  /// What renewals start from; null before the first configuration is adopted. Builder thread.
  const engine::SnapshotPtr& served() const noexcept { return republisher_.last(); }
  /// The time by which keys are judged too, seconds of Unix time: the clock's, or where it is far from what is kept the
  /// newest of that, so that no key goes or comes by a clock that is wrong. Builder thread.
  std::int64_t now() const;

  /// Renews what has come due, writes what was made, and from then on does both again in time. To be called once for
  /// each configuration that was adopted. Control thread.
  void look();
  /// Has a zone signed with other keys, or served unsigned if they are null. Any thread.
  /// @param done  told on the control thread whether workers have it; false: there is no such zone, or it cannot be
  /// signed with these (logged), and it is served as before
  void sign(const dns::Name& apex, zones::ZoneKeysPtr keys, std::function<void(bool published)> done);

  /// Since start. Any thread.
  std::uint64_t made() const noexcept { return store_.made(); }
  /// What the operator should know now. Control thread.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

 private:
  /// Writes what was made since, if anything was. @return what went wrong, or ""
  std::string save();
  void note(std::vector<std::string> warnings);

  Republisher& republisher_;
  boost::asio::steady_timer timer_;
  std::function<ClockTimes()> clocks_;
  std::string path_;  ///< "": nothing is kept
  zones::SignatureStore store_;
  zones::ClockWatch watch_;
  std::vector<std::string> warnings_;
};

}  // namespace gslb::server
