#include "server/poller.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace gslb::server {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;  // and no data: that is how wait() knows it
  if (epoll_.get() < 0 || wake_.get() < 0 || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot wait for connections");
}

base::Result<void> Poller::add(int fd, std::uint32_t events, void* data) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = data;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return base::Error{std::string("cannot wait for a connection: ") + std::strerror(errno)};
}

void Poller::change(int fd, std::uint32_t events, void* data) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = data;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

std::span<const epoll_event> Poller::wait(std::chrono::milliseconds limit) {
  const int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                                 static_cast<int>(std::max<std::int64_t>(0, limit.count())));
  const auto end = events_.begin() + std::max(0, count);
  const auto woken = std::find_if(events_.begin(), end, [](const epoll_event& e) { return e.data.ptr == nullptr; });
  if (woken == end) return {events_.begin(), end};
  std::move(woken + 1, end, woken);
  run_posted();
  return {events_.begin(), end - 1};
}

void Poller::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  ::eventfd_write(wake_.get(), 1);  // fails only if it is due to wake anyway
}

void Poller::run_posted() {
  eventfd_t count = 0;
  ::eventfd_read(wake_.get(), &count);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const auto& each : work) each();
}

}  // namespace gslb::server
