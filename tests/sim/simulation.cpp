#include "simulation.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "answers.hpp"
#include "base/hash.hpp"
#include "health/judge.hpp"

namespace gslb::sim {
namespace {

using health::Verdict;

constexpr std::size_t most_vantages = 8, most_targets = 8, most_sites = 4, most_servers = 2, ring = 8;
/// So long a target must have been seen by a vantage for its report to say so for sure, whatever the delays.
constexpr int sure_after = rise + most_delay + fresh_for + 2;
/// So long a vantage must have been well for a server to hear and believe it for sure.
constexpr int well_after = round + most_delay + hold + fall + 2;

base::SteadyTime time_of(int tick) { return base::SteadyTime(std::chrono::seconds(1000 + tick)); }

enum class Lie : std::uint8_t { none, down, up, anyhow };

struct Probe {
  Verdict verdict = Verdict::unknown;
  int streak = 0;
  int reaches_for = 0;  ///< ticks in which it really was reached, by a vantage that runs and is honest
};

struct Message {
  health::Report report;
  bool sent = false;
};

/// What the oracle knows a server has heard of a vantage.
struct Said {
  std::array<Verdict, most_targets> verdicts{};
  bool settled = false;
  unsigned references = 0, references_up = 0;
  int arrival = -1000;
  int cut_off = -1000;  ///< when it last was
  std::uint64_t incarnation = 0, sequence = 0;
};

struct VantageState {
  bool running = true, paused = false, isolated = false;
  int started = 0;
  std::uint64_t incarnation = 1, sequence = 0;
  Lie lie = Lie::none;
  std::array<bool, most_sites> link{};
  std::array<bool, most_servers> mesh{};
  std::array<Probe, most_targets> probes{};
  std::array<Message, ring> sent{};
  bool works() const noexcept { return running && !paused; }
};

/// Of one target on one server.
struct Followed {
  Verdict verdict = Verdict::unknown;
  int alone_since = -1;
  int dead_for = 0, alive_for = 0;
  unsigned reached_by = 0;  ///< the vantages, a bit each, that have reached it all the while that it is alive
  int withdrawn = -1000, returned = -1000;
  double penalty = 0;
  int fell = 0;
};

struct Server {
  health::Judge judge;
  std::vector<health::TargetState> own;
  std::array<std::size_t, most_targets> order{};  ///< of the judge's targets, ours
  std::array<std::size_t, most_vantages> party{};
  std::array<Said, most_vantages> said{};
  std::array<Followed, most_targets> targets{};
  std::array<int, most_vantages> well_for{};
  std::array<int, most_sites> site_left{};
  std::array<int, 2> service_left{};
  int paused_until = -1;
};

class Simulation {
 public:
  Simulation(const World& world, Coverage& coverage)
      : world_(world),
        answers_(world),
        coverage_(coverage),
        vantages_(world.spec.vantages.size()),
        targets_(world.spec.targets.size()) {
    alive_.fill(true);
    for (std::size_t v = 0; v < vantages_; ++v) {
      VantageState& vantage = vantage_[v];
      vantage.link.fill(true);
      vantage.mesh.fill(true);
      home_[v] = most_sites;
      for (std::size_t s = 0; s < world.spec.sites.size(); ++s) {
        if (world.spec.vantages[v].site == world.spec.sites[s].name) home_[v] = s;
      }
      region_[v] =
          world.spec.vantages[v].region.empty() ? 0 : static_cast<std::size_t>(world.spec.vantages[v].region[0] - 'w');
    }
    for (std::size_t t = 0; t < targets_; ++t) {
      all_inside_[t] = true;
      for (std::size_t v = 0; v < vantages_; ++v) all_inside_[t] = all_inside_[t] && home_[v] == site_of(t);
    }
    for (std::size_t n = 0; n < world.servers; ++n) start(n, false);
  }

