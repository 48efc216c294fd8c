// server/republisher.hpp: what changes a generation besides reload and health: keys, signatures, challenges.
//
//   change(copy of the last good snapshot) on the builder thread ──► Publish ──► health thread ──► workers
//
// Nothing is read again: only the part that `change` replaces is new, all others are shared with the snapshot before.
// Threads: republish() from any; the rest on the builder thread.
#pragma once

#include <functional>
#include <utility>

#include "engine/generation.hpp"
#include "server/builder.hpp"

namespace gslb::server {

class Republisher {
 public:
  /// Replaces parts of a snapshot. @return false if there was nothing to replace after all
  using Change = std::function<bool(engine::Snapshot&)>;
  /// Called on the builder thread, in the order in which snapshots came to be; a null snapshot: nothing has changed.
  using Publish = std::function<void(engine::SnapshotPtr, std::function<void()> done)>;

  Republisher(Builder& builder, Publish publish) : builder_(builder), publish_(std::move(publish)) {}

  /// The snapshot that later changes start from: the one that was just loaded. Builder thread, or before it has work.
  void start_from(engine::SnapshotPtr loaded) noexcept { last_ = std::move(loaded); }
  /// Builder thread.
  const engine::SnapshotPtr& last() const noexcept { return last_; }

  /// @param done  called by whoever publishes, when workers have the new generation or nothing had to change
  void republish(Change change, std::function<void()> done) {
    builder_.post([this, change = std::move(change), done = std::move(done)] {
      auto next = std::make_shared<engine::Snapshot>(*last_);
      if (!change(*next)) return publish_(nullptr, done);
      last_ = std::move(next);
      publish_(last_, done);
    });
  }

 private:
  Builder& builder_;
  Publish publish_;
  engine::SnapshotPtr last_;
};

}  // namespace gslb::server
