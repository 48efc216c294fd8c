// policy/service.hpp: one steered name, compiled: its endpoints, its chain of filters, and what it asks about clients.
//
//   ServiceSpec, sites, policy ──compile_service()──► Service ──make_plan(states)──► Plan ──draw──► endpoint set
//
// Threads: immutable after compile_service.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "geo/signature.hpp"
#include "policy/policy_spec.hpp"

namespace gslb::policy {

/// How endpoints are seen: by their address of one family, each answered for by itself, or as a whole (HTTPS).
class Aspect {
 public:
  constexpr Aspect(base::Family family) noexcept  // NOLINT(google-explicit-constructor): each family is one
      : index_(static_cast<std::uint8_t>(family)) {}
  static constexpr Aspect whole() noexcept {
    Aspect out = base::Family::v4;
    out.index_ = 2;
    return out;
  }
  constexpr std::size_t index() const noexcept { return index_; }
  constexpr bool sees(base::Family family) const noexcept { return *this == whole() || *this == Aspect(family); }
  constexpr bool operator==(const Aspect&) const noexcept = default;

 private:
  std::uint8_t index_;
};
inline constexpr std::array aspects{Aspect(base::Family::v4), Aspect(base::Family::v6), Aspect::whole()};

/// Where an endpoint stands in a NearestQuestion of the service's signature.
struct QuestionPoint {
  static constexpr std::uint16_t none = 0xffff;
  std::uint16_t question = none;  ///< none: its site has no coordinates; it comes after all that have
  std::uint16_t point = 0;
  bool operator==(const QuestionPoint&) const = default;
};

struct Endpoint {
  base::SiteId site;
  std::optional<base::IpAddress> v4;
  std::optional<base::IpAddress> v6;
  std::string host;  ///< "": its addresses are configured; else they are what is known of this host now
  std::vector<base::IpAddress> others;  ///< of a host: further addresses, of either family
  std::uint32_t weight = 1;
  std::uint16_t region = no_region;  ///< index in the signature's regions; no_region: serves anyone
  std::uint16_t rank = 0;            ///< tier in the order of a `priority` filter

  static constexpr std::uint16_t no_region = 0xffff;
  const std::optional<base::IpAddress>& address(base::Family family) const noexcept {
    return family == base::Family::v4 ? v4 : v6;
  }
  bool has(Aspect aspect) const noexcept {
    return (v4 && aspect.sees(base::Family::v4)) || (v6 && aspect.sees(base::Family::v6));
  }
  /// Calls `use` with each of its addresses.
  template <class Use>
  void each_address(Use&& use) const {
    if (v4) use(*v4);
    if (v6) use(*v6);
    for (const base::IpAddress& address : others) use(address);
  }
  /// Of a host: what is known of it from now on.
  void set_addresses(const std::vector<base::IpAddress>& addresses);
  bool operator==(const Endpoint&) const = default;
};

/// How the members of the chosen tier are answered with.
enum class Selection : std::uint8_t {
  by_client,  ///< a client's network always draws the same slot
  by_query,   ///< each query draws anew
  rotate,     ///< all members, the first one changes with each query
  all,        ///< all members in the order written
};

struct Step {
  FilterKind kind = FilterKind::fence;  ///< fence, nearest or priority
  bool strict = true;
  Outside outside = Outside::fallback;  ///< fence
  std::vector<bool> outside_members;    ///< fence, for Outside::sites: whether each endpoint is at one of them
  /// nearest: for each aspect, the place of each endpoint in the questions.
  std::array<std::vector<QuestionPoint>, aspects.size()> points;
  bool operator==(const Step&) const = default;
};

struct Service {
  std::string name;  ///< absolute owner name, without final dot
  std::string policy_name;
  Reflect reflect = Reflect::nothing;
  std::vector<Endpoint> endpoints;
  std::vector<Step> steps;
  Selection selection = Selection::by_client;
  bool weighted = false;  ///< members draw by weight; else all alike
  unsigned take = 1;      ///< most endpoints in one answer
  geo::Signature signature;
  std::vector<base::IpAddress> fallback;
  std::optional<HttpsSpec> https;
  bool alias = false;         ///< it answers with a CNAME to the host that is chosen, whatever the type
  std::uint32_t ttl = 30;     ///< seconds
  std::uint32_t ttl_min = 5;  ///< seconds
  base::Duration slowstart{};
  double spill_below = 0.5;
  double panic_below = 0;
  AllDown all_down = AllDown::as_if_up;
  bool fallback_outside = true;  ///< clients whom no endpoint serves get the fallback addresses, too
  std::array<std::uint8_t, 2> hash_prefix{24, 56};
  std::uint64_t salt = 0;  ///< of the draw by client

  /// Whether it is ever asked under this aspect.
  bool answers(Aspect aspect) const noexcept { return aspect == Aspect::whole() ? alias || https : !alias; }
  /// The aspect that stands for the service where one has to: that of the family that most of its endpoints have.
  Aspect main_aspect() const noexcept;
  /// Whether an endpoint can be in an answer under this aspect. One that is a host may come and go.
  bool has(const Endpoint& endpoint, Aspect aspect) const noexcept { return alias || endpoint.has(aspect); }
  /// Whether the records of an answer say in which order its members were drawn.
  bool ordered(Aspect aspect) const noexcept {
    return aspect == Aspect::whole() && !alias &&
           (selection == Selection::by_client || selection == Selection::by_query);
  }
  bool operator==(const Service&) const = default;
};

/// The sites of the configuration, as endpoints refer to them.
struct Sites {
  std::vector<SiteSpec> all;
  std::optional<base::SiteId> find(const std::string& name) const;
};

/// @param name  the service's absolute owner name, without final dot
/// @param alias  it answers with CNAME
/// The spec has been checked by config/: every site exists, `nearest` only over sites with coordinates.
Service compile_service(const ServiceSpec& spec, const PolicySpec& policy, const Sites& sites, const std::string& name,
                        bool alias = false);

}  // namespace gslb::policy
