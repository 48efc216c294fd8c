// zones/steered_name.hpp: a service's endpoints as records ready to copy into a reply.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "policy/service.hpp"

namespace gslb::zones {

/// A, then AAAA: C0 0C TYPE CLASS TTL RDLENGTH ADDRESS. The TTL at ttl_offset is written by whoever copies.
inline constexpr std::array<std::size_t, 2> steered_record_size{16, 28};
inline constexpr std::size_t steered_ttl_offset = 6;

struct SteeredName {
  policy::Service service;
  unsigned signature = 0;              ///< of the geography's
  std::vector<std::uint16_t> site_of;  ///< for each member: position among the sites; no_site for fallback addresses
  std::array<std::vector<std::uint8_t>, 2>
      records;  ///< for each family, one record a member; zeros where it has no address

  static constexpr std::uint16_t no_site = 0xffff;
  std::span<const std::uint8_t> record(base::Family family, std::size_t member) const noexcept {
    const auto f = static_cast<std::size_t>(family);
    return {records[f].data() + member * steered_record_size[f], steered_record_size[f]};
  }
};

/// Renders the records of a service. Members are its endpoints, then its fallback addresses.
SteeredName render(policy::Service service);

}  // namespace gslb::zones
