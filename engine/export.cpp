#include "engine/export.hpp"

#include <algorithm>
#include <vector>

#include "base/source.hpp"
#include "engine/planner.hpp"
#include "engine/signing.hpp"
#include "policy/plan.hpp"
#include "zones/export.hpp"

namespace gslb::engine {

namespace {

using policy::EndpointIndex;
using Members = std::vector<EndpointIndex>;  ///< none twice

/// All that the plan answers any client with.
Members answered(const policy::AspectPlan& plan) {
  Members out;
  const auto add = [&](std::uint32_t set) {
    for (const EndpointIndex member : plan.set(set))
      if (std::ranges::find(out, member) == out.end()) out.push_back(member);
  };
  for (const policy::ClassPlan& decision : plan.classes) {
    if (decision.draw == policy::Draw::nothing) continue;
    if (decision.draw == policy::Draw::fixed) {
      add(decision.index);
    } else {
      for (std::size_t slot = 0; slot < plan.slot_count; ++slot) add(plan.slots[decision.index + slot]);
    }
  }
  return out;
}

class ZoneExport {
 public:
  ZoneExport(const Generation& generation, std::size_t zone, const ExportOptions& options, zones::SignatureStore& store)
      : generation_(generation), snapshot_(*generation.snapshot), zone_(zone), options_(options), store_(store) {}

  base::Result<std::string> run() {
    const zones::Zone& zone = *snapshot_.zones.all()[zone_];
    if (snapshot_.awaits_keys[zone_] != 0)
      return base::Error{dns::to_string(zone.apex()) + " is to be signed and has no key yet"};
    const std::string frozen = options_.client
                                   ? "as " + base::to_string(*options_.client) + " gets them"
                                   : std::string("with every endpoint that some client gets while all are up");
    std::string text = zones::export_zone(
        zone, snapshot_.signatures[zone_].get(),
        {"zone " + dns::to_string(zone.apex()) + " of gslbd, serial " + std::to_string(zone.serial()),
         "a static copy: steered names are frozen, " + frozen},
        [this](std::uint32_t service) { return answer(snapshot_.first_service[zone_] + service); });
    if (!problem_.empty()) return base::Error{problem_};
    return text;
  }

 private:
  zones::StaticAnswer answer(std::size_t index) {
    const zones::SteeredName& name = snapshot_.services[index];
    zones::StaticAnswer out;
    if (name.service.reflect != policy::Reflect::nothing) {
      out.comment = "it answers the address of who asks, which no static copy can";
      return out;
    }
    std::size_t count = 0;
    for (const policy::Aspect aspect : policy::aspects) {
      const Members all = with_records(name, aspect);
      if (all.empty()) continue;
      Members members = options_.client ? for_client(index, aspect) : for_all(index, aspect);
      if (members.empty() && options_.client)
        problem_ = name.service.name + " has no answer for " + base::to_string(*options_.client) + ": it gets SERVFAIL";
      if (members.empty()) members = all;  // whether a type exists depends on configuration alone
      if (name.service.alias) members = {*std::ranges::min_element(members)};  // RFC 2181 section 10.1: one CNAME
      count += append(name, aspect, members, out.records);
    }
    out.comment = std::to_string(count) + (count == 1 ? " record" : " records");
    return out;
  }

  static Members with_records(const zones::SteeredName& name, policy::Aspect aspect) {
    Members out;
    if (!name.service.answers(aspect) || !name.has_type(aspect)) return out;
    for (std::size_t member = 0; member < name.site_of.size(); ++member) {
      const auto records = name.record(aspect, member);
      if (!records.empty() && records[0] != 0) out.push_back(static_cast<EndpointIndex>(member));
    }
    return out;
  }

  /// As Resolution::steer() would answer; where each query draws anew, one draw.
  Members for_client(std::size_t index, policy::Aspect aspect) const {
    const zones::SteeredName& name = snapshot_.services[index];
    const base::IpAddress& client = *options_.client;
    const geo::Locator* locator = name.service.signature.empty() ? nullptr : snapshot_.locator.get();
    const policy::AspectPlan& plan = generation_.plans[index]->under(aspect);
    const policy::ClassPlan& decision =
        plan.classes[locator != nullptr ? locator->class_of(name.signature, client) : 0U];
    if (decision.draw == policy::Draw::nothing) return {};
    const unsigned length = std::min<unsigned>(base::bits(client.family),
                                               name.service.hash_prefix[static_cast<std::size_t>(client.family)]);
    const auto set = plan.set(plan.draw(decision, policy::client_hash(client, length, name.service.salt)));
    return {set.begin(), set.end()};
  }

