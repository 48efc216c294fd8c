#include "engine/order_reach.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/source.hpp"

namespace gslb::engine {

namespace {

using health::OrderScope;

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

bool is_pattern(const std::string& text) { return text.find_first_of("*?") != std::string::npos; }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return text;
}

/// Reads what a person wrote against what there is.
class Reader {
 public:
  explicit Reader(const Snapshot& snapshot) : snapshot_(snapshot) {}

  base::Result<OrderScope> read(const std::string& text) const {
    if (text.empty()) return base::Error{"whom? An address, a site, a service, SERVICE/SITE, or * for all"};
    if (text == "*") return OrderScope{};
    for (const auto& [prefix, one] : {std::pair("address:", &Reader::address), std::pair("site:", &Reader::site),
                                      std::pair("service:", &Reader::service)}) {
      if (text.starts_with(prefix)) return std::invoke(one, this, text.substr(std::string_view(prefix).size()));
    }
    if (const std::size_t slash = text.find('/'); slash != std::string::npos)
      return both(text.substr(0, slash), text.substr(slash + 1));
    if (base::parse_address(text)) return address(text);
    return any(text);
  }

 private:
  base::Result<OrderScope> address(const std::string& text) const {
    const auto parsed = base::parse_address(text);
    OrderScope out{"", "", parsed ? base::to_string(*parsed) : lower(text)};
    if (reached_by(snapshot_, out).empty()) return base::Error{"no endpoint has the address " + quoted(text)};
    return out;
  }

  base::Result<OrderScope> site(const std::string& text) const {
    if (std::ranges::any_of(snapshot_.sites, [&](const auto& site) { return health::matches(text, site.name); }))
      return OrderScope{"", text, ""};
    return unknown("no site is named " + quoted(text), text, site_names());
  }

  base::Result<OrderScope> service(const std::string& text) const {
    std::string wanted = lower(text);
    if (!wanted.empty() && wanted.back() == '.') wanted.pop_back();
    std::vector<std::string> found;
    for (const auto& name : snapshot_.services) {
      if (name.service.name == wanted) return OrderScope{wanted, "", ""};
      if (OrderScope{wanted, "", ""}.holds(name.service.name, "", "")) found.push_back(name.service.name);
    }
    if (found.empty()) return unknown("no service is named " + quoted(text), wanted, service_names());
    if (is_pattern(wanted)) return OrderScope{wanted, "", ""};
    if (found.size() > 1)
      return base::Error{"several services are named " + quoted(text) + ": name one in full, such as " + found[0] +
                         ", or all of them with " + wanted + ".*"};
    return OrderScope{found[0], "", ""};
  }

  base::Result<OrderScope> both(const std::string& service_text, const std::string& site_text) const {
    auto out = service(service_text);
    if (!out) return out;
    auto at = site(site_text);
    if (!at) return at;
    out->site = at->site;
    if (reached_by(snapshot_, *out).empty())
      return base::Error{quoted(service_text) + " has no endpoint at " + quoted(site_text)};
    return out;
  }

  /// A site, a service, or a pattern of addresses: only one of them may be meant.
  base::Result<OrderScope> any(const std::string& text) const {
    auto as_site = site(text);
    auto as_service = service(text);
    auto as_address = is_pattern(text) ? address(text) : base::Error{"no address"};
    if (as_site && (as_service || as_address))
      return base::Error{quoted(text) + " could be a site or something else: write site:" + text +
                         (as_service ? " or service:" : " or address:") + text};
    if (as_site) return as_site;
    if (as_address && as_service)
      return base::Error{quoted(text) + " could be a service or addresses: write service:" + text +
                         " or address:" + text};
    if (as_service) return as_service;
    if (as_address) return as_address;
    if (as_service.error().what.starts_with("several")) return as_service;
    std::vector<std::string> names = site_names();
    for (const std::string& name : service_names()) names.push_back(name);
    return unknown("no site, service or address is named " + quoted(text), text, names);
  }

  std::vector<std::string> site_names() const {
    std::vector<std::string> out;
    for (const auto& site : snapshot_.sites) out.push_back(site.name);
    return out;
  }
  std::vector<std::string> service_names() const {
    std::vector<std::string> out;
    for (const auto& name : snapshot_.services) {
      out.push_back(name.service.name);
      out.push_back(name.service.name.substr(0, name.service.name.find('.')));
    }
    return out;
  }
  static base::Error unknown(std::string what, const std::string& text, const std::vector<std::string>& names) {
    const std::string near = base::nearest_word(text, names);
    if (!near.empty()) what.append("; did you mean ").append(quoted(near)).append("?");
    return base::Error{std::move(what)};
  }

