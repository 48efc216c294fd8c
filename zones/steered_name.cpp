#include "zones/steered_name.hpp"

#include <cstring>

#include "zones/https_record.hpp"

namespace gslb::zones {

namespace {

void put_record(std::uint8_t* out, const base::IpAddress& address) {
  const bool v6 = address.family == base::Family::v6;
  const std::uint8_t head[12] = {0xc0, 0x0c, 0, static_cast<std::uint8_t>(v6 ? 28 : 1), 0, 1, 0, 0,
                                 0,    0,    0, static_cast<std::uint8_t>(v6 ? 16 : 4)};
  std::memcpy(out, head, sizeof head);
  std::memcpy(out + sizeof head, address.octets.data(), v6 ? 16 : 4);
}

}  // namespace

SteeredName render(policy::Service service) {
  SteeredName name;
  const std::size_t members = service.endpoints.size() + service.fallback.size();
  for (std::size_t f = 0; f < 2; ++f) name.records[f].resize(members * steered_record_size[f]);
  const auto put = [&](std::size_t member, const base::IpAddress& address) {
    const auto f = static_cast<std::size_t>(address.family);
    put_record(name.records[f].data() + member * steered_record_size[f], address);
  };
  for (const policy::Endpoint& endpoint : service.endpoints) {
    if (endpoint.v4) put(name.site_of.size(), *endpoint.v4);
    if (endpoint.v6) put(name.site_of.size(), *endpoint.v6);
    name.site_of.push_back(endpoint.site.value);
  }
  for (const base::IpAddress& address : service.fallback) {
    put(name.site_of.size(), address);
    name.site_of.push_back(SteeredName::no_site);
  }
  if (service.https) {
    const auto put_whole = [&](std::span<const base::IpAddress> addresses) {
      name.https_at.push_back(static_cast<std::uint32_t>(name.https.size()));
      append_https_record(*service.https, addresses, name.https);
    };
    for (const policy::Endpoint& endpoint : service.endpoints) {
      std::vector<base::IpAddress> addresses;
      for (const auto& address : {endpoint.v4, endpoint.v6})
        if (address) addresses.push_back(*address);
      put_whole(addresses);
    }
    for (const base::IpAddress& address : service.fallback) put_whole({&address, 1});
    name.https_at.push_back(static_cast<std::uint32_t>(name.https.size()));
  }
  name.service = std::move(service);
  return name;
}

}  // namespace gslb::zones