  Members for_all(std::size_t index, policy::Aspect aspect) const {
    const zones::SteeredName& name = snapshot_.services[index];
    policy::ServiceStates up;
    for (auto& states : up) states.resize(name.service.endpoints.size());
    return answered(policy::make_plan(name.service, snapshot_.classes[name.signature], up).under(aspect));
  }

  /// @return how many different records
  std::size_t append(const zones::SteeredName& name, policy::Aspect aspect, const Members& members,
                     std::vector<std::uint8_t>& out) {
    constexpr std::size_t ttl_at = 6, record_head = 12;
    const std::uint32_t ttl = name.service.ttl;
    std::uint16_t priority = 0;
    std::vector<std::vector<std::uint8_t>> records;
    for (const EndpointIndex member : members) {
      for (auto octets = name.record(aspect, member); !octets.empty() && octets[0] != 0;) {
        const std::size_t size = record_head + (static_cast<std::size_t>(octets[10]) << 8 | octets[11]);
        auto& record = records.emplace_back(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
        octets = octets.subspan(size);
        for (std::size_t i = 0; i < sizeof ttl; ++i)
          record[ttl_at + i] = static_cast<std::uint8_t>(ttl >> (24 - 8 * i));
        if (!options_.client || !name.service.ordered(aspect)) continue;  // in the order of the draw, of one client
        ++priority;
        record[record_head] = static_cast<std::uint8_t>(priority >> 8);
        record[record_head + 1] = static_cast<std::uint8_t>(priority & 0xff);
      }
    }
    std::ranges::sort(records);
    records.erase(std::unique(records.begin(), records.end()), records.end());
    for (const auto& record : records) out.insert(out.end(), record.begin(), record.end());
    if (snapshot_.signatures[zone_] == nullptr) return records.size();

    const auto type = static_cast<dns::Rtype>(name.type(aspect));
    for (auto& record : records) record.erase(record.begin(), record.begin() + record_head);
    const auto owner = dns::Name::parse(name.service.name);
    const auto rrsigs = sign_rrset(snapshot_, zone_, owner->wire(), type, ttl, records, store_, options_.clock);
    if (rrsigs) {
      out.insert(out.end(), rrsigs->begin(), rrsigs->end());
    } else {
      problem_ = name.service.name + " cannot be signed: " + rrsigs.error().what;
    }
    return records.size();
  }

  const Generation& generation_;
  const Snapshot& snapshot_;
  std::size_t zone_;
  const ExportOptions& options_;
  zones::SignatureStore& store_;
  std::string problem_;
};

}  // namespace

GenerationPtr as_if_all_up(SnapshotPtr snapshot) {
  std::vector<health::TargetState> states(snapshot->targets.size());
  for (health::TargetState& state : states) state.verdict = health::Verdict::up;
  Planner planner(snapshot);
  static_cast<void>(planner.update(states, base::SteadyTime{}));
  auto generation = std::make_shared<Generation>();
  generation->snapshot = std::move(snapshot);
  generation->plans = planner.plans();
  return generation;
}

base::Result<std::string> export_zone(const Generation& generation, const ExportOptions& options,
                                      zones::SignatureStore& store) {
  const auto& zones = generation.snapshot->zones.all();
  const auto wanted = dns::Name::parse(options.apex);
  std::vector<std::string> names;
  for (std::size_t zone = 0; zone < zones.size(); ++zone) {
    if (wanted && std::ranges::equal(zones[zone]->apex(), wanted->wire()))
      return ZoneExport(generation, zone, options, store).run();
    names.push_back(dns::to_string(zones[zone]->apex()));
  }
  const std::string near = base::nearest_word(wanted ? wanted->to_string() : std::string(options.apex), names);
  return base::Error{"there is no zone \"" + std::string(options.apex) + "\"" +
                     (near.empty() ? "" : "; did you mean \"" + near + "\"?")};
}

}  // namespace gslb::engine
