// What probing costs the health thread, and how punctual it is. Run by tests/bench/probing, which makes the network
// namespace, the servers and the table; alone it prints one line of JSON:
//
//   probing_bench KIND TARGETS INTERVAL_MS SECONDS [port] [ca.pem]
//
// KIND is http (its own server, a process on CPU 1 that notes when each target was asked), silent (http to a port that
// nobody may hear of), https, h2 (HTTP/2 over TLS), tls, tcp (a server of the caller's) or icmp. The checker runs on
// CPU 0, in a thread as gslbd's health thread. Targets of http are spread over 64 addresses of loopback, those of other
// kinds have one each.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "health/checker.hpp"

using namespace gslb;

namespace {

constexpr unsigned most_arrivals = 64;
constexpr unsigned addresses = 64;

/// When a target was asked; in memory that both processes see.
struct Arrivals {
  unsigned count;
  std::array<std::int64_t, most_arrivals> at;
};

std::int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void stay_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

int listen_anywhere(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  socklen_t size = sizeof where;
  auto* native = reinterpret_cast<sockaddr*>(&where);
  if (::bind(listener, native, size) != 0 || ::listen(listener, 4096) != 0) std::abort();
  ::getsockname(listener, native, &size);
  port = ntohs(where.sin_port);
  return listener;
}

/// Answers "GET /N …" with 200 and notes when; never returns.
[[noreturn]] void serve(int listener, Arrivals* arrivals, unsigned targets) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  stay_on(1);
  const int poll = ::epoll_create1(0);
  epoll_event event{EPOLLIN, {.fd = listener}};
  ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  constexpr std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\nok\n";
  for (;;) {
    std::array<epoll_event, 256> events;
    const int ready = ::epoll_wait(poll, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == listener) {
        for (int one; (one = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
          event = {EPOLLIN, {.fd = one}};
          ::epoll_ctl(poll, EPOLL_CTL_ADD, one, &event);
        }
        continue;
      }
      std::array<char, 2048> request{};
      const auto size = ::recv(descriptor, request.data(), request.size() - 1, 0);
      if (size > 5) {
        const auto target = std::strtoul(request.data() + 5, nullptr, 10);
        if (target < targets && arrivals[target].count < most_arrivals)
          arrivals[target].at[arrivals[target].count++] = nanoseconds(CLOCK_MONOTONIC);
        ::send(descriptor, reply.data(), reply.size(), MSG_NOSIGNAL);
      }
      ::close(descriptor);
    }
  }
}

/// How much later than its rhythm each arrival was, in milliseconds, sorted. The rhythm of a target is that of its
/// earliest arrival: without jitter they are exactly an interval apart.
std::vector<double> lateness(const Arrivals* arrivals, unsigned targets, std::int64_t interval) {
  std::vector<double> out;
  for (unsigned t = 0; t < targets; ++t) {
    const Arrivals& of = arrivals[t];
    std::int64_t earliest = INT64_MAX;
    for (unsigned k = 0; k < of.count; ++k) earliest = std::min(earliest, of.at[k] - k * interval);
    for (unsigned k = 0; k < of.count; ++k)
      out.push_back(static_cast<double>(of.at[k] - k * interval - earliest) / 1e6);
  }
  std::sort(out.begin(), out.end());
  return out;
}

health::ProbeKind kind_of(const std::string& name) {
  if (name == "https" || name == "h2") return health::ProbeKind::https;
  if (name == "tls") return health::ProbeKind::tls;
  if (name == "tcp") return health::ProbeKind::tcp;
  if (name == "icmp") return health::ProbeKind::icmp;
  return health::ProbeKind::http;
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return std::fputs("probing_bench KIND TARGETS INTERVAL_MS SECONDS [port] [ca.pem]\n", stderr), 2;
  const std::string kind = words[1];
  const auto number = static_cast<unsigned>(std::atoi(words[2]));
  const std::chrono::milliseconds interval(std::atoi(words[3]));
  const std::chrono::seconds seconds(std::atoi(words[4]));
  auto port = static_cast<std::uint16_t>(count > 5 ? std::atoi(words[5]) : 0);
  const rlimit files{200'000, 200'000};
  ::setrlimit(RLIMIT_NOFILE, &files);

  const std::size_t size = sizeof(Arrivals) * number;
  auto* arrivals =
      static_cast<Arrivals*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pid_t server = 0;
  if (kind == "http") {
    const int listener = listen_anywhere(port);
    server = ::fork();
    if (server == 0) serve(listener, arrivals, number);
    ::close(listener);
  }

  const bool by_path =
      kind == "http" || kind == "https" || kind == "h2" || kind == "silent";  // else one target an address
  std::vector<health::Target> targets;
  for (unsigned i = 0; i < number; ++i) {
    health::Target target{base::IpAddress::v4(0x7f000001 + (by_path ? i % addresses : i)), {}};
    target.monitor.kind = kind_of(kind);
    target.monitor.port = port;
    target.monitor.version = kind == "h2" ? 2 : 1;
    target.monitor.path = "/" + std::to_string(i);
    target.monitor.host = "www.example.org";
    target.monitor.interval = interval;
    target.monitor.timeout = std::min<std::chrono::milliseconds>(interval, std::chrono::seconds(1));
    target.monitor.jitter = 0;
    target.monitor.verify = count > 6;
    if (count > 6) target.monitor.ca_file = words[6];
    targets.push_back(std::move(target));
  }

  std::uint64_t transitions = 0, probes = 0, failures = 0;
  double cpu = 0, took = 0;
  std::thread([&] {
    stay_on(0);
    boost::asio::io_context context(1);
    health::Checker checker(context, 1, [&] { ++transitions; });
    checker.set_targets(targets);
    context.run_for(interval + std::chrono::seconds(1));  // first verdicts, warm caches
    const auto sum = [&](auto field) {
      std::uint64_t out = 0;
      for (const health::TargetState& state : checker.states()) out += state.*field;
      return out;
    };
    transitions = 0;
    const auto probes_before = sum(&health::TargetState::probes), failures_before = sum(&health::TargetState::failures);
    const std::int64_t cpu_before = nanoseconds(CLOCK_THREAD_CPUTIME_ID), before = nanoseconds(CLOCK_MONOTONIC);
    context.run_for(seconds);
    cpu = static_cast<double>(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu_before) / 1e9;
    took = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - before) / 1e9;
    probes = sum(&health::TargetState::probes) - probes_before;
    failures = sum(&health::TargetState::failures) - failures_before;
  }).join();
  if (server > 0) ::kill(server, SIGKILL);

  const auto late = lateness(arrivals, number, interval.count() * 1'000'000);
  const auto at = [&](double share) {
    return late.empty()
               ? 0.0
               : late[std::min(late.size() - 1, static_cast<std::size_t>(share * static_cast<double>(late.size())))];
  };
  std::printf(
      "{\"kind\": \"%s\", \"targets\": %u, \"probes\": %llu, \"failures\": %llu, \"changes\": %llu, \"core_percent\": "
      "%.1f, "
      "\"us_per_probe\": %.1f, \"late_p50_ms\": %.2f, \"late_p99_ms\": %.2f, \"late_max_ms\": %.2f}\n",
      kind.c_str(), number, static_cast<unsigned long long>(probes), static_cast<unsigned long long>(failures),
      static_cast<unsigned long long>(transitions), 100 * cpu / took,
      probes != 0 ? 1e6 * cpu / static_cast<double>(probes) : 0, at(0.5), at(0.99), at(1));
  return 0;
}
