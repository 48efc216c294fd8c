#include "health/snapshot.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>

#include "base/hash.hpp"

namespace gslb::health {
namespace {

namespace json = boost::json;

constexpr std::int64_t version = 1;
constexpr std::int64_t most_penalty = 1'000'000;  // thousandths

base::Error damaged(std::string_view what) { return {"health snapshot is damaged: " + std::string(what)}; }

std::string checksum(std::string_view state) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(base::hash_bytes(state)));
  return digits;
}

std::int64_t milliseconds(base::WallTime time) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return std::max<std::int64_t>(count, 0);
}

/// At most what a clock in nanoseconds can hold, with room to add two of them.
std::optional<std::chrono::milliseconds> read_milliseconds(const json::object& object, std::string_view name) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1'000'000 / 2;
  const auto* value = object.if_contains(name);
  const auto* number = value != nullptr ? value->if_int64() : nullptr;
  if (number == nullptr || *number < 0 || *number > most) return std::nullopt;
  return std::chrono::milliseconds(*number);
}

const json::string* read_string(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->if_string() : nullptr;
}

std::optional<SavedTarget> read_target(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* key = read_string(*object, "key");
  const auto* verdict_text = read_string(*object, "verdict");
  const auto since = read_milliseconds(*object, "since");
  if (key == nullptr || verdict_text == nullptr || !since) return std::nullopt;
  const auto verdict = parse_verdict(*verdict_text);
  if (!verdict || *verdict == Verdict::unknown) return std::nullopt;
  SavedTarget target{std::string(*key), *verdict, base::WallTime(*since), std::nullopt};
  if (object->contains("returned")) {
    target.returned = read_milliseconds(*object, "returned");
    if (!target.returned) return std::nullopt;
  }
  return target;
}

std::optional<SavedLatch> read_latch(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* key = read_string(*object, "key");
  const auto* floor = object->if_contains("floor");
  const auto since = read_milliseconds(*object, "since");
  const bool sound = floor != nullptr && floor->is_int64() && floor->get_int64() >= 1 && floor->get_int64() <= 0xffff;
  if (key == nullptr || !sound || !since) return std::nullopt;
  SavedLatch latch{std::string(*key), static_cast<std::uint16_t>(floor->get_int64()), *since, std::nullopt};
  if (object->contains("back")) {
    latch.back = read_milliseconds(*object, "back");
    if (!latch.back) return std::nullopt;
  }
  return latch;
}

std::optional<KeptVerdict> read_judged(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* target = read_string(*object, "target");
  const auto* verdict_text = read_string(*object, "verdict");
  const auto since = read_milliseconds(*object, "since");
  const auto* penalty = object->if_contains("penalty");
  const auto* alone = object->if_contains("alone");
  if (target == nullptr || verdict_text == nullptr || !since) return std::nullopt;
  KeptVerdict out;
  const char* end = target->data() + target->size();
  const auto parsed = std::from_chars(target->data(), end, out.target, 16);
  const auto verdict = parse_verdict(*verdict_text);
  if (parsed.ec != std::errc() || parsed.ptr != end || !verdict || *verdict == Verdict::unknown) return std::nullopt;
  out.verdict = *verdict;
  out.since = base::WallTime(*since);
  if (penalty != nullptr) {
    const auto* thousandths = penalty->if_int64();
    if (thousandths == nullptr || *thousandths < 0 || *thousandths > most_penalty) return std::nullopt;
    out.penalty = static_cast<double>(*thousandths) / 1000;
  }
  if (alone != nullptr) {
    if (!alone->is_bool()) return std::nullopt;
    out.alone = alone->get_bool();
  }
  if (object->contains("returned")) {
    out.returned = read_milliseconds(*object, "returned");
    if (!out.returned) return std::nullopt;
  }
  return out;
}

json::value to_json(const KeptVerdict& judged) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(judged.target));
  json::object object{
      {"target", digits}, {"verdict", to_string(judged.verdict)}, {"since", milliseconds(judged.since)}};
  if (judged.returned)
    object["returned"] = std::chrono::duration_cast<std::chrono::milliseconds>(*judged.returned).count();
  // Whole numbers only: text to number to text must give the same text, for the checksum.
  const std::int64_t penalty = std::llround(judged.penalty * 1000);
  if (penalty > 0) object["penalty"] = penalty;
  if (judged.alone) object["alone"] = true;
  return object;
}

