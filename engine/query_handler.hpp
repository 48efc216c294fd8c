// engine/query_handler.hpp: the one function that answers. UDP, TCP, tests, fuzzers and benchmarks call it.
//
//   octets ─prepare()─► Pending: parsed, hashed, zone found ─fetch()─► what it needs is near ─finish()─► reply octets
//
// UDP runs each over a whole batch before the next, which hides cache misses: prepare() begins to fetch the entries
// that say where things are, fetch() the things. Neither allocates, locks or calls the system. Threads: one handler for
// each worker.
#pragma once

#include <cstdint>
#include <span>

#include "base/random.hpp"
#include "engine/counters.hpp"
#include "engine/generation.hpp"
#include "engine/pending.hpp"
#include "engine/reply.hpp"
#include "engine/trace.hpp"

namespace gslb::engine {

class QueryHandler {
 public:
  /// @param seed  of the draws by query, and secret of the rate limiter
  /// @param workers  how many share the clients over UDP; each allows its part of their rates
  QueryHandler(std::uint64_t seed, Counters& counters, unsigned workers = 1)
      : random_(seed), limiter_(base::mix(seed)), workers_(workers), counters_(counters) {}

  /// From now on answers come from `generation`, which must outlive its use here. Between two batches only.
  void adopt(const Generation* generation) noexcept;
  /// The time of the next batch.
  void set_now(Instant now) noexcept { now_ = now; }
  /// What TCP clients that ask are told (RFC 7828): for how long an idle connection stays, in units of 100 ms.
  void set_keepalive(std::uint16_t timeout) noexcept { keepalive_ = timeout; }

  /// From now on each answer is also written down; null: no more.
  void record(Trace* trace) noexcept { trace_ = trace; }

  void prepare(Pending& pending, const Client& client, std::span<const std::uint8_t> message,
               Transport transport) noexcept;
  /// Between the two, for one of many.
  void fetch(const Pending& pending) const noexcept;
  /// @param reply  at least 512 octets
  /// @return octets of the reply; 0 means send nothing
  [[nodiscard]] std::size_t finish(Pending& pending, std::span<std::uint8_t> reply) noexcept;

  /// All at once, for one alone.
  [[nodiscard]] std::size_t handle(const Client& client, std::span<const std::uint8_t> message,
                                   std::span<std::uint8_t> reply, Transport transport) noexcept {
    prepare(scratch_, client, message, transport);
    return finish(scratch_, reply);
  }

 private:
  dns::Rcode resolve(Pending& pending, dns::CookieVerdict cookie, Reply& reply) noexcept;
  dns::Rcode resolve_chaos(const dns::Query& query, Reply& reply) const noexcept;
  dns::ReplyOptions options_for(const Pending& pending, const dns::CookieCheck& cookie) const noexcept;
  std::size_t slip(const Pending& pending, std::span<std::uint8_t> reply) noexcept;

  const Generation* generation_ = nullptr;
  Instant now_;
  base::Random random_;
  dns::RateLimiter limiter_;
  unsigned workers_;
  std::uint16_t keepalive_ = 100;
  Counters& counters_;
  Trace* trace_ = nullptr;
  Pending scratch_;
};

}  // namespace gslb::engine
