// server/poller.hpp: epoll for one thread, and the way for others to hand it work.
//
// Readiness is level-triggered and asked for once, so that a query costs no call beside wait, receive and send; Asio
// would arm the descriptor again for every read (docs/decisions/0010-stream-workers-use-epoll.md).
// Threads: post() from any; everything else from the one that waits.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"

namespace gslb::server {

class Poller {
 public:
  static constexpr std::size_t batch = 32;

  /// Throws std::system_error if the system gives no descriptor.
  Poller();

  /// From now on wait() reports `data`, which is not null, when `fd` is ready for one of `events`. Closing ends it.
  [[nodiscard]] base::Result<void> add(int fd, std::uint32_t events, void* data);
  void change(int fd, std::uint32_t events, void* data) noexcept;

  /// Runs what was posted, then waits for at most `limit`. @return what is ready; valid until the next call
  std::span<const epoll_event> wait(std::chrono::milliseconds limit);

  /// Runs `work` on the thread that waits, soon.
  void post(std::function<void()> work);

 private:
  void run_posted();

  base::Descriptor epoll_;
  base::Descriptor wake_;
  std::array<epoll_event, batch> events_;
  std::mutex mutex_;  ///< of what is posted; no query waits for it
  std::vector<std::function<void()>> posted_;
};

}  // namespace gslb::server
