#include "control/ctl_acme.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <thread>

#include "base/text.hpp"
#include "config/values.hpp"
#include "control/acme_json.hpp"
#include "control/json.hpp"
#include "control/table.hpp"
#include "control/views.hpp"

namespace gslb::control {

namespace {

constexpr auto pause = std::chrono::milliseconds(200);
/// Of one request, whatever is left of the time to wait: a name server that stays silent is asked for some seconds.
constexpr auto patience = std::chrono::seconds(15);
constexpr std::uint16_t dns_port = 53;

std::string count(std::size_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

/// The value of the query's `servers`, or what is wrong with the options.
base::Result<std::string> server_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    auto address = base::parse_socket_address(text);
    if (const auto bare = base::parse_address(text); bare && !address) address = base::SocketAddress{*bare, dns_port};
    if (!address) return base::Error{"--ns: \"" + text + "\" is no address"};
    out += (out.empty() ? "" : ",") + base::to_string(*address);
  }
  return out;
}

/// One order to all servers, then the question to the name servers until all agree.
class Campaign {
 public:
  Campaign(const AcmeOptions& options, const Output& output, bool sets)
      : options_(options), output_(output), sets_(sets), end_(base::steady_now() + options.timeout) {}

  Exit run() {
    const auto servers = server_list(options_.name_servers);
    if (!servers)
      return report({Exit::usage, servers.error().what, "such as 192.0.2.1 or [2001:db8::1]:53", {}}, output_);
    const auto lasts = config::parse_duration(options_.lasts);
    if (sets_ && (!lasts || *lasts < std::chrono::seconds(1)))
      return report({Exit::usage, "--for: \"" + options_.lasts + "\" is no duration", "such as 10m, 1h or 1d", {}},
                    output_);
    const std::string what = "name=" + url_encoded(options_.name) + "&value=" + url_encoded(options_.value);
    const std::string order =
        sets_
            ? "/v1/acme/set?" + what + "&for=" + std::to_string(std::chrono::ceil<std::chrono::seconds>(*lasts).count())
            : "/v1/acme/clear?" + what;
    if (const auto failed = tell_all(order)) return report(*failed, output_);
    const std::string question = "/v1/acme/servers?" + what + (sets_ ? "" : "&gone=1") +
                                 (servers->empty() ? "" : "&servers=" + url_encoded(*servers));
    return wait(question);
  }

 private:
  /// Tells each server, also when one before would not: what is set expires by itself.
  std::optional<Failure> tell_all(const std::string& order) {
    std::optional<Failure> first;
    for (const std::string& socket : options_.sockets) {
      auto answer = ask({socket, patience}, "POST", order);
      if (auto* failure = std::get_if<Failure>(&answer)) {
        if (options_.sockets.size() > 1) failure->what = socket + ": " + failure->what;
        if (!first) first = std::move(*failure);
        continue;
      }
      if (auto outcome = challenge_outcome_from_json(std::get<std::string>(answer))) outcome_ = std::move(*outcome);
    }
    return first;
  }

  Exit wait(const std::string& question) {
    for (;;) {
      const auto answer = ask({options_.sockets.front(), patience}, "GET", question);
      if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output_);
      const auto servers = name_servers_from_json(std::get<std::string>(answer));
      if (!servers) return report({Exit::failed, servers.error().what, {}, {}}, output_);
      const bool all = std::ranges::all_of(*servers, &NameServerView::agrees);
      if (all || base::steady_now() + pause >= end_) return tell(*servers, all);
      std::this_thread::sleep_for(pause);
    }
  }

  Exit tell(const std::vector<NameServerView>& servers, bool all) const {
    const Exit exit = all ? Exit::ok : Exit::timeout;
    if (output_.json) {
      std::cout << to_json(outcome_, servers) << std::flush;
      return exit;
    }
    if (all) {
      std::cout << outcome_.name << (sets_ ? " is set" : " is cleared") << ": "
                << count(servers.size(), "name server shows", "name servers show") << " it";
      const auto mine = std::ranges::find(outcome_.values, options_.value, &ChallengeView::value);
      if (mine != outcome_.values.end()) std::cout << ", until " << rfc3339(mine->expires);
      std::cout << "\n";
      return exit;
    }
    std::cerr << outcome_.name << " is " << (sets_ ? "set" : "cleared") << ", but not every name server shows it after "
              << base::human_duration(options_.timeout) << ":\n";
    for (const NameServerView& server : servers) {
      const std::string where = server.name + (server.address.empty() ? "" : " (" + server.address + ")");
      if (!server.agrees) std::cerr << safe_lines(where + " " + server.problem, 2);
    }
    std::cerr << safe_lines("set it on every gslbd of the zone: --server SOCKET for each", 2);
    return exit;
  }

  const AcmeOptions& options_;
  const Output& output_;
  bool sets_;
  base::SteadyTime end_;
  ChallengeOutcome outcome_;
};

}  // namespace

Exit acme_set(const AcmeOptions& options, const Output& output) { return Campaign(options, output, true).run(); }

Exit acme_clear(const AcmeOptions& options, const Output& output) { return Campaign(options, output, false).run(); }

Exit acme_list(const Connection& connection, const Output& output) {
  const auto answer = ask(connection, "GET", "/v1/acme");
  if (const auto* failure = std::get_if<Failure>(&answer)) return report(*failure, output);
  if (output.json) {
    std::cout << std::get<std::string>(answer) << std::flush;
    return Exit::ok;
  }
  const auto challenges = challenges_from_json(std::get<std::string>(answer));
  if (!challenges) return report({Exit::failed, challenges.error().what, {}, {}}, output);
  if (challenges->empty()) {
    std::cout << "no challenge is set\n";
    return Exit::ok;
  }
  Table table({{"name"}, {"expires"}, {"value"}});
  for (const ChallengeView& c : *challenges) table.add({{c.name}, {rfc3339(c.expires)}, {c.value}});
  std::cout << table.render(output.color);
  return Exit::ok;
}

}  // namespace gslb::control
