// server/builder.hpp: the thread for what takes long: reading and compiling configurations, writing state, freeing what
// is old. It runs at the lowest priority that still makes progress on a busy machine.
//
// Threads: post() from any.
#pragma once

#include <functional>
#include <memory>

namespace gslb::server {

class Builder {
 public:
  Builder();
  ~Builder();  ///< runs what was posted, then stops
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  /// Runs `work` on the builder thread, in order.
  void post(std::function<void()> work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
