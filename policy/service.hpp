// policy/service.hpp: one steered name, compiled: its endpoints, its chain of filters, and what it asks about clients.
//
//   ServiceSpec, sites, policy ──compile_service()──► Service ──make_plan(states)──► Plan ──draw──► endpoint set
//
// Threads: immutable after compile_service.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"
#include "geo/signature.hpp"
#include "health/guard_spec.hpp"
#include "policy/policy_spec.hpp"

namespace gslb::policy {

using EndpointIndex = std::uint16_t;

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

/// Where an endpoint stands in a nearest or fastest question of the service's signature; an inner service at several
/// points.
struct QuestionPoints {
  static constexpr std::uint16_t none = 0xffff;
  std::uint16_t question = none;  ///< none: its site has no coordinates; it comes after all that have
  std::uint16_t first = 0;        ///< in Step::points
  std::uint16_t count = 0;
  bool operator==(const QuestionPoints&) const = default;
};

/// An address of a site, or another service in the place of one: then it has neither site nor address.
struct Endpoint {
  base::SiteId site;
  std::optional<base::IpAddress> v4;
  std::optional<base::IpAddress> v6;
  std::string host;  ///< "": its addresses are configured; else they are what is known of this host now
  std::vector<base::IpAddress> others;  ///< of a host: further addresses, of either family
  std::uint32_t weight = 1;
  std::uint16_t region = no_region;  ///< index in the signature's regions; no_region: serves anyone
  std::uint16_t rank = 0;            ///< tier in the order of a `priority` filter
  std::uint16_t inner = no_inner;    ///< index in Service::inner of what stands here; no_inner: an address
  std::uint16_t outer = no_inner;    ///< index of the endpoint in whose place the service stands that it is in
  std::uint64_t capacity = 0;        ///< of its site, requests a second; 0: not known
  std::uint64_t key = 0;             ///< of its addresses: tells it apart wherever it is written

  static constexpr std::uint16_t no_region = 0xffff;
  static constexpr std::uint16_t no_inner = 0xffff;
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
  /// nearest, fastest: for each aspect, the place of each endpoint in the questions, and the points that these name.
  std::array<std::vector<QuestionPoints>, aspects.size()> places;
  std::array<std::vector<std::uint16_t>, aspects.size()> points;
  bool operator==(const Step&) const = default;
};

/// The filters of one service over its own members.
struct Chain {
  std::string label;  ///< of an inner service: its name in the zone, or "canary"
  std::vector<EndpointIndex> members;
  std::vector<Step> steps;
  bool weighted = false;  ///< members draw by weight; else all alike
  double spill_below = 0.5;
  bool operator==(const Chain&) const = default;
};

/// A part of the clients that goes to other endpoints, as long as these are up.
struct Canary {
  double share = 0;                            ///< of all clients
  std::uint16_t region = Endpoint::no_region;  ///< index in the signature's regions: whose clients all go there
  std::uint16_t inner = 0;                     ///< index in Service::inner
  bool operator==(const Canary&) const = default;
};

/// The members of the inner services are endpoints too, after the service's own.
struct Service : Chain {
  std::string name;  ///< absolute owner name, without final dot
  std::string policy_name;
  Reflect reflect = Reflect::nothing;
  std::vector<Endpoint> endpoints;
  std::vector<Chain> inner;  ///< services inside of this one, each after the one that it is in
  std::optional<Canary> canary;
  Selection selection = Selection::by_client;
  unsigned take = 1;  ///< most endpoints in one answer
  geo::Signature signature;
  std::vector<base::IpAddress> fallback;
  bool alias = false;         ///< it answers with a CNAME to the host that is chosen, whatever the type
  std::uint32_t ttl = 30;     ///< seconds
  std::uint32_t ttl_min = 5;  ///< seconds
  base::Duration slowstart{};
  std::optional<double> spill_above;
  double panic_below = 0;
  unsigned keep = 0;
  health::GuardSpec guards;
  Failback failback;
  bool ranked = false;  ///< its own chain has a `priority`
  AllDown all_down = AllDown::as_if_up;
  std::vector<SafetyRule> rules;
  bool observe = false;          ///< verdicts change no answer
  bool fallback_outside = true;  ///< clients whom no endpoint serves get the fallback addresses, too
  std::array<std::uint8_t, 2> hash_prefix{24, 56};
  std::uint64_t salt = 0;  ///< of the draw by client
  std::optional<HttpsSpec> https;

  /// Whether it is ever asked under this aspect.
  bool answers(Aspect aspect) const noexcept { return aspect == Aspect::whole() ? alias || https : !alias; }
  /// The aspect that stands for the service where one has to: that of the family that most of its endpoints have.
  Aspect main_aspect() const noexcept;
  /// Whether an endpoint can be in an answer under this aspect. One that is a host may come and go.
  bool has(const Endpoint& endpoint, Aspect aspect) const noexcept {
    return endpoint.inner == Endpoint::no_inner && (alias || endpoint.has(aspect));
  }
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

/// What stands behind the name of another service of the zone.
struct InnerService {
  const ServiceSpec* spec;
  const PolicySpec* policy;
};
using FindInner = std::function<InnerService(const std::string&)>;

/// @param name  the service's absolute owner name, without final dot
/// @param find  for services that hold others
/// @param alias  it answers with CNAME
/// The spec has been checked by config/: every site and every inner service exists, none holds itself, `nearest` only
/// over sites with coordinates.
Service compile_service(const ServiceSpec& spec, const PolicySpec& policy, const Sites& sites, const std::string& name,
                        const FindInner& find = {}, bool alias = false);

/// Where an endpoint was written.
struct Origin {
  const ServiceSpec* service;  ///< whose monitor probes it
  const EndpointSpec* endpoint;
};

/// For each endpoint of compile_service(). Does not read the policies of what `find` finds.
std::vector<Origin> origins(const ServiceSpec& spec, const FindInner& find);

}  // namespace gslb::policy
