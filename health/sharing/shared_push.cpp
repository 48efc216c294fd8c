#include "health/sharing/shared_push.hpp"

#include <charconv>

#include "base/text.hpp"

namespace gslb::health {

namespace {

constexpr std::size_t longest_note = 256;

/// Takes "NAME=VALUE " off the front.
std::optional<std::string_view> take(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name) || text.substr(name.size(), 1) != "=") return std::nullopt;
  const std::size_t begin = name.size() + 1;
  const std::size_t end = text.find(' ', begin);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view out = text.substr(begin, end - begin);
  text.remove_prefix(end + 1);
  return out;
}

std::optional<std::vector<std::uint64_t>> numbers(std::string_view text) {
  std::vector<std::uint64_t> out;
  while (out.size() < most_pushed) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    out.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return out;
    if (text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace

std::string to_text(const SharedPush& push) {
  std::string targets;
  for (const std::uint64_t target : push.targets)
    targets.append(targets.empty() ? "" : ",").append(std::to_string(target));
  return "status=" + std::string(to_string(push.push.status)) + " targets=" + targets + " note=" + push.push.note;
}

base::Result<SharedPush> parse_shared_push(std::string_view text) {
  const base::Error other_form{"not what a name server says of a push"};
  const auto word = take(text, "status");
  const auto status = word ? parse_push_status(*word) : std::nullopt;
  const auto list = status ? take(text, "targets") : std::nullopt;
  auto targets = list ? numbers(*list) : std::nullopt;
  if (!targets || !text.starts_with("note=") || text.size() > 5 + longest_note) return other_form;
  const std::string_view note = text.substr(5);
  if (base::printable(note) != note) return other_form;
  return SharedPush{*std::move(targets), {*status, std::string(note)}};
}

}  // namespace gslb::health
