// tests/policy/fixture.hpp: a service at three sites, as policies see it.
#pragma once

#include "policy/service.hpp"

namespace gslb::policy {

inline FilterSpec filter(FilterKind kind) {
  FilterSpec spec;
  spec.kind = kind;
  return spec;
}

inline Sites sites() {
  const auto site = [](const char* name, double latitude, double longitude) {
    SiteSpec spec;
    spec.name = name;
    spec.at = geo::Coordinates{latitude, longitude};
    return spec;
  };
  return {{site("fra", 50.11, 8.68), site("iad", 39.04, -77.49), site("gru", -23.55, -46.63)}};
}

/// fra 192.0.2.10, iad 192.0.2.20, gru 192.0.2.30, each of weight 1.
inline ServiceSpec three_site_spec() {
  ServiceSpec spec;
  spec.name.value = "www";
  const char* names[] = {"fra", "iad", "gru"};
  for (std::uint32_t i = 0; i < 3; ++i) {
    EndpointSpec endpoint;
    endpoint.site.value = names[i];
    endpoint.v4 = base::Sourced<base::IpAddress>{base::IpAddress::v4(0xc000020aU + 10 * i), {}};
    spec.endpoints.push_back(endpoint);
  }
  return spec;
}

inline Service compile(const ServiceSpec& spec, std::vector<FilterSpec> filters) {
  PolicySpec policy;
  policy.name = "test";
  policy.filters = std::move(filters);
  return compile_service(spec, policy, sites(), "www.example.org");
}

inline Service three_sites(std::vector<FilterSpec> filters) { return compile(three_site_spec(), std::move(filters)); }

}  // namespace gslb::policy
