// control/shadow.hpp: our answers beside those of the server that answers today, to change over without fear.
//
//   list of queries ─► what we may answer (a configuration, all up) ─┐
//                 └──► the other server, over DNS, at a bounded rate ─┴─► agreement for each name and site, and
//                 examples
//
// Sends to nobody but the server that is named.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "control/reasons.hpp"
#include "engine/query_list.hpp"
#include "net/udp_exchange.hpp"

namespace gslb::control {

/// How the other server's answer compares with ours.
enum class Agreement : std::uint8_t {
  same,      ///< the same addresses and RCODE
  possible,  ///< one that we give to other clients like this one: only the draw differs
  differs,
  silent,  ///< it did not answer, or not in a way that can be read
};

struct Tally {
  std::uint64_t same = 0, possible = 0, differs = 0, silent = 0;
};

struct ShadowExample {
  std::string query;  ///< "www.example.org. A 192.0.2.0/24"
  std::string ours;
  std::string theirs;
};

struct Shadow {
  Tally all;
  std::map<std::string, Tally> names;
  std::map<std::string, Tally> sites;   ///< by the site that we answer with first; "" for answers without one
  std::vector<ShadowExample> examples;  ///< of those that differ, the first of each name and pair of answers
};

/// @param present  what we would answer from
[[nodiscard]] base::Result<Shadow> shadow(const Present& present, const std::vector<engine::ListedQuery>& queries,
                                          const base::SocketAddress& server, const net::ExchangeLimits& limits);

std::string render_shadow(const Shadow& shadow, const base::SocketAddress& server);

}  // namespace gslb::control
