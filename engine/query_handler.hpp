// engine/query_handler.hpp: the one function that answers. UDP, TCP, tests, fuzzers and benchmarks call it.
//
//   octets ─prepare()─► Pending: parsed, hashed, zone found, memory fetched ─finish()─► reply octets
//
// UDP runs prepare over a whole batch and then finish over it, which hides cache misses.
// Neither allocates, locks or calls the system. Threads: one handler for each worker.
#pragma once

#include <cstdint>
#include <span>

#include "base/random.hpp"
#include "engine/counters.hpp"
#include "engine/generation.hpp"
#include "engine/pending.hpp"

namespace gslb::engine {

class QueryHandler {
 public:
  /// @param seed  of the draws by query
  QueryHandler(std::uint64_t seed, Counters& counters) noexcept : random_(seed), counters_(counters) {}

  /// From now on answers come from `generation`, which must outlive its use here. Between two batches only.
  void adopt(const Generation* generation) noexcept { generation_ = generation; }

  void prepare(Pending& pending, const Client& client, std::span<const std::uint8_t> message,
               Transport transport) noexcept;
  /// @param reply  at least 512 octets
  /// @return octets of the reply; 0 means send nothing
  [[nodiscard]] std::size_t finish(Pending& pending, std::span<std::uint8_t> reply) noexcept;

  /// Both steps at once.
  [[nodiscard]] std::size_t handle(const Client& client, std::span<const std::uint8_t> message,
                                   std::span<std::uint8_t> reply, Transport transport) noexcept {
    prepare(scratch_, client, message, transport);
    return finish(scratch_, reply);
  }

 private:
  dns::Rcode resolve(Pending& pending, class Reply& reply) noexcept;

  const Generation* generation_ = nullptr;
  base::Random random_;
  Counters& counters_;
  Pending scratch_;
};

}  // namespace gslb::engine
