// server/connection_table.hpp: how many connections there are and whose, and which one goes when one too many comes.
//
//   by_size_[3]  ─► prefix ─► place, place, place        the largest prefixes give up a connection first;
//   by_size_[1]  ─► prefix ─► place                      in a prefix, the one longest without a complete query
//
// One table for all stream workers and transports, so that limits are what they say however the kernel shares out
// connections. A connection keeps its place until its worker gives it back; one that was evicted no longer counts from
// that moment on. Pure: time comes from outside, nothing is closed here.
// Threads: any. The lock is taken when a connection opens, learns its client or ends; a query only stores a time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace gslb::server {

struct StreamConnection;

struct ConnectionLimits {
  unsigned connections = 1024;                           ///< in total, at least 1
  unsigned per_prefix = 128;                             ///< of one client network, at least 1
  std::array<std::uint8_t, 2> prefix_length = {24, 56};  ///< of client networks, by address family
};

class ConnectionTable {
 public:
  class Place;
  using Handle = std::list<Place>::iterator;

  /// @param workers  places are taken by workers 0 to `workers` - 1
  ConnectionTable(const ConnectionLimits& limits, unsigned workers);

  struct Taken {
    Handle place;
    std::optional<unsigned> loser;  ///< the worker that has a connection to close: see evicted()
  };
  /// A place for `owner`, a new connection from `client`. There always is one.
  [[nodiscard]] Taken take(const base::IpAddress& client, unsigned worker, StreamConnection* owner,
                           base::SteadyTime now);
  /// Counts `place` as one of `client`, who turned out to be behind it. @return as Taken::loser
  [[nodiscard]] std::optional<unsigned> move(Handle place, const base::IpAddress& client);
  /// Its connection has ended; evicted or not.
  void give_back(Handle place);

  /// The connections of `worker` that lost their places and have not given them back. By that worker only.
  [[nodiscard]] std::vector<StreamConnection*> evicted(unsigned worker) const;

  std::size_t size() const;
  /// Connections that had to go so far.
  std::uint64_t evictions() const;

 private:
  struct Group {
    base::IpAddress prefix;
    std::list<Place> places;
  };
  using Groups = std::list<Group>;
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const base::IpAddress& prefix) const noexcept;
  };

 public:
  class Place {
   public:
    /// Its connection has just sent a complete query. Without a lock.
    void touch(base::SteadyTime now) noexcept {
      last_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }

   private:
    friend class ConnectionTable;
    std::atomic<std::int64_t> last_{0};
    StreamConnection* owner_ = nullptr;
    unsigned worker_ = 0;
    bool evicted_ = false;
    Groups::iterator group_;
  };

 private:
  base::IpAddress prefix_of(const base::IpAddress& client) const noexcept;
  std::optional<unsigned> make_room(const base::IpAddress& prefix);
  unsigned evict(Handle place);
  void enter(std::list<Place>& from, Handle place, const base::IpAddress& prefix);
  void leave(Handle place, std::list<Place>& to);
  void resized(Groups::iterator group, std::size_t before);

  const ConnectionLimits limits_;
  mutable std::mutex mutex_;
  std::size_t size_ = 0;
  std::uint64_t evictions_ = 0;
  std::size_t largest_ = 0;      ///< number of places of the largest groups
  std::vector<Groups> by_size_;  ///< groups by their number of places
  std::unordered_map<base::IpAddress, Groups::iterator, Hash> groups_;
  std::vector<std::list<Place>> evicted_;  ///< by worker
};

}  // namespace gslb::server
