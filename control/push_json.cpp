#include "control/push_json.hpp"

#include <algorithm>

#include "control/json_parts.hpp"

namespace gslb::control {

namespace {

constexpr std::size_t longest_note = 256;

}  // namespace

base::Result<health::Push> push_from_json(std::string_view text) {
  if (text.empty()) return health::Push{};
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::string status;
  health::Push out;
  const Reader in(*object);
  in.read("status", status);
  in.read("note", out.note);
  const auto known = health::parse_push_status(status);
  if (!known) return base::Error{"\"" + status + "\" is no status: pass, warn or fail"};
  out.status = *known;
  if (out.note.size() > longest_note)
    return base::Error{"a note has at most " + std::to_string(longest_note) + " octets"};
  std::replace_if(
      out.note.begin(), out.note.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  return out;
}

std::string to_json(const health::Push& push) {
  return line({{"status", json::string(health::to_string(push.status))}, {"note", utf8(push.note)}});
}

std::string pushed_to_json(const std::vector<std::string>& targets) {
  return line({{"ok", true}, {"targets", strings(targets)}});
}

base::Result<std::vector<std::string>> pushed_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<std::string> out;
  Reader(*object).read("targets", out);
  return out;
}

}  // namespace gslb::control
