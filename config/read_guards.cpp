// how vantages judge together, and how quickly that may act
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using health::Agree;
using health::DampingSpec;
using health::GradeSpec;
using health::PaceSpec;
using namespace std::chrono_literals;

bool says_none(const Node& node) { return node.kind() == Node::Kind::scalar && *node.text() == "none"; }

constexpr auto pace_keys = std::to_array<Key<PaceSpec>>({
    {"every", "duration", "a further site waits this long",
     [](const Node& n, PaceSpec& p) { read_duration(n, p.every, 0ms, 1h); }},
    {"window", "duration", "a site counts as having left for this long",
     [](const Node& n, PaceSpec& p) { read_duration(n, p.window, 1s, 24h); }},
});
constexpr KeyTable<PaceSpec> pace_table{"defaults.pace", pace_keys};

constexpr auto damping_keys = std::to_array<Key<DampingSpec>>({
    {"half_life", "duration", "in which the penalty halves",
     [](const Node& n, DampingSpec& d) { read_duration(n, d.half_life, 1s, 24h); }},
    {"after", "number", "the penalty, 1 for each withdrawal, from which on it stays away",
     [](const Node& n, DampingSpec& d) { read_number(n, d.after, 2, 100); }},
});
constexpr KeyTable<DampingSpec> damping_table{"defaults.damping", damping_keys};

/// "200ms to 1s": the first value is good, the second bad.
bool read_range(const Node& node, std::string& good, std::string& bad) {
  std::string text;
  if (!read_text(node, text)) return false;
  const auto to = text.find(" to ");
  if (to == std::string::npos) {
    node.error(in_quotes(text) + " is not a range", "from good to bad: 200ms to 1s, or 5% to 50%");
    return false;
  }
  good = text.substr(0, to);
  bad = text.substr(to + 4);
  return true;
}

void read_latency(const Node& node, GradeSpec& grade) {
  std::string good;
  std::string bad;
  if (!read_range(node, good, bad)) return;
  const auto first = parse_duration(good);
  const auto second = parse_duration(bad);
  if (!first || !second || *second <= *first || *second > 1h)
    return node.error(in_quotes(*node.text()) + " is not a range of durations", "from good to bad: 200ms to 1s");
  grade.latency_good = *first;
  grade.latency_bad = *second;
}

void read_errors(const Node& node, GradeSpec& grade) {
  std::string good;
  std::string bad;
  if (!read_range(node, good, bad)) return;
  const auto first = parse_share(good);
  const auto second = parse_share(bad);
  if (!first || !second || *second <= *first)
    return node.error(in_quotes(*node.text()) + " is not a range of shares", "from good to bad: 5% to 50%");
  grade.errors_good = *first;
  grade.errors_bad = *second;
}

constexpr auto grade_keys = std::to_array<Key<GradeSpec>>({
    {"latency", "duration to duration",
     "of probes: up to the first no weight is lost, from the second on only `least` is left", read_latency},
    {"errors", "share to share", "of the recent probes that failed: likewise", read_errors},
    {"least", "share", "of its weight that an endpoint keeps at any rate",
     [](const Node& n, GradeSpec& g) {
       double least = 0;
       if (!read_share(n, least)) return;
       if (least < 0.05) return n.error("is too little to notice that it is better again", "at least 5%");
       g.least = least;
     }},
    {"step", "duration", "the weight moves by a tenth at most this often",
     [](const Node& n, GradeSpec& g) { read_duration(n, g.step, 1s, 1h); }},
});
constexpr KeyTable<GradeSpec> grade_table{"defaults.grade", grade_keys};

}  // namespace

void read_agree(const Node& node, std::optional<Agree>& out) {
  const std::string* text = node.text();
  if (text == nullptr) return;
  if (const auto number = parse_count(*text)) {
    if (*number < 1 || *number > 100) return node.error(in_quotes(*text) + " is out of bounds", "1 to 100");
    out = Agree{Agree::Kind::count, static_cast<unsigned>(*number)};
    return;
  }
  Agree agree;
  if (read_choice<Agree::Kind>(
          node, agree.kind,
          {{"majority", Agree::Kind::majority}, {"all", Agree::Kind::all}, {"any", Agree::Kind::any}}))
    out = agree;
}

void read_alone_after(const Node& node, std::optional<std::optional<std::chrono::milliseconds>>& out) {
  if (node.kind() == Node::Kind::scalar && *node.text() == "never") {
    out.emplace();
    return;
  }
  Milliseconds after{0};
  if (read_duration(node, after, 0ms, 24h)) out.emplace(after);
}

void read_correlated_hold(const Node& node, std::optional<std::chrono::milliseconds>& out) {
  Milliseconds hold{0};
  if (read_duration(node, hold, 0ms, 1h)) out = hold;
}

void read_pace(const Node& node, health::GuardSpec& out) {
  PaceSpec pace;
  if (says_none(node)) {
    pace.every = 0ms;
  } else if (node.kind() == Node::Kind::mapping) {
    read_mapping(node, pace_table, pace);
  } else {
    read_duration(node, pace.every, 0ms, 1h);
  }
  out.pace = pace;
}

void read_damping(const Node& node, health::GuardSpec& out) {
  DampingSpec damping;
  if (says_none(node)) {
    damping.half_life = 0ms;
  } else if (node.kind() == Node::Kind::mapping) {
    read_mapping(node, damping_table, damping);
  } else {
    read_duration(node, damping.half_life, 1s, 24h);
  }
  out.damping = damping;
}

void read_grade(const Node& node, health::GuardSpec& out) {
  out.grade = {};
  if (says_none(node)) return;
  const auto errors_before = node.errors().all().size();
  if (!read_mapping(node, grade_table, out.grade) || node.errors().all().size() > errors_before) return;
  if (!out.grade.active()) node.error_at_key("grades by nothing", "grade: { latency: 200ms to 1s }");
}

void describe_guards(std::vector<MappingInfo>& out) {
  out.push_back(describe(pace_table));
  out.push_back(describe(damping_table));
  out.push_back(describe(grade_table));
}

}  // namespace gslb::config
