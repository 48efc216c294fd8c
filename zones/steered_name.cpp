#include "zones/steered_name.hpp"

#include <algorithm>

#include "dns/name.hpp"
#include "zones/https_record.hpp"

namespace gslb::zones {

using policy::Aspect;

namespace {

void put_record(std::vector<std::uint8_t>& out, dns::Rtype type, std::span<const std::uint8_t> rdata) {
  const std::uint8_t head[12] = {0xc0, 0x0c, 0, static_cast<std::uint8_t>(type),        0, 1, 0, 0,
                                 0,    0,    0, static_cast<std::uint8_t>(rdata.size())};
  out.insert(out.end(), std::begin(head), std::end(head));
  out.insert(out.end(), rdata.begin(), rdata.end());
}

std::vector<base::IpAddress> addresses_of(const policy::Endpoint& endpoint) {
  std::vector<base::IpAddress> out;
  endpoint.each_address([&](const base::IpAddress& address) { out.push_back(address); });
  return out;
}

class Renderer {
 public:
  explicit Renderer(policy::Service service) { name_.service = std::move(service); }

  SteeredName run() {
    const policy::Service& service = name_.service;
    hosts_ = std::ranges::any_of(service.endpoints, [](const policy::Endpoint& e) { return !e.host.empty(); });
    for (const policy::Endpoint& endpoint : service.endpoints) {
      add(endpoint.site.value, addresses_of(endpoint), endpoint.host);
    }
    for (const base::IpAddress& address : service.fallback) add(SteeredName::no_site, {address}, {});
    for (const Aspect aspect : policy::aspects)
      if (varies(aspect)) mark(aspect);
    note_types();
    return std::move(name_);
  }

 private:
  /// Whether the records of a member are not of one size.
  bool varies(Aspect aspect) const { return name_.service.answers(aspect) && (aspect == Aspect::whole() || hosts_); }
  void mark(Aspect aspect) {
    const std::size_t i = aspect.index();
    name_.starts[i].push_back(static_cast<std::uint32_t>(name_.records[i].size()));
  }

  void add(std::uint16_t site, const std::vector<base::IpAddress>& addresses, const std::string& host) {
    name_.site_of.push_back(site);
    for (const Aspect aspect : policy::aspects) {
      if (varies(aspect)) mark(aspect);
      if (aspect != Aspect::whole()) add_addresses(aspect, addresses);
    }
    auto& whole = name_.records[Aspect::whole().index()];
    if (name_.service.https && !addresses.empty()) append_https_record(*name_.service.https, addresses, whole);
    if (name_.service.alias) put_record(whole, dns::Rtype::CNAME, dns::Name::parse(host + ".").value().wire());
  }

  void add_addresses(Aspect aspect, const std::vector<base::IpAddress>& addresses) {
    if (!name_.service.answers(aspect)) return;
    auto& out = name_.records[aspect.index()];
    const std::size_t before = out.size();
    for (const base::IpAddress& address : addresses)
      if (aspect == Aspect(address.family))
        put_record(out, static_cast<dns::Rtype>(name_.type(aspect)), address.bytes());
    if (!varies(aspect)) out.resize(before + steered_record_size[aspect.index()]);
  }

  void note_types() {
    const policy::Service& service = name_.service;
    const auto has = [&](Aspect aspect) {
      return std::ranges::any_of(service.endpoints, [&](const policy::Endpoint& e) { return e.has(aspect); }) ||
             std::ranges::any_of(service.fallback, [&](const base::IpAddress& a) { return aspect.sees(a.family); });
    };
    // While nothing is known of any host, either family may turn out to be there.
    const bool unknown = service.reflect != policy::Reflect::nothing || (hosts_ && !has(Aspect::whole()));
    for (const Aspect aspect : policy::aspects)
      name_.types[aspect.index()] = service.answers(aspect) && (aspect == Aspect::whole() || has(aspect) || unknown);
  }

  SteeredName name_;
  bool hosts_ = false;
};

}  // namespace

SteeredName render(policy::Service service) { return Renderer(std::move(service)).run(); }

}  // namespace gslb::zones