  const Snapshot& snapshot_;
};

/// Calls `visit` with every address of every service, and its site's name.
template <class Visit>
void for_each_address(const Snapshot& snapshot, Visit visit) {
  for (std::uint32_t s = 0; s < snapshot.services.size(); ++s) {
    const policy::Service& service = snapshot.services[s].service;
    for (std::uint32_t e = 0; e < service.endpoints.size(); ++e) {
      const policy::Endpoint& endpoint = service.endpoints[e];
      if (endpoint.inner != policy::Endpoint::no_inner) continue;
      const std::string& site = snapshot.sites[endpoint.site.value].name;
      for (const auto family : {base::Family::v4, base::Family::v6}) {
        if (const auto& address = endpoint.address(family))
          visit(Reached{s, e, family, base::to_string(*address)}, site);
      }
      if (!endpoint.host.empty() && !endpoint.v4 && !endpoint.v6)
        visit(Reached{s, e, base::Family::v4, endpoint.host}, site);
    }
  }
}

/// How the addresses of one site of a service are.
struct SiteNow {
  bool touched = false;  ///< by the order
  bool some = false;     ///< is up
  bool all = true;       ///< are up, and carry all they are to carry
  std::string why;       ///< not all
};

std::string why_not_fully(const policy::EndpointState& state) {
  if (state.ordered == health::OrderKind::drain) return "drained";
  if (state.ordered == health::OrderKind::down) return "forced down";
  if (state.ordered == health::OrderKind::up) return "";
  if (state.verdict == health::Verdict::down) return "down";
  if (state.verdict == health::Verdict::unknown) return "not judged yet";
  if (state.ramp < 1000) return "in slow start";
  return "";
}

}  // namespace

base::Result<OrderScope> scope_of(const Snapshot& snapshot, const std::string& text) {
  return Reader(snapshot).read(text);
}

std::vector<Reached> reached_by(const Snapshot& snapshot, const OrderScope& scope) {
  std::vector<Reached> out;
  for_each_address(snapshot, [&](const Reached& one, const std::string& site) {
    if (scope.holds(snapshot.services[one.service].service.name, site, one.address)) out.push_back(one);
  });
  return out;
}

std::optional<BrokenRule> broken_rule(const Generation& now, const OrderScope& scope) {
  const Snapshot& snapshot = *now.snapshot;
  std::vector<std::map<std::string, SiteNow>> sites(snapshot.services.size());
  for_each_address(snapshot, [&](const Reached& one, const std::string& name) {
    const policy::Service& service = snapshot.services[one.service].service;
    SiteNow& site = sites[one.service][name];
    const policy::EndpointState& state =
        now.plans[one.service]->states[static_cast<std::size_t>(one.family)][one.endpoint];
    site.touched = site.touched || scope.holds(service.name, name, one.address);
    site.some = site.some || policy::is_up(state);
    const std::string why = why_not_fully(state);
    if (why.empty()) return;
    site.all = false;
    site.why = name + " is " + why;
  });
  for (std::size_t s = 0; s < sites.size(); ++s) {
    const policy::Service& service = snapshot.services[s].service;
    if (std::ranges::none_of(sites[s], [](const auto& site) { return site.second.touched; })) continue;
    for (const policy::SafetyRule& rule : service.rules) {
      unsigned left = 0;
      std::string present;
      for (const auto& [name, site] : sites[s]) {
        if (site.touched) continue;
        if (rule.fully ? site.all : site.some) {
          ++left;
        } else {
          present.append(present.empty() ? "" : "; ").append(site.why);
        }
      }
      if (left >= rule.at_least) continue;
      if (present.empty())
        present = left == 0 ? "it has no other site" : "only " + std::to_string(left) + " would be left";
      return BrokenRule{service.name, to_string(rule), std::move(present)};
    }
  }
  return std::nullopt;
}

GenerationPtr suppose(const Generation& now, const health::Order& order) {
  auto out = std::make_shared<Generation>(now);
  std::map<std::uint32_t, policy::ServiceStates> changed;
  for (const Reached& one : reached_by(*now.snapshot, order.scope)) {
    auto& states = changed.try_emplace(one.service, now.plans[one.service]->states).first->second;
    policy::EndpointState& state = states[static_cast<std::size_t>(one.family)][one.endpoint];
    if (!state.ordered || *state.ordered < order.kind) state.ordered = order.kind;
    state.in_motion = false;
    state.ramp = 1000;
  }
  for (const auto& [s, states] : changed) {
    const zones::SteeredName& name = now.snapshot->services[s];
    out->plans[s] =
        std::make_shared<policy::Plan>(policy::make_plan(name.service, now.snapshot->classes[name.signature], states));
  }
  return out;
}

std::vector<std::string> not_up_now(const Generation& now, const OrderScope& scope) {
  std::vector<std::string> out;
  for (const Reached& one : reached_by(*now.snapshot, scope)) {
    const policy::EndpointState& state =
        now.plans[one.service]->states[static_cast<std::size_t>(one.family)][one.endpoint];
    if (state.verdict != health::Verdict::up)
      out.push_back(health::held_key(now.snapshot->services[one.service].service.name, one.address));
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace gslb::engine
