// zones/steered_name.hpp: a service's endpoints as records ready to copy into a reply.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/types.hpp"
#include "policy/service.hpp"

namespace gslb::zones {

/// A, then AAAA: C0 0C TYPE CLASS TTL RDLENGTH ADDRESS. The TTL is written by whoever copies.
inline constexpr std::array<std::size_t, 2> steered_record_size{16, 28};

struct SteeredName {
  policy::Service service;
  unsigned signature = 0;              ///< of the geography's
  std::vector<std::uint16_t> site_of;  ///< for each member: position among the sites; no_site for fallback addresses
  /// For each aspect the records of all members: one address each and zeros where it has none, or as `starts` says.
  std::array<std::vector<std::uint8_t>, policy::aspects.size()> records;
  /// For each aspect where the records of each member start, and the end; none: all are of one size.
  std::array<std::vector<std::uint32_t>, policy::aspects.size()> starts;
  std::array<bool, policy::aspects.size()> types{};  ///< see has_type()

  static constexpr std::uint16_t no_site = 0xffff;
  /// The type that is answered with under an aspect.
  std::uint16_t type(policy::Aspect aspect) const noexcept {
    if (aspect == policy::Aspect(base::Family::v4)) return static_cast<std::uint16_t>(dns::Rtype::A);
    if (aspect == policy::Aspect(base::Family::v6)) return static_cast<std::uint16_t>(dns::Rtype::AAAA);
    return static_cast<std::uint16_t>(service.alias ? dns::Rtype::CNAME : dns::Rtype::HTTPS);
  }
  /// Whether that type exists here: by configuration alone, but for what resolvers say of hosts.
  bool has_type(policy::Aspect aspect) const noexcept { return types[aspect.index()]; }
  /// What a member is answered with under one aspect: one record, or of a host with several addresses one each.
  std::span<const std::uint8_t> record(policy::Aspect aspect, std::size_t member) const noexcept {
    const std::size_t i = aspect.index();
    if (!starts[i].empty()) return {records[i].data() + starts[i][member], starts[i][member + 1] - starts[i][member]};
    return {records[i].data() + member * steered_record_size[i], steered_record_size[i]};
  }
  /// How many records that is.
  unsigned record_count(policy::Aspect aspect, std::span<const std::uint8_t> octets) const noexcept {
    if (aspect == policy::Aspect::whole() || starts[aspect.index()].empty()) return 1;
    return static_cast<unsigned>(octets.size() / steered_record_size[aspect.index()]);
  }
};

/// Renders the records of a service. Members are its endpoints, then its fallback addresses.
SteeredName render(policy::Service service);

}  // namespace gslb::zones
