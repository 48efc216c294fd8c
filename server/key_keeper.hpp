// server/key_keeper.hpp: the keys of all signed zones, along dns/key_schedule.hpp: reads and writes key files, asks the
// zones' other name servers and the parents', has zones signed anew when their keys change.
//
//   key files ─┐                                ┌─► key files
//   parents  ──┼─► dns::step() on the builder ──┼─► Publish: the zone signed with other keys
//   servers  ──┘        ▲ orders of people      └─► what each key waits for
//
// Threads: public members from the control thread, where timers and questions run too, but for keys_of(); files, keys
// and steps belong to the builder thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/source.hpp"
#include "control/key_views.hpp"
#include "dns/key_record.hpp"
#include "server/builder.hpp"
#include "server/zone_key_ring.hpp"

namespace gslb::server {

class KeyKeeper {
 public:
  /// Has a zone signed with other keys (null: served unsigned); `done` tells whether workers have it. Called on the
  /// builder thread; `done` may be called on any.
  using Publish =
      std::function<void(const dns::Name& apex, zones::ZoneKeysPtr keys, std::function<void(bool published)> done)>;

  /// By what time keys come and go. Called on the builder thread, and by keys_of().
  using Now = std::function<dns::UnixTime()>;
  static dns::UnixTime wall_clock() { return std::chrono::floor<std::chrono::seconds>(base::wall_now()); }

  KeyKeeper(boost::asio::io_context& control, Builder& builder, Publish publish, Now now = wall_clock);
  ~KeyKeeper();  ///< waits for the builder thread: nothing is published after
  KeyKeeper(const KeyKeeper&) = delete;
  KeyKeeper& operator=(const KeyKeeper&) = delete;

  /// What a configuration that is being loaded signs a zone with: what workers have; of a zone that is new, what its
  /// key files say. Builder thread, or before it has work.
  zones::ZoneKeysPtr keys_of(const zones::ZoneSpec& zone, base::ErrorList& errors) const;

  /// Keeps the keys of these zones, and no others, from now on. What was seen of them stays known.
  void keep(std::vector<SignedZone> zones);
  /// Every other server was asked once, and zones are signed accordingly.
  bool settled() const;
  /// What the operator should know.
  const std::vector<std::string>& warnings() const;

  /// What this server knows of its zones' keys.
  struct Known {
    std::string zone;  ///< "example.org."
    bool maker = false;
    std::vector<dns::KeyRecord> keys;
  };
  /// @param by  the name of this server
  void known(const std::string& by, std::function<void(std::vector<Known>)> done);
  /// What the shared store says of the keys of each zone, by its name.
  void take(std::map<std::string, std::vector<dns::KeyRecord>> shared, const std::string& by);

  void view(std::function<void(std::vector<control::ZoneKeysView>)> done);
  void order(control::KeyOrder order, std::function<void(control::KeyOutcome)> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace gslb::server