  std::optional<Failure> run(const std::vector<Event>& events) {
    std::size_t next = 0;
    for (now_ = 0; now_ < last_tick; ++now_) {
      while (next < events.size() && events[next].tick <= now_) happen(events[next++]);
      for (std::size_t v = 0; v < vantages_; ++v) probe(v);
      for (std::size_t v = 0; v < vantages_; ++v) send(v);
      for (std::size_t n = 0; n < world_.servers && !failure_; ++n) serve(n);
      if (failure_) return failure_;
    }
    return std::nullopt;
  }

 private:
  std::size_t site_of(std::size_t t) const { return world_.spec.targets[t].site; }
  std::size_t service_of(std::size_t t) const { return world_.spec.targets[t].services[0]; }
  bool elector(std::size_t v, std::size_t t) const { return all_inside_[t] || home_[v] != site_of(t); }
  bool reaches_site(std::size_t v, std::size_t s) const {
    return home_[v] == s || (vantage_[v].link[s] && !vantage_[v].isolated);
  }
  void fail(std::string what) {
    if (!failure_) failure_ = Failure{now_, std::move(what)};
  }
  std::string named(std::size_t n, std::size_t t) const {
    return "server " + world_.spec.vantages[n].name + ", target " + std::to_string(t) + " at " +
           world_.spec.sites[site_of(t)].name + ": ";
  }

  // ---- the world

  void start(std::size_t n, bool kept) {
    Server& server = server_[n];
    std::vector<health::KeptVerdict> state;
    if (kept) state = server.judge.kept(time_of(now_));
    const std::array<Followed, most_targets> before = server.targets;
    server = Server{};
    server.site_left.fill(-1000);
    server.service_left.fill(-1000);
    for (std::size_t t = 0; t < targets_; ++t) server.order[t] = t;
    configure(n);
    server.judge.restore(state, time_of(now_));
    for (std::size_t t = 0; t < targets_; ++t) {
      Followed& followed = server.targets[t];
      followed.verdict = server.judge.states()[t].verdict;
      if (kept && followed.verdict != before[t].verdict) fail(named(n, t) + "a restart changed its verdict");
    }
    VantageState& own = vantage_[n];
    if (now_ == 0) return;
    own.started = now_;
    ++own.incarnation;
    own.sequence = 0;
    own.probes = {};
  }

  void configure(std::size_t n) {
    Server& server = server_[n];
    health::JudgeSpec spec = world_.spec;
    std::rotate(spec.vantages.begin(), spec.vantages.begin() + static_cast<std::ptrdiff_t>(n),
                spec.vantages.begin() + static_cast<std::ptrdiff_t>(n) + 1);
    server.party[n] = 0;
    for (std::size_t v = 0, at = 1; v < vantages_; ++v) {
      if (v != n) server.party[v] = at++;
    }
    for (std::size_t i = 0; i < targets_; ++i) spec.targets[i] = world_.spec.targets[server.order[i]];
    server.judge.configure(std::move(spec));
  }

  void reconfigure(std::size_t n) {
    Server& server = server_[n];
    std::rotate(server.order.begin(), server.order.begin() + 1,
                server.order.begin() + static_cast<std::ptrdiff_t>(targets_));
    configure(n);
    server.service_left.fill(-1000);
    for (std::size_t i = 0; i < targets_; ++i) {
      const std::size_t t = server.order[i];
      if (server.judge.states()[i].verdict != server.targets[t].verdict)
        fail(named(n, t) + "another configuration changed its verdict");
    }
  }

  void restart(std::size_t v) {
    VantageState& vantage = vantage_[v];
    vantage.running = true;
    vantage.paused = false;
    vantage.started = now_;
    ++vantage.incarnation;
    vantage.sequence = 0;
    vantage.probes = {};
  }

