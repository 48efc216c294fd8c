#include "health/sharing/probe_asks.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>

namespace gslb::health {

namespace {

namespace json = boost::json;

constexpr std::int64_t longest_latency_us = 3'600'000'000;
constexpr std::size_t longest_words = 512;  ///< octets of a phase or a detail

/// The object that `text` is.
base::Result<json::object> parsed(std::string_view text, std::size_t longest) {
  if (text.size() > longest) return base::Error{"longer than " + std::to_string(longest) + " octets"};
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return base::Error{"no JSON: " + error.message()};
  if (!value.is_object()) return base::Error{"no JSON object"};
  return std::move(value.get_object());
}

std::optional<std::uint64_t> number(const json::value* value) {
  if (value == nullptr || (!value->is_int64() && !value->is_uint64())) return std::nullopt;
  boost::system::error_code error;
  const auto out = value->to_number<std::uint64_t>(error);
  return error ? std::nullopt : std::optional(out);
}

std::optional<std::string> words(const json::value* value) {
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  if (text == nullptr || text->size() > longest_words) return std::nullopt;
  return std::string(*text);
}

std::optional<bool> flag(const json::value* value) {
  const bool* found = value != nullptr ? value->if_bool() : nullptr;
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

const json::array* list(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr ? value->if_array() : nullptr;
}

std::optional<ProbeAsk> read_ask(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto id = number(object->if_contains("id"));
  const json::array* targets = list(*object, "targets");
  if (!id || targets == nullptr || targets->size() > most_asked_targets) return std::nullopt;
  ProbeAsk out{*id, {}};
  for (const json::value& one : *targets) {
    const auto target = number(&one);
    if (!target) return std::nullopt;
    out.targets.push_back(*target);
  }
  return out;
}

std::optional<ProbeOutcome> read_outcome(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto target = number(object->if_contains("target"));
  const auto ok = flag(object->if_contains("ok"));
  const auto voided = flag(object->if_contains("voided"));
  auto phase = words(object->if_contains("phase"));
  auto detail = words(object->if_contains("detail"));
  const auto latency = number(object->if_contains("latency_us"));
  if (!target || !ok || !voided || !phase || !detail || !latency || *latency > longest_latency_us) return std::nullopt;
  return ProbeOutcome{
      *target, *ok, *voided, *std::move(phase), *std::move(detail), std::chrono::microseconds(*latency)};
}

/// Printable ASCII: a detail may hold what the target said.
std::string told(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, longest_words)) {
    const auto octet = static_cast<unsigned char>(c);
    out += octet < 0x20 || octet >= 0x7f ? '?' : c;
  }
  return out;
}

}  // namespace

std::string to_text(const std::vector<ProbeAsk>& asks) {
  json::array out;
  for (const ProbeAsk& ask : asks)
    out.emplace_back(json::object{{"id", ask.id}, {"targets", json::array(ask.targets.begin(), ask.targets.end())}});
  return json::serialize(json::object{{"probe", std::move(out)}});
}

base::Result<std::vector<ProbeAsk>> parse_probe_asks(std::string_view text) {
  const auto object = parsed(text, longest_asks);
  if (!object) return object.error();
  std::vector<ProbeAsk> out;
  const json::array* asks = list(*object, "probe");
  if (asks == nullptr) return out;
  if (asks->size() > most_asks) return base::Error{"asks more than " + std::to_string(most_asks) + " things at once"};
  for (const json::value& one : *asks) {
    auto ask = read_ask(one);
    if (!ask) return base::Error{"not a question for probes"};
    out.push_back(*std::move(ask));
  }
  return out;
}

std::string to_text(const ProbeAnswer& answer) {
  json::array outcomes;
  for (const ProbeOutcome& one : answer.outcomes) {
    const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(one.latency).count();
    outcomes.emplace_back(json::object{{"target", one.target},
                                       {"ok", one.ok},
                                       {"voided", one.voided},
                                       {"phase", told(one.phase)},
                                       {"detail", told(one.detail)},
                                       {"latency_us", std::clamp<std::int64_t>(latency, 0, longest_latency_us)}});
  }
  return json::serialize(json::object{{"id", answer.id}, {"outcomes", std::move(outcomes)}});
}

base::Result<ProbeAnswer> parse_probe_answer(std::string_view text) {
  const auto object = parsed(text, longest_probe_answer);
  if (!object) return object.error();
  const auto id = number(object->if_contains("id"));
  const json::array* outcomes = list(*object, "outcomes");
  if (!id || outcomes == nullptr) return base::Error{"not what a vantage says of probes"};
  if (outcomes->size() > most_asked_targets)
    return base::Error{"more outcomes than " + std::to_string(most_asked_targets)};
  ProbeAnswer out{*id, {}};
  for (const json::value& one : *outcomes) {
    auto outcome = read_outcome(one);
    if (!outcome) return base::Error{"not what a vantage says of probes"};
    out.outcomes.push_back(*std::move(outcome));
  }
  return out;
}

}  // namespace gslb::health
