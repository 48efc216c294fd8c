#include "health/sharing/etcd_json.hpp"

#include <array>
#include <boost/json.hpp>
#include <charconv>

namespace gslb::health::etcd {

namespace {

namespace json = boost::json;

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

base::Error unreadable(std::string_view what) { return {"etcd's answer cannot be read: " + std::string(what)}; }

base::Result<json::object> object_of(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return unreadable("it is not a JSON object");
  return std::move(value.get_object());
}

/// A number of 64 bits, which is a string; absent: 0.
std::optional<std::uint64_t> number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return 0;
  const json::string* text = value->if_string();
  if (text == nullptr) return std::nullopt;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return out;
}

/// Octets, which are base64; absent: none.
std::optional<std::string> octets(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return std::string();
  const json::string* text = value->if_string();
  return text == nullptr ? std::nullopt : from_base64(*text);
}

std::optional<std::uint64_t> revision_of(const json::object& answer) {
  const json::value* header = answer.if_contains("header");
  if (header == nullptr || !header->is_object()) return std::nullopt;
  const auto revision = number(header->get_object(), "revision");
  return revision && *revision != 0 ? revision : std::nullopt;
}

/// The first key that does not begin with `prefix`.
std::string end_of(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::string(1, '\0');  // to the end
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

std::string range_request(const std::string& prefix) {
  return json::serialize(json::object{{"key", to_base64(prefix)}, {"range_end", to_base64(end_of(prefix))}});
}

std::string old_range_request(std::uint64_t revision) {
  return json::serialize(json::object{{"key", to_base64("/")}, {"revision", std::to_string(revision)}});
}

std::string change_request(const std::string& key, const std::optional<std::string>& value,
                           std::optional<std::uint64_t> fence) {
  json::array compare;
  if (fence)
    compare.emplace_back(json::object{
        {"key", to_base64(key)}, {"target", "MOD"}, {"result", "EQUAL"}, {"mod_revision", std::to_string(*fence)}});
  json::object change;
  if (value) {
    change["requestPut"] = json::object{{"key", to_base64(key)}, {"value", to_base64(*value)}};
  } else {
    change["requestDeleteRange"] = json::object{{"key", to_base64(key)}};
  }
  json::array success;
  success.emplace_back(std::move(change));
  return json::serialize(json::object{{"compare", std::move(compare)}, {"success", std::move(success)}});
}

std::string login_request(const std::string& user, const std::string& password) {
  return json::serialize(json::object{{"name", user}, {"password", password}});
}

base::Result<Listing> read_range(std::string_view text) {
  const auto answer = object_of(text);
  if (!answer) return answer.error();
  const auto revision = revision_of(*answer);
  if (!revision) return unreadable("it has no revision");
  Listing out{*revision, {}};
  const json::value* list = answer->if_contains("kvs");
  if (list == nullptr) return out;
  if (!list->is_array()) return unreadable("kvs is not a list");
  for (const json::value& entry : list->get_array()) {
    const json::object* object = entry.if_object();
    if (object == nullptr) return unreadable("a key is not an object");
    auto key = octets(*object, "key");
    auto value = octets(*object, "value");
    const auto changed = number(*object, "mod_revision");
    if (!key || !value || !changed || *changed == 0 || *changed > *revision)
      return unreadable("a key or its revision is none");
    out.values.push_back({std::move(*key), std::move(*value), *changed});
  }
  return out;
}

base::Result<std::uint64_t> read_change(std::string_view text) {
  const auto answer = object_of(text);
  if (!answer) return answer.error();
  const auto revision = revision_of(*answer);
  if (!revision) return unreadable("it has no revision");
  const json::value* succeeded = answer->if_contains("succeeded");
  if (succeeded == nullptr || !succeeded->is_bool() || !succeeded->get_bool())
    return base::Error{"somebody else has changed it meanwhile"};
  return *revision;
}

base::Result<std::string> read_login(std::string_view text) {
  const auto answer = object_of(text);
  if (!answer) return answer.error();
  const json::value* token = answer->if_contains("token");
  if (token == nullptr || !token->is_string()) return unreadable("it has no token");
  return std::string(token->get_string());
}

std::string read_error(std::string_view text) {
  const auto answer = object_of(text);
  if (!answer) return std::string(text.substr(0, std::min<std::size_t>(text.find('\n'), 200)));
  const json::value* error = answer->if_contains("error");
  return error != nullptr && error->is_string() ? std::string(error->get_string()) : "no reason given";
}

std::string to_base64(std::string_view octets) {
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const std::string_view group = octets.substr(at, 3);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i)
      word = word << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= group.size() ? digits[word >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t word = 0;
    std::size_t filled = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const char c = text[at + i];
      const std::size_t value = digits.find(c);
      if (c == '=' && at + 4 == text.size() && i >= 2) {
        word <<= 6;
      } else if (value == std::string_view::npos || filled != i) {
        return std::nullopt;
      } else {
        word = word << 6 | static_cast<std::uint32_t>(value);
        ++filled;
      }
    }
    for (std::size_t i = 0; i + 1 < filled; ++i) out += static_cast<char>(word >> (16 - 8 * i));
  }
  return out;
}

}  // namespace gslb::health::etcd
