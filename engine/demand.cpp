#include "engine/demand.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

namespace gslb::engine {

namespace {

constexpr std::array families{base::Family::v4, base::Family::v6};

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Up to the next comma, which goes too.
std::string_view take_field(std::string_view& line) {
  const std::string_view field = line.substr(0, line.find(','));
  line.remove_prefix(std::min(line.size(), field.size() + 1));
  return trimmed(field);
}

bool is_steered(const policy::Service& service) { return service.reflect == policy::Reflect::nothing; }

/// Demands of one kind added up.
class Gathering {
 public:
  explicit Gathering(const Snapshot& snapshot) : snapshot_(snapshot) {}

  void add(std::size_t service, base::Family client, std::uint16_t service_class, double weight, std::uint64_t networks,
           const base::Prefix& example) {
    const policy::Aspect aspect = asked_for(snapshot_.services[service].service, client);
    Demand& demand = demands_[{service, aspect.index(), service_class}];
    if (demand.networks == 0 || example.length < demand.example.length) demand.example = example;
    demand.service = service;
    demand.aspect = aspect;
    demand.service_class = service_class;
    demand.weight += weight;
    demand.networks += networks;
  }

  Measure measure(std::string unit) const {
    Measure out{std::move(unit), 0, {}};
    for (const auto& [key, demand] : demands_) {
      out.demands.push_back(demand);
      out.total += demand.weight;
    }
    return out;
  }

 private:
  const Snapshot& snapshot_;
  std::map<std::tuple<std::size_t, std::size_t, std::uint16_t>, Demand> demands_;
};

std::vector<std::size_t> steered_services(const Snapshot& snapshot) {
  std::vector<std::size_t> out;
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    if (is_steered(snapshot.services[s].service)) out.push_back(s);
  }
  return out;
}

}  // namespace

policy::Aspect asked_for(const policy::Service& service, base::Family client) {
  if (service.alias) return policy::Aspect::whole();
  const bool has = std::any_of(service.endpoints.begin(), service.endpoints.end(),
                               [&](const policy::Endpoint& e) { return e.address(client).has_value(); });
  if (has) return client;
  return client == base::Family::v4 ? base::Family::v6 : base::Family::v4;
}

base::Result<std::vector<Traffic>> parse_traffic(std::string_view text) {
  std::vector<Traffic> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    std::string_view line = trimmed(whole);
    if (line.empty() || line.front() == '#') continue;
    const std::string_view network = take_field(line);
    const std::string_view rate = take_field(line);
    const auto prefix = base::parse_prefix(network);
    Traffic one;
    const auto read = std::from_chars(rate.data(), rate.data() + rate.size(), one.rate);
    const bool is_rate = !rate.empty() && read.ec == std::errc() && read.ptr == rate.data() + rate.size() &&
                         std::isfinite(one.rate) && one.rate >= 0;
    if (!prefix && !is_rate && number == 1) continue;  // titles
    const std::string where = "line " + std::to_string(number) + ": ";
    if (!prefix) return base::Error{where + "\"" + std::string(network) + "\" is no network such as 192.0.2.0/24"};
    if (!is_rate) return base::Error{where + "\"" + std::string(rate) + "\" is no number of requests a second"};
    one.network = *prefix;
    one.service = std::string(trimmed(line));
    if (!one.service.empty() && one.service.back() == '.') one.service.pop_back();
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Measure> demand_of(const Snapshot& snapshot, const Survey& survey) {
  std::vector<Measure> out;
  const std::vector<std::size_t> services = steered_services(snapshot);
  const std::vector<bool> known = known_places(snapshot);
  for (const auto family : families) {
    const auto f = static_cast<std::size_t>(family);
    Gathering gathering(snapshot);
    for (std::size_t place = 0; place < survey.size(); ++place) {
      const PlaceExtent& extent = survey[place];
      if (extent.special || !known[place] || extent.networks[f] == 0) continue;
      for (const std::size_t s : services) {
        const std::uint16_t c = class_in_place(snapshot, s, static_cast<std::uint16_t>(place));
        gathering.add(s, family, c, extent.addresses[f] / static_cast<double>(services.size()), extent.networks[f],
                      *extent.example[f]);
      }
    }
    Measure measure = gathering.measure(family == base::Family::v4 ? "IPv4 addresses" : "IPv6 addresses");
    if (measure.total > 0) out.push_back(std::move(measure));
  }
  return out;
}

base::Result<Measure> demand_of(const Snapshot& snapshot, const std::vector<Traffic>& traffic) {
  Gathering gathering(snapshot);
  const std::vector<std::size_t> all = steered_services(snapshot);
  for (const Traffic& one : traffic) {
    std::vector<std::size_t> asked;
    for (const std::size_t s : all) {
      if (one.service.empty() || snapshot.services[s].service.name == one.service) asked.push_back(s);
    }
    if (asked.empty()) return base::Error{"no service is named \"" + one.service + "\""};
    for (const std::size_t s : asked) {
      const zones::SteeredName& name = snapshot.services[s];
      const std::uint16_t c =
          snapshot.locator
              ? snapshot.locator->locate(name.signature, one.network.address, one.network.length).service_class
              : std::uint16_t{0};
      gathering.add(s, one.network.address.family, c, one.rate / static_cast<double>(asked.size()), 1, one.network);
    }
  }
  return gathering.measure("req/s");
}

}  // namespace gslb::engine
