#include "server/order_keeper.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "health/order_file.hpp"

namespace gslb::server {

namespace {

constexpr std::size_t largest_file = 64 << 20;
/// Wall clocks are set now and then: no longer than this goes by without a look at it.
constexpr std::chrono::minutes longest_sleep{1};
constexpr const char* unwritten = "orders cannot be kept over a restart: ";

}  // namespace

void OrderKeeper::open(const std::string& directory) {
  if (directory.empty()) return;
  path_ = directory + "/orders.json";
  std::error_code error;
  if (!std::filesystem::exists(path_, error) && !error) return;
  const auto text = base::read_file(path_, largest_file);
  auto book = text ? health::parse_orders(*text) : base::Result<health::OrderBook>(text.error());
  if (book) {
    book_ = *std::move(book);
    return;
  }
  const std::string aside = path_ + ".damaged";
  const bool moved = std::rename(path_.c_str(), aside.c_str()) == 0;
  warnings_.push_back("orders of before the restart are not obeyed: " + book.error().what + "; " +
                      (moved ? "the file is now " + aside : path_ + " stays as it is") +
                      ": give those again that should hold");
  if (!moved) path_.clear();  // what is in it may still be read by a person
  base::log_error(warnings_.back());
}

void OrderKeeper::start() { look(); }

base::Result<health::Order> OrderKeeper::give(health::Order order) {
  order.node = node_;
  auto given = book_.give(std::move(order), base::wall_now());
  if (!given) return given;
  changed();
  say(*given, "order " + health::name_of(*given, book_.all()) + ": " + health::to_string(given->scope) + " " +
                  health::describe(*given, given->given) + (given->forced ? ", against a safety rule" : ""));
  return given;
}

base::Result<health::Order> OrderKeeper::end(std::string_view name, const std::string& by) {
  auto ended = book_.end(name, by, base::wall_now());
  if (!ended) return ended;
  changed();
  say(*ended, named(*ended) + " was ended by " + by);
  return ended;
}

std::vector<health::Order> OrderKeeper::end(const std::vector<health::OrderKind>& kinds,
                                            const health::OrderScope& scope, const std::string& by) {
  std::vector<health::Order> ended = book_.end(kinds, scope, by, base::wall_now());
  if (!ended.empty()) changed();
  for (const health::Order& order : ended) say(order, named(order) + " was ended by " + by);
  return ended;
}

void OrderKeeper::merge(const std::vector<health::Order>& others, const std::string& whose) {
  const health::OrderBook::Merged merged = book_.merge(others, base::wall_now());
  if (merged.refused != std::exchange(refused_[whose], merged.refused) && merged.refused > 0)
    base::log_warning(std::to_string(merged.refused) + " orders of " + whose +
                      " are not obeyed: no node can give such");
  if (!merged.changed()) return;
  changed();
  for (const health::Order& order : merged.begun)
    say(order, "order " + health::name_of(order, book_.all()) + ", by " + whose + ": " +
                   health::to_string(order.scope) + " " + health::describe(order, base::wall_now()));
  for (const health::Order& order : merged.ended)
    say(order,
        named(order) + (order.ended_by.empty() ? " has expired" : " was ended by " + order.ended_by) + ", by " + whose);
}

void OrderKeeper::stored(const std::vector<std::pair<health::Order, std::uint64_t>>& orders) {
  for (const auto& [order, revision] : orders) book_.stored(order, revision);
  if (!orders.empty()) write();
}

std::string OrderKeeper::named(const health::Order& order) const {
  return "order " + health::name_of(order, book_.all()) + " (" + std::string(health::to_string(order.kind)) + " " +
         health::to_string(order.scope) + ")";
}

/// On disk first: an order that somebody was told of is there after a crash.
void OrderKeeper::changed() {
  write();
  look();
}

void OrderKeeper::write() {
  if (path_.empty()) return;
  std::erase_if(warnings_, [](const std::string& warning) { return warning.starts_with(unwritten); });
  if (const auto written = base::write_file_atomically(path_, health::to_text(book_)); !written) {
    warnings_.push_back(unwritten + written.error().what);
    base::log_error(warnings_.back());
  }
}

void OrderKeeper::look() {
  const base::WallTime now = base::wall_now();
  const health::OrderBook::Step step = book_.step(now);
  obey_(book_.all());
  if (!step.expired.empty()) write();
  for (const health::Order& order : step.expired) say(order, named(order) + ", by " + order.author + ", has expired");
  for (const health::Order& order : step.expiring)
    say(order, "order " + health::name_of(order, book_.all()) + ": " + health::to_string(order.scope) + " " +
                   health::describe(order, now) + ", and then it ends");
  if (!step.next) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::clamp<base::Duration>(*step.next - now, std::chrono::milliseconds(1), longest_sleep));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

void OrderKeeper::say(const health::Order& order, const std::string& what) {
  base::log_warning(what, {{"order", order.id},
                           {"kind", health::to_string(order.kind)},
                           {"scope", health::to_string(order.scope)},
                           {"author", order.author},
                           {"reason", order.reason}});
  health::Event event;
  event.when = base::wall_now();
  event.kind = health::EventKind::order;
  event.what = what;
  event.address = order.scope.address;
  if (!order.scope.service.empty()) event.services.push_back(order.scope.service);
  if (!order.scope.site.empty()) event.sites.push_back(order.scope.site);
  tell_(std::move(event));
}

}  // namespace gslb::server