  void happen(const Event& event) {
    const std::size_t v = event.one % vantages_, t = event.one % targets_, s = event.one % world_.spec.sites.size(),
                      n = event.one % world_.servers;
    VantageState& vantage = vantage_[v];
    const bool prober = v >= world_.servers;  // the others stand and fall with their server
    switch (event.what) {
      case Happening::target_dies:
      case Happening::target_lives:
        alive_[t] = event.what == Happening::target_lives;
        break;
      case Happening::site_dies:
      case Happening::site_lives:
        for (std::size_t i = 0; i < targets_; ++i) {
          if (site_of(i) == s) alive_[i] = event.what == Happening::site_lives;
        }
        break;
      case Happening::link_breaks:
      case Happening::link_heals:
        vantage.link[event.other % world_.spec.sites.size()] = event.what == Happening::link_heals;
        break;
      case Happening::mesh_breaks:
      case Happening::mesh_heals:
        vantage.mesh[event.other % world_.servers] = event.what == Happening::mesh_heals;
        break;
      case Happening::isolated:
      case Happening::rejoined:
        vantage.isolated = event.what == Happening::isolated;
        break;
      case Happening::crash:
        if (prober) vantage.running = false;
        break;
      case Happening::restart:
        if (prober && !vantage.running) restart(v);
        break;
      case Happening::bounce:
        if (prober) restart(v);
        break;
      case Happening::pause:
      case Happening::resume:
        if (prober) vantage.paused = event.what == Happening::pause;
        break;
      case Happening::lies_down:
      case Happening::lies_up:
      case Happening::lies_anyhow:
      case Happening::honest:
        if (prober)
          vantage.lie = event.what == Happening::lies_down     ? Lie::down
                        : event.what == Happening::lies_up     ? Lie::up
                        : event.what == Happening::lies_anyhow ? Lie::anyhow
                                                               : Lie::none;
        break;
      case Happening::server_restart:
      case Happening::server_wiped:
        start(n, event.what == Happening::server_restart);
        break;
      case Happening::server_paused:
        server_[n].paused_until = now_ + 1 + static_cast<int>(event.other % 6);
        break;
      case Happening::reconfigured:
        reconfigure(n);
        break;
      case Happening::replay:
        replay(n, v, event.other);
        break;
      case Happening::all_heals:
        alive_.fill(true);
        for (std::size_t i = 0; i < vantages_; ++i) {
          VantageState& one = vantage_[i];
          if (!one.running) restart(i);
          one.paused = one.isolated = false;
          one.lie = Lie::none;
          one.link.fill(true);
          one.mesh.fill(true);
        }
        break;
    }
  }

  void probe(std::size_t v) {
    VantageState& vantage = vantage_[v];
    const bool works = vantage.works() && !(v < world_.servers && server_[v].paused_until >= now_);
    for (std::size_t t = 0; t < targets_; ++t) {
      Probe& probe = vantage.probes[t];
      const bool reached = alive_[t] && reaches_site(v, site_of(t));
      probe.reaches_for = works && reached && vantage.lie == Lie::none ? probe.reaches_for + 1 : 0;
      if (!works) continue;
      // What has just started sees nothing yet, and so has no vote.
      const Verdict says =
          reached && now_ - vantage.started >= (now_ < round ? 0 : round) ? Verdict::up : Verdict::down;
      if (probe.verdict == says) {
        probe.streak = 0;
      } else if (probe.verdict == Verdict::unknown || ++probe.streak >= (says == Verdict::up ? rise : fall)) {
        probe.verdict = says;
        probe.streak = 0;
      }
    }
  }

  unsigned references_up(std::size_t v) const {
    unsigned up = 0;
    for (std::size_t w = 0; w < vantages_; ++w)
      up += w != v && vantage_[w].works() && !vantage_[w].isolated && !vantage_[v].isolated;
    return up;
  }

  Verdict said_by(std::size_t v, std::size_t t) const {
    const VantageState& vantage = vantage_[v];
    switch (vantage.lie) {
      case Lie::down:
        return Verdict::down;
      case Lie::up:
        return Verdict::up;
      case Lie::anyhow:
        return base::combine(world_.seed + static_cast<std::uint64_t>(now_), v * 16 + t) % 2 == 0 ? Verdict::up
                                                                                                  : Verdict::down;
      case Lie::none:
        break;
    }
    return vantage.probes[t].verdict;
  }

  bool settled(std::size_t v) const { return now_ < round || now_ - vantage_[v].started > round + rise; }

