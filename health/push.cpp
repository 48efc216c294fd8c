#include "health/push.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace gslb::health {
namespace {

constexpr std::array names{std::string_view("pass"), std::string_view("warn"), std::string_view("fail")};

}  // namespace

std::string_view to_string(PushStatus status) { return names[static_cast<std::size_t>(status)]; }

std::optional<PushStatus> parse_push_status(std::string_view text) {
  const auto* const found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<PushStatus>(found - names.begin());
}

Observation observation_of(const Push& push, base::SteadyTime now) {
  Observation out;
  out.ok = push.status != PushStatus::fail;
  out.phase = out.ok ? Phase::passed : Phase::status;
  out.detail = "pushed " + std::string(to_string(push.status)) + (push.note.empty() ? "" : ": " + push.note);
  if (push.status == PushStatus::warn) out.warning = push.note.empty() ? "warns of itself" : push.note;
  out.when = now;
  return out;
}

Observation silence(base::Duration deadline, base::SteadyTime now) {
  Observation out;
  out.phase = Phase::timeout;
  out.detail = "nothing pushed for " + base::human_duration(deadline);
  out.when = now;
  return out;
}

}  // namespace gslb::health
