// health/order.hpp: one order of a person about endpoints: what, of whom, by whom, why, until when. No clock, no I/O.
//
//   "drain fra for 2h, anna: kernel update"     kind drain, scope { site fra }, expires in 2 h
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "health/order_kind.hpp"

namespace gslb::health {

/// Whether `text` is what `pattern` stands for, in which "*" is any text and "?" any one character.
bool matches(std::string_view pattern, std::string_view text) noexcept;

/// Which endpoints are meant: those that match every part. A pattern holds for whatever matches it at the time, also
/// for what a later configuration adds.
struct OrderScope {
  std::string service;  ///< pattern of the whole name, or of its first labels; "": of any service
  std::string site;     ///< pattern of the name; "": at any site
  std::string address;  ///< pattern of the address in its usual form; "": any address
  bool holds(std::string_view of_service, std::string_view at_site, std::string_view of_address) const noexcept;
  bool operator==(const OrderScope&) const = default;
};
/// As it is written: "fra", "www.example.org", "www.example.org/fra", "192.0.2.10"; "*": everything.
std::string to_string(const OrderScope& scope);

struct Order {
  std::uint64_t id = 0;  ///< of two that were given at two nodes at once it may be the same
  std::string node;      ///< where it was given; "": at one that has no others
  OrderKind kind = OrderKind::drain;
  OrderScope scope;
  std::string author;
  std::string reason;
  base::WallTime given{};
  std::optional<base::WallTime> expires;  ///< nothing: only somebody's word ends it
  bool forced = false;                    ///< given although a safety rule was against it
  /// Of `hold`: "service address" of those that were not up, sorted. All others count as up.
  std::vector<std::string> not_up;
  std::optional<base::WallTime> ended;  ///< it holds no more
  std::string ended_by;                 ///< who; "": it expired
  std::uint64_t stored = 0;             ///< revision of the shared store that had it last; 0: none. Of this node alone
  bool operator==(const Order&) const = default;
};

/// Whether both are the same order, in whatever state.
bool same_order(const Order& a, const Order& b) noexcept;
/// "7"; "7@fra-1" if `among` others is another 7.
std::string name_of(const Order& order, const std::vector<Order>& among);

/// The entry of Order::not_up.
std::string held_key(std::string_view service, std::string_view address);

/// The one that wins of those that hold for an address: the strongest kind, of equal ones the oldest. Null: none does.
const Order* effective(const std::vector<Order>& orders, std::string_view service, std::string_view site,
                       std::string_view address) noexcept;

/// "drained by anna: kernel update, 1 h 12 min left"
std::string describe(const Order& order, base::WallTime now);

}  // namespace gslb::health
