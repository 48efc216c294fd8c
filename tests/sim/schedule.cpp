#include "schedule.hpp"

#include <algorithm>
#include <array>

#include "base/random.hpp"

namespace gslb::sim {

using namespace std::chrono_literals;

namespace {

constexpr std::array names{"target dies",  "target lives",  "site dies",    "site lives", "link breaks",
                           "link heals",   "mesh breaks",   "mesh heals",   "isolated",   "rejoined",
                           "crash",        "restart",       "bounce",       "pause",      "resume",
                           "lies down",    "lies up",       "lies anyhow",  "honest",     "server restarts",
                           "server wiped", "server paused", "reconfigured", "replay",     "all heals"};
static_assert(names.size() == happenings);

}  // namespace

const char* to_string(Happening happening) { return names[static_cast<std::size_t>(happening)]; }

World make_world(std::uint64_t seed) {
  base::Random random(seed);
  World out;
  out.seed = seed;
  const std::uint32_t sites = 1 + random.below(4);
  const std::uint32_t vantages = 1 + random.below(7);
  out.servers = std::min<std::size_t>(vantages, 1 + random.below(8) / 7);
  out.regions = vantages >= 3 && random.below(4) == 0;
  out.paced = random.below(3) == 0;
  out.damped = random.below(4) == 0;
  if (random.below(4) == 0) out.hold_up = 1 + static_cast<int>(random.below(4));
  if (random.below(4) == 0) out.hold_down = 1 + static_cast<int>(random.below(4));
  out.may_lie = random.below(3) == 0;
  if (!out.may_lie && !out.regions && random.below(4) == 0) {
    constexpr std::array kinds{health::Agree::Kind::all, health::Agree::Kind::any, health::Agree::Kind::count};
    out.agree = {kinds[random.below(3)], 1 + random.below(3)};
  }
  health::JudgeSpec& spec = out.spec;
  for (std::uint32_t s = 0; s < sites; ++s) spec.sites.push_back({std::string(1, static_cast<char>('A' + s)), ""});
  for (std::uint32_t v = 0; v < vantages; ++v) {
    health::Vantage& vantage = spec.vantages.emplace_back();
    vantage.name = std::string(1, static_cast<char>('a' + v));
    if (random.below(2) == 0) vantage.site = spec.sites[random.below(sites)].name;
    if (out.regions) vantage.region = std::string(1, static_cast<char>('x' + random.below(3)));
  }
  spec.services = 1 + random.below(2);
  spec.fresh_for = std::chrono::seconds(fresh_for);
  for (std::uint32_t service = 0; service < spec.services; ++service) {
    for (std::uint32_t s = 0; s < sites; ++s) {
      health::JudgedTarget& target = spec.targets.emplace_back();
      target.id = 1000 + service * 10 + s;
      target.site = static_cast<std::uint16_t>(s);
      target.services = {service};
      target.thresholds = {fall, rise, 1s};
      target.judging = {out.agree, std::chrono::seconds(alone_after), std::chrono::seconds(hold)};
      target.guards.pace =
          health::PaceSpec{std::chrono::seconds(out.paced ? pace_every : 0), std::chrono::seconds(pace_window)};
      target.guards.damping = health::DampingSpec{std::chrono::seconds(out.damped ? half_life : 0), damped_from};
      target.guards.hold_up = std::chrono::seconds(out.hold_up);
      target.guards.hold_down = std::chrono::seconds(out.hold_down);
    }
  }
  return out;
}

std::vector<Event> make_events(const World& world) {
  base::Random random(world.seed ^ 0x5eed);
  std::vector<Event> out;
  const std::uint32_t count = 1 + random.below(10);
  for (std::uint32_t i = 0; i < count; ++i) {
    Event event{static_cast<int>(4 + random.below(calm_from - 4)), static_cast<Happening>(random.below(happenings)),
                random.below(256), random.below(256)};
    const bool lie = event.what >= Happening::lies_down && event.what <= Happening::honest;
    if (lie && !world.may_lie) event.what = Happening::target_dies;
    out.push_back(event);
  }
  if (world.damped && random.below(2) == 0) {
    const int tick = static_cast<int>(4 + random.below(12));
    const std::uint32_t target = random.below(256);
    for (int i = 0; i < 4; ++i)
      out.push_back({tick + i * 5, i % 2 == 0 ? Happening::target_dies : Happening::target_lives, target, 0});
  }
  // Whatever fails together with something else.
  if (random.below(2) == 0) {
    const int tick = static_cast<int>(4 + random.below(20));
    out.push_back({tick, random.below(2) == 0 ? Happening::site_dies : Happening::target_dies, random.below(256), 0});
    if (random.below(2) == 0) out.push_back({tick + 1, Happening::site_dies, random.below(256), 0});
  }
  if (random.below(2) == 0) out.push_back({calm_from, Happening::all_heals, 0, 0});
  std::stable_sort(out.begin(), out.end(), [](const Event& a, const Event& b) { return a.tick < b.tick; });
  return out;
}

std::string in_words(const World& world) {
  std::string out = "seed " + std::to_string(world.seed) + ": " + std::to_string(world.servers) + " servers, sites";
  for (const auto& site : world.spec.sites) (out += ' ') += site.name;
  out += ", vantages";
  for (const auto& vantage : world.spec.vantages) {
    (out += ' ') += vantage.name;
    if (!vantage.site.empty()) (out += '@') += vantage.site;
    if (!vantage.region.empty()) (out += '/') += vantage.region;
  }
  out += ", " + std::to_string(world.spec.services) + " services";
  if (world.paced) out += ", paced";
  if (world.damped) out += ", damped";
  if (world.hold_up > 0) out += ", hold_up " + std::to_string(world.hold_up);
  if (world.hold_down > 0) out += ", hold_down " + std::to_string(world.hold_down);
  if (world.agree.kind != health::Agree::Kind::majority)
    out += ", agree " + std::to_string(static_cast<int>(world.agree.kind)) + "/" + std::to_string(world.agree.count);
  return out;
}

std::string in_words(const Event& event) {
  return "  at " + std::to_string(event.tick) + ": " + to_string(event.what) + " " + std::to_string(event.one) + " " +
         std::to_string(event.other);
}

}  // namespace gslb::sim