  void send(std::size_t v) {
    VantageState& vantage = vantage_[v];
    Message& message = vantage.sent[static_cast<std::size_t>(now_) % ring];
    message.sent = vantage.works();
    if (!message.sent) return;
    health::Report& report = message.report;
    if (report.vantage.empty()) report.vantage = world_.spec.vantages[v].name;
    report.incarnation = vantage.incarnation;
    report.sequence = ++vantage.sequence;
    report.settled = settled(v);
    report.references = static_cast<unsigned>(vantages_ - 1);
    report.references_up = vantage.lie == Lie::none ? references_up(v) : report.references;
    report.opinions.clear();
    for (std::size_t t = 0; t < targets_; ++t) {
      health::Opinion& opinion = report.opinions.emplace_back();
      opinion.target = world_.spec.targets[t].id;
      opinion.verdict = said_by(v, t);
      opinion.in_motion = vantage.probes[t].streak > 0;
      opinion.until_change = std::chrono::seconds(1);
    }
  }

  /// Of a message of this tick; each comes by itself, so that they overtake each other.
  int delay(std::size_t v, std::size_t n, int tick) const {
    const std::uint64_t dice = base::combine(world_.seed, static_cast<std::uint64_t>(tick) * 64 + v * 4 + n) % 16;
    return dice < 12 ? 0 : (dice < 14 ? 1 : most_delay);
  }

  void deliver(std::size_t n, std::size_t v, const Message& message) {
    Server& server = server_[n];
    const health::Report& report = message.report;
    Said& said = server.said[v];
    const bool newer = report.incarnation > said.incarnation ||
                       (report.incarnation == said.incarnation && report.sequence > said.sequence);
    const bool accepted = !server.judge.receive(report, time_of(now_));
    if (!accepted) ++coverage_.refused;
    if (accepted != newer)
      return fail("server " + world_.spec.vantages[n].name + (newer ? " refused a new" : " took an old") +
                  " report of " + world_.spec.vantages[v].name);
    if (!newer) return;
    said.incarnation = report.incarnation;
    said.sequence = report.sequence;
    hear(said, report);
  }

  void hear(Said& said, const health::Report& report) const {
    said.settled = report.settled;
    said.references = report.references;
    said.references_up = report.references_up;
    said.arrival = now_;
    for (std::size_t t = 0; t < targets_; ++t) said.verdicts[t] = report.opinions[t].verdict;
  }

  void replay(std::size_t n, std::size_t v, std::uint32_t age) {
    if (v == n || now_ < static_cast<int>(ring)) return;
    const Message& message = vantage_[v].sent[(static_cast<std::size_t>(now_) - 1 - age % (ring - 1)) % ring];
    if (message.sent) deliver(n, v, message);
  }

  void serve(std::size_t n) {
    Server& server = server_[n];
    for (int late = most_delay; late >= 0; --late) {
      const int tick = now_ - late;
      for (std::size_t v = 0; v < vantages_ && tick >= 0; ++v) {
        const Message& message = vantage_[v].sent[static_cast<std::size_t>(tick) % ring];
        const bool reaches = vantage_[v].mesh[n] && !vantage_[v].isolated && !vantage_[n].isolated;
        if (v != n && message.sent && reaches && delay(v, n, tick) == late) deliver(n, v, message);
      }
    }
    if (server.paused_until >= now_) {
      for (Followed& followed : server.targets) followed.dead_for = followed.alive_for = 0;
      server.well_for.fill(0);
      return;
    }
    observe(n);
    server.judge.step(time_of(now_), base::WallTime(std::chrono::seconds(now_)));
    look(n);
  }

  void observe(std::size_t n) {
    Server& server = server_[n];
    server.own.resize(targets_);
    const health::Report& report = vantage_[n].sent[static_cast<std::size_t>(now_) % ring].report;
    for (std::size_t i = 0; i < targets_; ++i) {
      const health::Opinion& opinion = report.opinions[server.order[i]];
      server.own[i].verdict = opinion.verdict;
      server.own[i].in_motion = opinion.in_motion;
      server.own[i].until_change = opinion.until_change;
    }
    server.judge.observe(server.own, {report.settled, report.references, report.references_up});
    hear(server.said[n], report);
  }

  // ---- the oracle

