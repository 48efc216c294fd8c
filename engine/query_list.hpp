// engine/query_list.hpp: questions from a file, such as a query log cut down to name, type and client.
//
// Pure. Threads: any.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"
#include "engine/demand.hpp"

namespace gslb::engine {

struct ListedQuery {
  dns::Name name;
  dns::Rtype type = dns::Rtype::A;
  std::optional<base::Prefix> client;  ///< the client subnet
};

/// Lines "NAME", "NAME TYPE" or "NAME TYPE CLIENT" with blanks between; CLIENT is a network, or an address that stands
/// for its /24 or /56. Blank lines and lines that start with "#" are left out. Errors name the line.
[[nodiscard]] base::Result<std::vector<ListedQuery>> parse_queries(std::string_view text);

/// The same, each of which names its client and a service of the snapshot, as a request a second.
std::vector<Traffic> traffic_of(const Snapshot& snapshot, const std::vector<ListedQuery>& queries);

/// Each query that names its client, and a service of the snapshot, counts once.
Measure demand_of(const Snapshot& snapshot, const std::vector<ListedQuery>& queries);

/// A client subnet as resolvers send it: of an address the /24 or /56, a network as it is.
std::optional<base::Prefix> parse_client(std::string_view text);

}  // namespace gslb::engine