/// Of one member; absent in what earlier releases wrote.
base::Result<void> read_list(const json::object& state, std::string_view name,
                             const std::function<bool(const json::value&)>& read) {
  const auto* list = state.if_contains(name);
  if (list == nullptr) return {};
  if (!list->is_array()) return damaged(std::string(name) + " is not a list");
  std::size_t at = 0;
  for (const auto& entry : list->get_array()) {
    if (!read(entry)) return damaged(std::string(name) + "[" + std::to_string(at) + "] is not sound");
    ++at;
  }
  return {};
}

base::Result<Snapshot> read_state(const json::value& value) {
  const auto* state = value.if_object();
  if (state == nullptr) return damaged("state is not an object");
  const auto saved = read_milliseconds(*state, "saved");
  if (!saved) return damaged("saved is not a time");
  const auto* list = state->if_contains("targets");
  if (list == nullptr || !list->is_array()) return damaged("targets is not a list");
  Snapshot snapshot{base::WallTime(*saved), {}};
  snapshot.targets.reserve(list->get_array().size());
  for (const auto& entry : list->get_array()) {
    auto target = read_target(entry);
    if (!target) return damaged("targets[" + std::to_string(snapshot.targets.size()) + "] is not a target");
    snapshot.targets.push_back(std::move(*target));
  }
  auto read = read_list(*state, "latches", [&](const json::value& entry) {
    auto latch = read_latch(entry);
    if (latch) snapshot.latches.push_back(std::move(*latch));
    return latch.has_value();
  });
  if (!read) return read.error();
  read = read_list(*state, "judged", [&](const json::value& entry) {
    const auto judged = read_judged(entry);
    if (judged) snapshot.judged.push_back(*judged);
    return judged.has_value();
  });
  if (!read) return read.error();
  return snapshot;
}

}  // namespace

std::string to_text(const Snapshot& snapshot) {
  json::monotonic_resource memory;
  json::array targets(&memory);
  targets.reserve(snapshot.targets.size());
  for (const SavedTarget& target : snapshot.targets) {
    auto& object = targets.emplace_back(json::object_kind).get_object();
    object.reserve(4);
    object["key"] = target.key;
    object["verdict"] = to_string(target.verdict);
    object["since"] = milliseconds(target.since);
    if (target.returned) object["returned"] = target.returned->count();
  }
  json::object state(&memory);
  state["saved"] = milliseconds(snapshot.saved);
  state["targets"] = std::move(targets);
  if (!snapshot.latches.empty()) {
    auto& latches = (state["latches"] = json::array(&memory)).get_array();
    for (const SavedLatch& latch : snapshot.latches) {
      auto& object = latches.emplace_back(json::object_kind).get_object();
      object["key"] = latch.key;
      object["floor"] = latch.floor;
      object["since"] = latch.since.count();
      if (latch.back) object["back"] = latch.back->count();
    }
  }
  if (!snapshot.judged.empty()) {
    auto& judged = (state["judged"] = json::array(&memory)).get_array();
    for (const KeptVerdict& one : snapshot.judged) judged.push_back(to_json(one));
  }
  const std::string text = json::serialize(state);
  return R"({"version":)" + std::to_string(version) + R"(,"checksum":")" + checksum(text) + R"(","state":)" + text +
         "}";
}

base::Result<Snapshot> parse_snapshot(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse(text, error, json::make_shared_resource<json::monotonic_resource>());
  if (error) return damaged(error.message());
  const auto* object = document.if_object();
  if (object == nullptr) return damaged("it is not an object");
  const auto* found = object->if_contains("version");
  if (found == nullptr || !found->is_int64()) return damaged("it has no version");
  if (found->get_int64() != version)
    return base::Error{"health snapshot is of version " + std::to_string(found->get_int64()) +
                       ", which this release does not know"};
  const auto* state = object->if_contains("state");
  const auto* sum = read_string(*object, "checksum");
  if (state == nullptr || sum == nullptr) return damaged("checksum or state is missing");
  if (*sum != checksum(json::serialize(*state))) return damaged("the checksum is wrong");
  return read_state(*state);
}

}  // namespace gslb::health