  bool cut_off(const Said& said, std::size_t v) const {
    std::size_t first = most_sites;
    bool two = false;
    for (std::size_t t = 0; t < targets_; ++t) {
      if (home_[v] == site_of(t)) continue;
      if (said.verdicts[t] == Verdict::up) return false;
      if (said.verdicts[t] == Verdict::down) {
        two = two || (first != most_sites && first != site_of(t));
        first = site_of(t);
      }
    }
    return two && said.references_up == 0 && vantages_ > 1;
  }

  bool is_heard(const Server& server, std::size_t v, std::size_t t) const {
    const Said& said = server.said[v];
    if (!elector(v, t) || now_ - said.arrival >= fresh_for || (!said.settled && vantages_ > 1)) return false;
    if (said.cut_off == now_ || said.verdicts[t] == Verdict::unknown) return false;
    return said.verdicts[t] != Verdict::down || now_ - said.cut_off >= hold;
  }

  /// It sees another site of the service up, which is not its own.
  bool sees_another(const Said& said, std::size_t v, std::size_t target) const {
    for (std::size_t t = 0; t < targets_; ++t) {
      if (service_of(t) == service_of(target) && site_of(t) != site_of(target) && home_[v] != site_of(t) &&
          said.verdicts[t] == Verdict::up)
        return true;
    }
    return false;
  }

  struct Votes {
    int electors = 0, heard = 0, reach = 0, down = 0, another = 0;
    bool quorum() const { return 2 * heard > electors; }
  };

  Votes votes_of(const Server& server, std::size_t t, std::size_t region) const {
    Votes out;
    for (std::size_t v = 0; v < vantages_; ++v) {
      if (!elector(v, t) || (region != any_region && region_[v] != region)) continue;
      ++out.electors;
      if (!is_heard(server, v, t)) continue;
      ++out.heard;
      out.reach += vantage_[v].probes[t].reaches_for >= sure_after;
      out.down += server.said[v].verdicts[t] == Verdict::down;
      out.another += sees_another(server.said[v], v, t);
    }
    return out;
  }

  /// Whether those that are heard could have said down together, if those that reach the target said so.
  bool may_be_down(const Server& server, std::size_t t, const Votes& votes) const {
    if (world_.regions) {
      int all = 0, spoken = 0, down = 0;
      for (std::size_t r = 0; r < 4; ++r) {
        const Votes of = votes_of(server, t, r);
        if (of.electors == 0) continue;
        ++all;
        if (!of.quorum()) continue;
        ++spoken;
        down += 2 * of.reach < of.heard;
      }
      return 2 * spoken > all && 2 * down > spoken;
    }
    switch (world_.agree.kind) {
      case health::Agree::Kind::all:
        return votes.reach == 0;
      case health::Agree::Kind::any:
        return votes.reach < votes.heard;
      case health::Agree::Kind::count:
        return votes.heard - votes.reach >= std::min<int>(static_cast<int>(world_.agree.count), votes.electors);
      case health::Agree::Kind::majority:
        break;
    }
    return 2 * votes.reach < votes.heard;
  }

  void look(std::size_t n) {
    Server& server = server_[n];
    for (std::size_t v = 0; v < vantages_; ++v) {
      Said& said = server.said[v];
      if (now_ - said.arrival < fresh_for && cut_off(said, v)) said.cut_off = now_;
      const VantageState& vantage = vantage_[v];
      const bool reports = v == n || (vantage.mesh[n] && !vantage.isolated && !vantage_[n].isolated);
      const bool well = vantage.works() && vantage.lie == Lie::none && reports && settled(v) &&
                        (vantages_ == 1 || references_up(v) > 0) &&
                        !(v < world_.servers && server_[v].paused_until >= now_);
      server.well_for[v] = well ? server.well_for[v] + 1 : 0;
    }
    std::array<Verdict, most_targets> before{}, after{};
    for (std::size_t i = 0; i < targets_; ++i) {
      const std::size_t t = server.order[i];
      before[t] = server.targets[t].verdict;
      after[t] = server.judge.states()[i].verdict;
    }
    for (std::size_t t = 0; t < targets_; ++t) follow_alone(server, t);
    const std::vector<health::Turn> turns = server.judge.take_turns();
    if (!turns.empty()) check_answers(n, after);
    for (const health::Turn& turn : turns) {
      const std::size_t t = server.order[turn.target];
      if (turn.to == Verdict::down && turn.from == Verdict::up) withdrawn(n, t);
      if (turn.to == Verdict::up && turn.from == Verdict::down) returned(n, t, before, after);
      server.targets[t].verdict = turn.to;
    }
    for (std::size_t t = 0; t < targets_; ++t) {
      if (server.targets[t].verdict != after[t]) fail(named(n, t) + "its verdict changed without a turn");
      follow(n, t);
    }
  }

