// engine/explain.hpp: why a client gets the answer it gets.
//
//   Asker ─► QueryHandler with a Trace ─► reply, links, draw ─┐
//            policy::trace_class (the chain, watched) ────────┴─► Explanation ──control/──► text, JSON
//
// The answer is the one that the handler gives on the same generation; the reasons are what the same chain recorded.
// Pure. Threads: any.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "engine/generation.hpp"
#include "engine/query_handler.hpp"
#include "engine/trace.hpp"
#include "engine/why_not.hpp"
#include "health/order.hpp"

namespace gslb::engine {

/// Who asks what. At least one of `subnet` and `resolver` says who.
struct Asker {
  dns::Name name;
  dns::Rtype type = dns::Rtype::A;
  std::optional<base::Prefix> subnet;  ///< of the client subnet option; none: the query has none
  base::IpAddress resolver;            ///< that sends the query
  std::string why_not;                 ///< a site to ask about; "" for none
  bool facts = false;  ///< the files of the geography are asked where the client is: slow (geo/facts.hpp)
};

/// An endpoint as the chain saw it, or a fallback address.
struct Candidate {
  /// Both, where the answer is for endpoints as a whole (HTTPS); a host's name, where that is the answer; "service
  /// NAME" for a service that stands in the place of an endpoint.
  std::string address;
  std::string site;    ///< "" for fallback addresses
  bool here = false;   ///< it has an address of the family; the others take no part
  bool inner = false;  ///< it is a service: its weight is what can be carried inside of it
  bool probed = false;
  policy::EndpointState state;
  std::string order;         ///< of people that wins over the verdict: "drained by anna: …"; "" if there is none
  std::string reason;        ///< of the last probe; "" if there was none
  base::WallTime since{};    ///< of the verdict
  double configured = 0;     ///< weight
  double effective = 0;      ///< weight by its state, or by what is inside
  bool serves = true;        ///< its `serves` holds the client
  std::uint16_t rank = 0;    ///< in the order of `priority`
  std::optional<double> km;  ///< from the client, great circle, without bias
  double first = 0;          ///< of clients like this one, the part that gets it first
  double any = 0;            ///< the part that gets it at all
};

struct StepRecord {
  policy::FilterKind kind = policy::FilterKind::fence;
  bool strict = true;
  policy::Outside outside = policy::Outside::fallback;  ///< fence: what clients get whom no endpoint serves
  double within = 0;                                    ///< nearest: kilometres; fastest: milliseconds
  bool outsider = false;                                ///< fence: no endpoint serves the client
  bool known = true;                                    ///< nearest, fastest: how far the sites are from the client
  policy::Tiers tiers;                                  ///< after it
  std::vector<policy::EndpointIndex> dropped;           ///< by it
};

/// A chain of filters, step by step.
struct ChainRecord {
  std::string label;  ///< "" for the service's own; of one inside, its name in the zone; or "canary"
  policy::Tiers start;
  std::vector<StepRecord> steps;
  const policy::Tiers& end() const noexcept { return steps.empty() ? start : steps.back().tiers; }
};

/// Where the client was taken to be.
struct ClientPlace {
  bool known = false;
  std::optional<geo::Coordinates> at;
  std::string place;  ///< "GB, London"; may be ""
  std::uint32_t asn = 0;
  std::string source;                   ///< which file, or what else; also why nothing is known, if a file changed
  std::optional<base::Prefix> network;  ///< what it says so of
};

struct SteeredReasons {
  std::string service;
  std::string policy;
  policy::Aspect aspect = base::Family::v4;
  base::IpAddress client;  ///< whose place and hash decided
  unsigned client_length = 0;
  bool from_subnet = false;
  bool special_subnet = false;
  bool asks_place = false;  ///< the service looks at where clients are
  ClientPlace where;
  std::vector<Candidate> candidates;  ///< endpoints, then fallback addresses
  ChainRecord own;
  std::vector<ChainRecord> inner;  ///< of the services inside that hold something for this client, and of the canary
  policy::Shares shares;
  policy::Selection selection = policy::Selection::by_client;
  bool weighted = false;
  unsigned take = 1;
  policy::Guards guards;  ///< who is held back or kept, what sites keep of their load
  double spill_below = 0;
  double panic_below = 0;
  policy::AllDown all_down = policy::AllDown::as_if_up;
  policy::Draw draw = policy::Draw::nothing;
  unsigned hashed = 0;     ///< leading bits of the client's address that were hashed; 0: no hash decided
  std::uint32_t slot = 0;  ///< of `slots`, where one was drawn
  std::uint32_t slots = 0;
  std::vector<policy::EndpointIndex> answer;
  std::uint32_t ttl = 0;
  std::uint32_t configured_ttl = 0;
  std::vector<policy::EndpointIndex> hurried;  ///< whose state lowers the TTL
};

struct LinkReasons {
  std::string name;
  std::string zone;
  zones::Outcome outcome = zones::Outcome::nxdomain;
  bool wildcard = false;
  std::string owner;  ///< of the records, where it is not the name
  std::string type;   ///< of the records
  std::uint32_t ttl = 0;
  std::vector<std::string> records;  ///< record data in text
};

struct Explanation {
  std::string name;
  std::string type;
  std::optional<base::Prefix> subnet;
  base::IpAddress resolver;
  std::uint64_t configuration = 0;
  std::uint64_t plan = 0;
  dns::Rcode rcode = dns::Rcode::refused;
  unsigned scope = 0;              ///< SCOPE PREFIX-LENGTH of the reply; only where the query has a subnet
  std::vector<LinkReasons> links;  ///< empty: the name is in none of our zones
  bool left_to_resolver = false;   ///< the chain ends before a steered name (RFC 7871 section 7.2.1)
  std::string reflects;            ///< what a service without endpoints answers with; "" for others
  std::optional<SteeredReasons> steered;
  std::optional<WhyNot> why_not;  ///< if asked for, and the service has an endpoint there
};

class Explainer {
 public:
  /// @param states  of the snapshot's targets, for the reasons behind verdicts; may be empty
  /// @param orders  of people that the generation obeys
  explicit Explainer(GenerationPtr generation, std::span<const health::TargetState> states = {},
                     std::vector<health::Order> orders = {});

  Explanation explain(const Asker& asker);
  /// What the handler wrote down at the last explain().
  const Trace& trace() const noexcept { return trace_; }
  /// The reply of the last explain(), in wire form.
  std::span<const std::uint8_t> reply() const noexcept { return reply_; }

 private:
  LinkReasons link(const Trace::Link& link) const;
  SteeredReasons steered(const Trace::Steered& drawn, bool facts) const;
  void add_facts(std::size_t service, SteeredReasons& out) const;
  Candidate candidate(std::size_t service, policy::Aspect aspect, std::size_t endpoint) const;

  GenerationPtr generation_;
  std::vector<health::TargetState> states_;
  std::vector<health::Order> orders_;
  std::unique_ptr<Counters> counters_ = std::make_unique<Counters>();
  QueryHandler handler_{1, *counters_};
  Trace trace_;
  std::vector<std::uint8_t> reply_;
};

}  // namespace gslb::engine
