// control/json_parts.hpp: what the files that speak JSON share: text and numbers that are always valid JSON, and a
// reader that takes what it knows and leaves the rest.
#pragma once

#include <boost/json.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace gslb::control {

namespace json = boost::json;

/// `text` with what is not UTF-8 replaced: JSON is UTF-8 (RFC 8259 section 8.1).
json::string utf8(std::string_view text);
/// RFC 3339; null for no time.
json::value time(base::WallTime at);
/// Null for no duration.
json::value seconds(base::Duration duration);
/// Null for what JSON has no number for.
json::value finite(double number);
json::array strings(const std::vector<std::string>& texts);
/// One line of text.
std::string line(const json::object& object);

/// Reads members of an object; one that is missing, null or of another type is left as it is.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  void read(const char* name, std::string& out) const {
    if (const auto* text = get<json::string>(name)) out.assign(text->data(), text->size());
  }
  void read(const char* name, bool& out) const {
    if (const auto* flag = get<bool>(name)) out = *flag;
  }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void read(const char* name, Number& out) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || !value->is_number()) return;
    boost::system::error_code error;
    const Number number = value->to_number<Number>(error);
    if (!error) out = number;
  }
  void read(const char* name, base::WallTime& out) const;
  void read(const char* name, base::Duration& out) const {
    double count = 0;
    read(name, count);
    if (std::abs(count) < 1e9) out = std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(count));
  }
  void read(const char* name, std::vector<std::string>& out) const {
    if (const auto* list = get<json::array>(name)) {
      for (const json::value& entry : *list) {
        if (const auto* text = entry.if_string()) out.emplace_back(text->data(), text->size());
      }
    }
  }
  void read(const char* name, std::optional<double>& out) const {
    double value = 0;
    if (const json::value* found = object_.if_contains(name); found == nullptr || !found->is_number()) return;
    read(name, value);
    out = value;
  }
  void read(const char* name, std::vector<std::vector<std::string>>& out) const {
    if (const auto* lists = get<json::array>(name)) {
      for (const json::value& list : *lists) {
        const json::object one{{"", list}};
        Reader(one).read("", out.emplace_back());
      }
    }
  }
  template <class Each>
  void each(const char* name, Each function) const {
    if (const auto* list = get<json::array>(name)) {
      for (const json::value& entry : *list) {
        if (const auto* object = entry.if_object()) function(Reader(*object));
      }
    }
  }
  template <class Inside>
  void inside(const char* name, Inside function) const {
    if (const auto* object = get<json::object>(name)) function(Reader(*object));
  }

 private:
  template <class T>
  const T* get(const char* name) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr) return nullptr;
    if constexpr (std::is_same_v<T, json::string>) return value->if_string();
    if constexpr (std::is_same_v<T, json::array>) return value->if_array();
    if constexpr (std::is_same_v<T, json::object>) return value->if_object();
    if constexpr (std::is_same_v<T, bool>) return value->if_bool();
  }
  const json::object& object_;
};

/// The object that `text` is.
base::Result<json::object> parse_object(std::string_view text);

}  // namespace gslb::control
