// engine/resolve.hpp: from a question that is ours to the records of its answer: RFC 1034 section 4.3.2 over the zones
// of a generation, and the draw of a steered name.
//
//   Pending (parsed, zone found) ──► zone look-up ─► CNAME or DNAME, again ─► records, or a service's draw ──► Reply
//
// Lives on the stack for one query; no allocation. Threads: the worker's.
#pragma once

#include <array>
#include <optional>

#include "base/random.hpp"
#include "engine/counters.hpp"
#include "engine/generation.hpp"
#include "engine/pending.hpp"
#include "engine/reply.hpp"
#include "engine/trace.hpp"

namespace gslb::engine {

class Resolution {
 public:
  static constexpr unsigned longest_chain = Trace::longest_chain;  ///< links of CNAME and DNAME in one answer

  /// @param pending  its zone was found; the query's name is overwritten as a chain is followed
  /// @param trace  null: nobody watches
  Resolution(const Generation& generation, base::Random& random, Counters& counters, Pending& pending, Reply& reply,
             Trace* trace) noexcept
      : generation_(generation),
        random_(random),
        counters_(counters),
        pending_(pending),
        reply_(reply),
        trace_(trace) {}

  dns::Rcode run() noexcept;

 private:
  /// Where a client was found for one service.
  struct Steering {
    base::IpAddress address;   ///< whose hash draws
    unsigned length = 0;       ///< leading bits of it that are known
    bool from_subnet = false;  ///< it is the client's network, not the resolver
    bool special = false;      ///< the client's network is nowhere
    std::uint16_t client_class = 0;
    std::uint8_t scope = 0;
  };
  /// What the answers of one service to one client share.
  struct Steered {
    const zones::SteeredName* name = nullptr;
    const policy::Plan* plan = nullptr;
    std::uint32_t service = 0;  ///< its number in its zone
    Steering at;
    std::uint64_t random = 0;
  };
  /// An NSEC to be added once all answers are there.
  struct Proof {
    const zones::ZoneSignatures* signatures;
    std::uint32_t chain;
    std::size_t apex;  ///< where the zone's name stands in the message
  };

  dns::Rcode follow() noexcept;
  dns::Rcode not_ready(unsigned link) noexcept;
  void deny(const zones::Answer& answer) noexcept;
  std::optional<dns::Rcode> lead_on(std::uint32_t first, const zones::Answer& answer) noexcept;
  std::optional<dns::Rcode> rename(const zones::Answer& answer) noexcept;
  void refer(const zones::Answer& answer) noexcept;
  bool answer_made(const zones::ZoneSignatures& made, const zones::Answer& answer) noexcept;
  dns::Rcode steer(std::uint32_t first, std::uint32_t service, policy::Aspect aspect) noexcept;
  bool add_set(Section section, policy::Aspect aspect, Steered& steered) noexcept;
  void add_addresses_of_whole() noexcept;
  void note(policy::Aspect aspect, const Steered& steered, unsigned hashed, std::uint64_t bits,
            std::uint32_t set) noexcept;
  bool reflect(const policy::Service& service, base::Family family) noexcept;
  Steering place(const zones::SteeredName& name) const noexcept;

  bool add(Section section, const zones::Records& records, const zones::Records& rrsigs, std::size_t owner) noexcept;
  bool add_rrset(Section section, const zones::Answer& answer, const zones::Rrset& rrset, std::size_t owner) noexcept;
  bool add_challenge(const zones::Challenges& challenges, const zones::Answer& answer) noexcept;
  void add_soa() noexcept;
  void add_additionals() noexcept;
  std::size_t apex() const noexcept;
  void prove(std::uint32_t chain) noexcept;
  void prove_absent(unsigned label, bool star) noexcept;
  void add_proof(const Proof& proof) noexcept;

  const Generation& generation_;
  base::Random& random_;
  Counters& counters_;
  Pending& pending_;
  Reply& reply_;
  Trace* trace_;
  // Of the zone that the present name is in:
  const zones::Zone* zone_ = nullptr;
  const zones::ZoneSignatures* zone_signatures_ = nullptr;  ///< null: it is not signed
  const zones::ZoneSignatures* signatures_ = nullptr;       ///< null: or nobody asked for signatures
  unsigned apex_label_ = 0;

  const zones::Rrset* pointing_ = nullptr;  ///< whose additionals to add
  bool glue_ = false;                       ///< they must not be missing
  Steered whole_;                           ///< whose addresses to add: those of the endpoints answered as a whole
  std::array<Proof, longest_chain + 2> proofs_;
  unsigned proof_count_ = 0;
};

}  // namespace gslb::engine
