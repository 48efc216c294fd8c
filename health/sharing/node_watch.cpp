#include "health/sharing/node_watch.hpp"

#include <algorithm>

#include "health/shared_keys.hpp"
#include "health/sharing/report_codec.hpp"

namespace gslb::health {

namespace {

/// Whoever reported within this has said more than what it wrote into the store.
constexpr std::chrono::seconds reports_count{10};

void note(std::optional<base::SteadyTime>& since, bool differs, base::SteadyTime now) {
  if (!differs) since.reset();
  if (differs && !since) since = now;
}

std::optional<base::Duration> lasting(const std::optional<base::SteadyTime>& since, base::SteadyTime now) {
  return since ? std::optional<base::Duration>(now - *since) : std::nullopt;
}

std::string for_how_long(base::Duration duration) {
  return " for " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

std::optional<NodeRecord> record_in(const Report& report) {
  NodeRecord out{report.configuration, 0, 0, 0};
  bool answers = false;
  for (const SharedState& one : report.shared) {
    if (one.key == generation_key()) out.generation = one.value;
    if (one.key == orders_key()) out.orders = one.value;
    if (one.key != weights_key()) continue;
    out.weights = one.value;
    answers = true;
  }
  return answers ? std::optional(out) : std::nullopt;
}

void NodeWatch::follow(const std::vector<std::string>& reporting) {
  for (auto& [name, seen] : seen_) {
    if (std::ranges::find(reporting, name) == reporting.end()) seen.reported.reset();
  }
  forget();
}

void NodeWatch::heard(const std::string& name, const NodeRecord& record, base::SteadyTime now) {
  Seen& seen = seen_[name];
  seen.record = record;
  seen.when = now;
  seen.reported = now;
}

void NodeWatch::read(const Listing& listing, const std::string& self, base::SteadyTime now) {
  std::map<std::string, std::uint64_t> there;
  for (const StoredValue& value : listing.values) {
    if (!std::string_view(value.key).starts_with(prefix)) continue;
    const std::string name = value.key.substr(prefix.size());
    const auto record = parse_node_record(value.value);
    if (name == self || !is_vantage_name(name) || !record) continue;
    there.emplace(name, value.revision);
    Seen& seen = seen_[name];
    if (seen.revision == value.revision) continue;
    seen.revision = value.revision;
    if (seen.reported && now - *seen.reported < reports_count) continue;
    seen.record = *record;
    seen.when = now;
  }
  for (auto& [name, seen] : seen_) {
    if (!there.contains(name)) seen.revision.reset();
  }
  forget();
}

void NodeWatch::forget() {
  std::erase_if(seen_, [](const auto& entry) { return !entry.second.reported && !entry.second.revision; });
}

void NodeWatch::compare(const NodeRecord& own, base::SteadyTime now) {
  nodes_.clear();
  for (auto& [name, seen] : seen_) nodes_.push_back(compare(name, seen, own, now));
}

NodeWatch::Node NodeWatch::compare(const std::string& name, Seen& seen, const NodeRecord& own, base::SteadyTime now) {
  const NodeRecord& its = seen.record;
  const bool silent = now - seen.when > silent_after;
  const bool weights = !silent && its.weights != own.weights && its.weights != 0 && own.weights != 0;
  note(seen.weights_since, weights, now);
  if (its.weights != seen.weights_then || own.weights != seen.own_then) seen.steady_since.reset();
  seen.weights_then = its.weights;
  seen.own_then = own.weights;
  note(seen.steady_since, weights, now);
  note(seen.configuration_since,
       !silent && its.configuration != own.configuration && its.configuration != 0 && own.configuration != 0, now);
  const auto steady = lasting(seen.steady_since, now);
  const auto any = lasting(seen.weights_since, now);
  return {name,
          its,
          silent,
          any,
          lasting(seen.configuration_since, now),
          (steady && *steady > tolerated) || (any && *any > tolerated_moving)};
}

bool NodeWatch::obeys(const std::string& name, std::uint32_t orders) const {
  const auto found = seen_.find(name);
  return found != seen_.end() && found->second.record.orders == orders;
}

std::vector<std::string> NodeWatch::alarms() const {
  std::vector<std::string> out;
  for (const Node& node : nodes_) {
    const bool other_files = node.configuration_differs.has_value();
    if (node.alarms)
      out.push_back(node.name + " has answered by other weights than this server" + for_how_long(*node.weights_differ) +
                    ": " + (other_files ? "its configuration is another" : "by the same configuration"));
    else if (other_files && *node.configuration_differs > tolerated_configuration)
      out.push_back(node.name + " has run another configuration than this server" +
                    for_how_long(*node.configuration_differs));
  }
  return out;
}

}  // namespace gslb::health