  void check_answers(std::size_t n, const std::array<Verdict, most_targets>& verdicts) {
    ++coverage_.answers;
    if (const auto wrong = answers_.wrong({verdicts.begin(), verdicts.begin() + static_cast<std::ptrdiff_t>(targets_)}))
      fail("server " + world_.spec.vantages[n].name + ": " + *wrong);
  }

  void follow_alone(Server& server, std::size_t t) {
    const Votes votes = votes_of(server, t, any_region);
    const bool alone = !votes.quorum() || world_.regions;
    coverage_.frozen += !votes.quorum();
    const bool all = votes.heard > 0 && votes.down == votes.heard && votes.another == votes.heard;
    int& since = server.targets[t].alone_since;
    if (!alone || !all) {
      since = -1;
    } else if (since < 0) {
      since = now_;
    }
  }

  void withdrawn(std::size_t n, std::size_t t) {
    Server& server = server_[n];
    Followed& followed = server.targets[t];
    ++coverage_.withdrawals;
    const Votes votes = votes_of(server, t, any_region);
    const bool alone = followed.alone_since >= 0 && now_ - followed.alone_since >= alone_after;
    if (!(votes.quorum() && may_be_down(server, t, votes)) && !alone) {
      return fail(named(n, t) + "it is withdrawn, though of " + std::to_string(votes.electors) + " electors " +
                  std::to_string(votes.heard) + " are heard and " + std::to_string(votes.reach) + " reach it");
    }
    coverage_.alone += alone && !votes.quorum();
    if (now_ - followed.returned < world_.hold_up) fail(named(n, t) + "it is withdrawn within hold_up");
    if (world_.paced) check_pace(n, t, alone);
    followed.withdrawn = now_;
    if (!world_.damped) return;
    followed.penalty = std::min(penalty(followed) + 1, 2.0 * damped_from);
    followed.fell = now_;
  }

  double penalty(const Followed& followed) const {
    return followed.penalty * std::exp2(-static_cast<double>(now_ - followed.fell) / half_life);
  }

  void check_pace(std::size_t n, std::size_t t, bool alone) {
    Server& server = server_[n];
    const std::size_t site = site_of(t);
    int& left = server.site_left[site];
    int& service_left = server.service_left[service_of(t)];
    const int since = now_ - pace_window;
    const int last = *std::max_element(server.site_left.begin(), server.site_left.end());
    const bool first_of_service = service_left <= since;
    service_left = now_;
    if (left > since) return;
    if (last <= since) {
      left = now_;
      return;
    }
    if (first_of_service) return;
    ++coverage_.paced;
    if (now_ - last < pace_every) return fail(named(n, t) + "its site leaves too soon after another");
    int electors = 0, renewed = 0, heard = 0;
    for (std::size_t v = 0; v < vantages_; ++v) {
      electors += elector(v, t);
      if (!is_heard(server, v, t)) continue;
      heard += server.said[v].arrival >= last + pace_every;
      renewed += server.said[v].arrival >= last + pace_every && server.said[v].verdicts[t] == Verdict::down;
    }
    const bool enough = alone ? renewed > 0 : 2 * heard > electors && renewed > 0;
    if (!enough) fail(named(n, t) + "its site waited, and leaves without a renewed verdict");
    left = now_;
  }

