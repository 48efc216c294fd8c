// control/order_views.hpp: orders of people as the control API takes and shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "health/order.hpp"

namespace gslb::control {

/// What a person wants of the endpoints of one server.
struct OrderRequest {
  enum class Verb {
    give,
    end,        ///< that of `id`
    end_scope,  ///< those of one of `kinds` that were given for exactly this scope
  };
  Verb verb = Verb::give;
  std::vector<health::OrderKind> kinds;  ///< of give: exactly one
  std::string scope;                     ///< as the person wrote it
  std::string id;                        ///< "7", "7@fra-1"
  std::optional<base::Duration> lasts;   ///< nothing: until somebody ends it
  std::string reason;
  std::string author;
  bool force = false;  ///< also against a safety rule
};

/// An order, and what it does now.
struct OrderView {
  health::Order order;
  unsigned endpoints = 0;  ///< addresses that it reaches
  unsigned services = 0;
  base::Duration ttl{};  ///< the longest of the services that it reaches: so long old answers live
  /// Answers that named a site of it, since the server's start; nothing if its sites are also answered for others.
  std::optional<std::uint64_t> answers;
  // Of whole sites whose balancers this server reads, of orders that take out:
  std::optional<double> connections;   ///< open there
  std::optional<double> requests;      ///< a second
  std::optional<base::Duration> tail;  ///< so long clients went on coming after an earlier drain, the longest
};

/// Another node, and whether it obeys by now.
struct ElsewhereView {
  std::string node;
  bool ok = false;
  std::string error;  ///< "" if ok
};

/// What came of a request: orders given or ended, or why nothing was done.
struct OrderOutcome {
  std::vector<OrderView> orders;
  unsigned refused = 0;  ///< HTTP status of the refusal; 0: it was carried out
  std::string what;      ///< of the refusal
  std::string hint;
  std::string warning;  ///< carried out, but: it could not be kept over a restart
  std::vector<ElsewhereView> elsewhere;
};

}  // namespace gslb::control
