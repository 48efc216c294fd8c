#include "health/host_keeper.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "health/host_core.hpp"
#include "health/host_state.hpp"
#include "net/host_resolver.hpp"

namespace gslb::health {

namespace asio = boost::asio;

namespace {

HostSaid said_of(net::HostAnswer answer) {
  using Outcome = net::HostAnswer::Outcome;
  HostSaid out;
  out.failed = answer.outcome == Outcome::failed || answer.outcome == Outcome::missing;
  out.addresses = std::move(answer.addresses);
  out.ttl = answer.ttl;
  out.problem = std::move(answer.problem);
  return out;
}

}  // namespace

struct HostKeeper::Impl {
  struct Host {
    HostCore core;
    bool asking = false;
    std::array<std::optional<HostSaid>, 2> said;
  };

  Impl(asio::io_context& c, Changed on_change) : context(c), timer(c), changed(std::move(on_change)) {}

  void follow(const std::vector<std::string>& names, const std::vector<base::SocketAddress>& with) {
    if (!resolver || with != servers) {
      servers = with;
      resolver = names.empty() ? nullptr : std::make_unique<net::HostResolver>(context, servers);
      for (auto& [name, host] : hosts) host.asking = false;
    }
    std::map<std::string, Host> next;
    for (const std::string& name : names) {
      if (const auto known = hosts.find(name); known != hosts.end()) {
        next.insert(hosts.extract(known));
      } else if (const auto kept = restored.find(name); kept != restored.end()) {
        next[name].core.restore(kept->second);
      } else {
        next[name];
      }
    }
    hosts = std::move(next);
    restored.clear();
    step();
  }

  void step() {
    const auto now = base::steady_now();
    std::optional<base::SteadyTime> wake;
    const auto consider = [&wake](base::SteadyTime when) { wake = wake ? std::min(*wake, when) : when; };
    bool any = false;
    for (auto& [name, host] : hosts) {
      any = host.core.take_change(now) || any;
      if (const auto when = host.core.next_change()) consider(*when);
      if (host.asking) continue;
      if (host.core.asked() && host.core.next_question() > now) {
        consider(host.core.next_question());
      } else {
        ask(name, host);
      }
    }
    timer.cancel();
    if (wake) {
      timer.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(*wake));
      timer.async_wait([this](const boost::system::error_code& error) {
        if (!error) step();
      });
    }
    if (any) changed();
  }

  void ask(const std::string& name, Host& host) {
    host.asking = true;
    host.said = {};
    for (const auto family : {base::Family::v4, base::Family::v6}) {
      resolver->ask(name + ".", family, [this, name, family](net::HostAnswer answer) {
        const auto known = hosts.find(name);
        if (known == hosts.end() || !known->second.asking) return;
        Host& at = known->second;
        at.said[static_cast<std::size_t>(family)] = said_of(std::move(answer));
        if (!at.said[0] || !at.said[1]) return;
        at.asking = false;
        const std::string before = at.core.problem();
        at.core.answered(base::steady_now(), *at.said[0], *at.said[1]);
        if (const std::string& problem = at.core.problem(); problem != before && !problem.empty())
          base::log_warning("no new addresses of a host, the last known stay in use",
                            {{"dns.question.name", name}, {"error.message", problem}});
        step();
      });
    }
  }

  asio::io_context& context;
  asio::steady_timer timer;
  Changed changed;
  std::vector<base::SocketAddress> servers;
  std::unique_ptr<net::HostResolver> resolver;
  std::map<std::string, Host> hosts;
  HostAddresses restored;
};

HostKeeper::HostKeeper(asio::io_context& context, Changed changed)
    : impl_(std::make_unique<Impl>(context, std::move(changed))) {}
HostKeeper::~HostKeeper() = default;

void HostKeeper::follow(const std::vector<std::string>& hosts, const std::vector<base::SocketAddress>& servers) {
  impl_->follow(hosts, servers);
}

HostAddresses HostKeeper::addresses() const {
  HostAddresses out = impl_->restored;
  for (const auto& [name, host] : impl_->hosts) out[name] = host.core.in_use();
  return out;
}

std::vector<HostView> HostKeeper::view() const {
  std::vector<HostView> out;
  for (const auto& [name, host] : impl_->hosts) out.push_back({name, host.core.in_use(), host.core.problem()});
  return out;
}

bool HostKeeper::settled() const noexcept {
  return std::ranges::all_of(
      impl_->hosts, [](const auto& entry) { return entry.second.core.asked() || !entry.second.core.in_use().empty(); });
}

std::string HostKeeper::state() const { return write_host_state(addresses()); }

base::Result<void> HostKeeper::restore(std::string_view state) {
  auto read = read_host_state(state);
  if (!read) return read.error();
  impl_->restored = std::move(*read);
  return {};
}

}  // namespace gslb::health
