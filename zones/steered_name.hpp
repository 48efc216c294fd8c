// zones/steered_name.hpp: a service's endpoints as records ready to copy into a reply.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "policy/service.hpp"

namespace gslb::zones {

/// A, then AAAA: C0 0C TYPE CLASS TTL RDLENGTH ADDRESS. The TTL is written by whoever copies.
inline constexpr std::array<std::size_t, 2> steered_record_size{16, 28};

struct SteeredName {
  policy::Service service;
  unsigned signature = 0;              ///< of the geography's
  std::vector<std::uint16_t> site_of;  ///< for each member: position among the sites; no_site for fallback addresses
  std::array<std::vector<std::uint8_t>, 2>
      records;  ///< for each family, one record a member; zeros where it has no address

  std::vector<std::uint8_t> https;  ///< an HTTPS record for each member, of priority 1; none if the service has none
  std::vector<std::uint32_t> https_at;  ///< where each begins, and the end

  static constexpr std::uint16_t no_site = 0xffff;
  /// Whether the records of a set say by their priorities, 1, 2, …, in which order its members were drawn.
  bool has_order(policy::Aspect aspect) const noexcept {
    return aspect == policy::Aspect::whole() && service.ordered();
  }
  /// What a member is answered with under one aspect.
  std::span<const std::uint8_t> record(policy::Aspect aspect, std::size_t member) const noexcept {
    if (aspect == policy::Aspect::whole())
      return {https.data() + https_at[member], https_at[member + 1] - https_at[member]};
    const std::size_t f = aspect.index();
    return {records[f].data() + member * steered_record_size[f], steered_record_size[f]};
  }
};

/// Renders the records of a service. Members are its endpoints, then its fallback addresses.
SteeredName render(policy::Service service);

}  // namespace gslb::zones