  void returned(std::size_t n, std::size_t t, const std::array<Verdict, most_targets>& before,
                const std::array<Verdict, most_targets>& after) {
    Followed& followed = server_[n].targets[t];
    ++coverage_.returns;
    bool another = false;  // another one is up all the time, so that this one may be kept away
    for (std::size_t i = 0; i < targets_; ++i)
      another =
          another || (i != t && service_of(i) == service_of(t) && before[i] == Verdict::up && after[i] == Verdict::up);
    if (another && now_ - followed.withdrawn < world_.hold_down) fail(named(n, t) + "it returns within hold_down");
    // What waits to leave was judged down before, and its penalty has gone on from there.
    const bool exact = world_.damped && world_.hold_up == 0 && !world_.paced;
    if (another && exact && followed.penalty > damped_from - 0.5 && penalty(followed) > damped_from / 2.0 + 0.01)
      fail(named(n, t) + "it returns though it flaps");
    followed.returned = now_;
  }

  void follow(std::size_t n, std::size_t t) {
    Server& server = server_[n];
    Followed& followed = server.targets[t];
    int electors = 0, well = 0;
    unsigned reach = 0;
    for (std::size_t v = 0; v < vantages_; ++v) {
      if (!elector(v, t)) continue;
      ++electors;
      if (server.well_for[v] < well_after) continue;
      ++well;
      if (reaches_site(v, site_of(t))) reach |= 1U << v;
    }
    const bool simple = !world_.regions && world_.agree.kind == health::Agree::Kind::majority;
    const auto enough = [&](int some) { return simple ? 2 * some > electors : some == electors; };
    if (followed.withdrawn == now_) {  // a site that leaves makes the others wait anew
      for (Followed& other : server.targets) {
        if (world_.paced && &other != &followed) other.dead_for = 0;
      }
    }
    followed.dead_for = !alive_[t] && enough(well) ? followed.dead_for + 1 : 0;
    // One that begins to reach it when another ceases to has not said so yet: the same ones must go on.
    const bool goes_on = alive_[t] && enough(std::popcount(reach & followed.reached_by));
    followed.reached_by = goes_on ? followed.reached_by & reach : reach;
    followed.alive_for = goes_on ? followed.alive_for + 1 : 0;
    const int down_bound =
        fall + most_delay + 2 + world_.hold_up + (world_.paced ? 2 * pace_every + most_delay + fresh_for : 0);
    const int up_bound = rise + most_delay + 2 + world_.hold_down + (world_.damped ? 2 * half_life + 2 : 0);
    coverage_.dead_bounds += followed.dead_for == down_bound + 1;
    coverage_.alive_bounds += followed.alive_for == up_bound + 1;
    if (followed.dead_for > down_bound && followed.verdict == Verdict::up) fail(named(n, t) + "it is dead and stays");
    if (followed.alive_for > up_bound && followed.verdict != Verdict::up) fail(named(n, t) + "it lives and stays away");
  }

  static constexpr std::size_t any_region = 99;

  const World& world_;
  Answers answers_;
  Coverage& coverage_;
  std::size_t vantages_, targets_;
  int now_ = 0;
  std::optional<Failure> failure_;
  std::array<bool, most_targets> alive_{}, all_inside_{};
  std::array<std::size_t, most_vantages> home_{}, region_{};
  std::array<VantageState, most_vantages> vantage_{};
  std::array<Server, most_servers> server_{};
};

}  // namespace

void Coverage::add(const Coverage& other) noexcept {
  withdrawals += other.withdrawals;
  returns += other.returns;
  frozen += other.frozen;
  alone += other.alone;
  paced += other.paced;
  dead_bounds += other.dead_bounds;
  alive_bounds += other.alive_bounds;
  refused += other.refused;
  answers += other.answers;
}

std::optional<Failure> run(const World& world, const std::vector<Event>& events, Coverage& coverage) {
  return Simulation(world, coverage).run(events);
}

std::vector<Event> shrink(const World& world, std::vector<Event> events) {
  Coverage ignored;
  for (std::size_t i = events.size(); i-- > 0;) {
    std::vector<Event> fewer = events;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (run(world, fewer, ignored)) events = std::move(fewer);
  }
  return events;
}

}  // namespace gslb::sim
