// health/feeds/json_access.hpp: JSON as other systems write it: numbers may be strings, what is empty may be left out.
// For the .cpp files of this folder.
#pragma once

#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace gslb::health::feeds {

namespace json = boost::json;

inline base::Result<json::value> parsed(std::string_view text, std::string_view source) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return base::Error{std::string(source) + "'s answer is no JSON: " + error.message()};
  return value;
}

/// The value at a path of names; null if there is none.
inline const json::value* at(const json::value& from, std::initializer_list<std::string_view> path) {
  const json::value* here = &from;
  for (const std::string_view name : path) {
    const json::object* object = here->if_object();
    here = object == nullptr ? nullptr : object->if_contains(name);
    if (here == nullptr) return nullptr;
  }
  return here;
}

inline std::string text_at(const json::value& from, std::initializer_list<std::string_view> path) {
  const json::value* found = at(from, path);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

inline std::optional<double> number(const json::value& value) {
  std::optional<double> out;
  if (value.is_number()) out = value.to_number<double>();
  if (const json::string* text = value.if_string()) {
    double read = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), read);
    if (error == std::errc() && end == text->data() + text->size() && !text->empty()) out = read;
  }
  return out && std::isfinite(*out) ? out : std::nullopt;
}

inline std::optional<double> number_at(const json::value& from, std::initializer_list<std::string_view> path) {
  const json::value* found = at(from, path);
  return found == nullptr ? std::nullopt : number(*found);
}

/// "ADDRESS:PORT" as a member's name; a port that is none becomes 0.
inline std::string name_of(std::string address, std::optional<double> port) {
  const bool good = port && *port >= 0 && *port <= 65535;
  return std::move(address) + ":" + std::to_string(good ? static_cast<unsigned>(*port) : 0U);
}

/// Absent, or none: `otherwise`. "true" and "false" count, too.
inline bool truth_at(const json::value& from, std::initializer_list<std::string_view> path, bool otherwise) {
  const json::value* found = at(from, path);
  if (found == nullptr) return otherwise;
  if (const bool* value = found->if_bool()) return *value;
  if (const json::string* text = found->if_string()) return *text == "true" || (*text != "false" && otherwise);
  return otherwise;
}

/// The list at a path; null if there is none.
inline const json::array* list_at(const json::value& from, std::initializer_list<std::string_view> path) {
  const json::value* found = at(from, path);
  return found == nullptr ? nullptr : found->if_array();
}

}  // namespace gslb::health::feeds
