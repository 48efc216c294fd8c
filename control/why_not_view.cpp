#include "control/why_not_view.hpp"

#include <cmath>

#include "base/text.hpp"
#include "control/explain_view.hpp"

namespace gslb::control {

namespace {

std::string whole(double value) { return base::with_thousands(static_cast<std::uint64_t>(std::llround(value))); }

std::string text(const engine::Change& change) {
  switch (change.kind) {
    case engine::Change::Kind::up:
      return change.site + " were fully up";
    case engine::Change::Kind::down:
      return change.site + " were down";
    case engine::Change::Kind::within:
      return "\"within\" were " + whole(change.value) + " km or more";
    case engine::Change::Kind::serves:
      return "\"serves\" of " + change.site + " held this client";
    case engine::Change::Kind::first:
      return change.site + " came first in \"priority\"";
    case engine::Change::Kind::weight:
      return "its weight were " + whole(change.value);
  }
  return {};
}

std::string text(const engine::Way& way) {
  std::string out;
  for (const engine::Change& change : way.changes) out += (out.empty() ? "" : " and ") + text(change);
  if (way.part >= 1) return out;
  return out + " (then for " + percent(way.part) + " of clients like this one" +
         (way.this_client ? ", this one too)" : ", not this one)");
}

}  // namespace

std::string render_why_not(const engine::WhyNot& why_not) {
  if (why_not.this_client) return why_not.site + " is chosen";
  std::string out = why_not.site;
  if (why_not.part > 0) out += " has " + percent(why_not.part) + " of clients like this one, not this one; it";
  if (why_not.ways.empty()) return out + " would not be chosen by any three changes of health, policy and weight";
  std::string ways;
  for (const engine::Way& way : why_not.ways) ways += (ways.empty() ? "" : ", or ") + text(way);
  return out + " would be chosen if " + ways;
}

}  // namespace gslb::control
