#include "health/order_file.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <limits>

#include "base/hash.hpp"

namespace gslb::health {

namespace {

namespace json = boost::json;

constexpr std::int64_t version = 1;

base::Error damaged(std::string_view what) { return {"the file of orders is damaged: " + std::string(what)}; }

std::string checksum(std::string_view text) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(base::hash_bytes(text)));
  return digits;
}

std::int64_t milliseconds(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

json::object write(const Order& order) {
  json::object out{{"id", order.id},
                   {"kind", json::string(to_string(order.kind))},
                   {"service", order.scope.service},
                   {"site", order.scope.site},
                   {"address", order.scope.address},
                   {"author", order.author},
                   {"reason", order.reason},
                   {"given", milliseconds(order.given)},
                   {"forced", order.forced}};
  if (order.expires) out["expires"] = milliseconds(*order.expires);
  if (order.ended) {
    out["ended"] = milliseconds(*order.ended);
    out["ended_by"] = order.ended_by;
  }
  if (!order.node.empty()) out["node"] = order.node;
  if (!order.not_up.empty()) out["not_up"] = json::array(order.not_up.begin(), order.not_up.end());
  return out;
}

/// Reads the members of one order; `sound` says whether all were as they should be.
class OrderReader {
 public:
  explicit OrderReader(const json::object& object) : object_(object) {}

  bool sound() const { return sound_; }
  bool has(const char* name) const { return object_.contains(name); }

  std::string text(const char* name) {
    const json::value* value = object_.if_contains(name);
    const json::string* text = value != nullptr ? value->if_string() : nullptr;
    if (text == nullptr) sound_ = false;
    return text != nullptr ? std::string(*text) : std::string();
  }
  std::uint64_t number(const char* name) {
    const json::value* value = object_.if_contains(name);
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max() / 1'000'000 / 2;
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0 || value->get_int64() > largest) {
      sound_ = false;
      return 0;
    }
    return static_cast<std::uint64_t>(value->get_int64());
  }
  base::WallTime time(const char* name) { return base::WallTime(std::chrono::milliseconds(number(name))); }
  bool flag(const char* name) {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || !value->is_bool()) sound_ = false;
    return value != nullptr && value->is_bool() && value->get_bool();
  }
  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> out;
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || !value->is_array()) {
      sound_ = false;
      return out;
    }
    for (const json::value& entry : value->get_array()) {
      if (const json::string* text = entry.if_string()) {
        out.emplace_back(*text);
      } else {
        sound_ = false;
      }
    }
    std::ranges::sort(out);
    return out;
  }

 private:
  const json::object& object_;
  bool sound_ = true;
};

std::optional<Order> read(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  OrderReader in(*object);
  Order out;
  out.id = in.number("id");
  const auto kind = parse_order_kind(in.text("kind"));
  if (!kind) return std::nullopt;
  out.kind = *kind;
  out.scope = {in.text("service"), in.text("site"), in.text("address")};
  out.author = in.text("author");
  out.reason = in.text("reason");
  out.given = in.time("given");
  out.forced = in.flag("forced");
  if (in.has("expires")) out.expires = in.time("expires");
  if (in.has("ended")) {
    out.ended = in.time("ended");
    out.ended_by = in.text("ended_by");
  }
  if (in.has("node")) out.node = in.text("node");
  if (in.has("stored")) out.stored = in.number("stored");
  if (in.has("not_up")) out.not_up = in.texts("not_up");
  if (!in.sound()) return std::nullopt;
  return out;
}

}  // namespace

std::string to_text(const OrderBook& book) {
  json::array list;
  for (const Order& order : book.all()) {
    json::object& one = list.emplace_back(write(order)).get_object();
    if (order.stored != 0) one["stored"] = order.stored;
  }
  const std::string orders = json::serialize(json::object{{"last", book.last_id()}, {"list", std::move(list)}});
  std::string out = R"({"version":)" + std::to_string(version);
  return out.append(R"(,"checksum":")").append(checksum(orders)).append(R"(","orders":)").append(orders).append("}\n");
}

base::Result<OrderBook> parse_orders(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse(text, error);
  if (error) return damaged(error.message());
  const json::object* object = document.if_object();
  if (object == nullptr) return damaged("it is not an object");
  const json::value* found = object->if_contains("version");
  if (found == nullptr || !found->is_int64()) return damaged("it has no version");
  if (found->get_int64() != version)
    return base::Error{"the file of orders is of version " + std::to_string(found->get_int64()) +
                       ", which this release does not know"};
  const json::value* sum = object->if_contains("checksum");
  const json::value* orders = object->if_contains("orders");
  if (sum == nullptr || orders == nullptr || !sum->is_string() || !orders->is_object())
    return damaged("checksum or orders are missing");
  if (sum->get_string() != checksum(json::serialize(*orders))) return damaged("the checksum is wrong");
  const json::object& inside = orders->get_object();
  OrderReader in(inside);
  const std::uint64_t last = in.number("last");
  const json::value* list = inside.if_contains("list");
  if (!in.sound() || list == nullptr || !list->is_array()) return damaged("last or list are missing");
  std::vector<Order> out;
  for (const json::value& entry : list->get_array()) {
    auto order = read(entry);
    const std::uint64_t before = out.empty() ? 1 : out.back().id;
    if (!order || order->id < before || order->id > last)
      return damaged("list[" + std::to_string(out.size()) + "] is not an order");
    out.push_back(*std::move(order));
  }
  return OrderBook(std::move(out), last);
}

std::string to_text(const Order& order) { return json::serialize(write(order)); }

base::Result<Order> parse_order(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error) return base::Error{"it is no JSON: " + error.message()};
  auto order = read(value);
  if (!order || order->id == 0) return base::Error{"it is not an order"};
  order->stored = 0;
  return *std::move(order);
}

}  // namespace gslb::health
