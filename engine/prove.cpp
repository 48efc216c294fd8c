#include "engine/prove.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "base/text.hpp"
#include "engine/prove_service.hpp"
#include "engine/unreachable.hpp"
#include "policy/set_ranks.hpp"

namespace gslb::engine {

namespace {

constexpr std::array kinds{Finding::Kind::fence, Finding::Kind::coverage, Finding::Kind::answer, Finding::Kind::reach,
                           Finding::Kind::dnssec};

std::string plural(std::uint64_t count, const std::string& one, const std::string& many) {
  return base::with_thousands(count) + " " + (count == 1 ? one : many);
}

/// A service as it is written, and its endpoints with those inside of it.
struct Written {
  const policy::ServiceSpec* spec;
  std::vector<policy::Origin> endpoints;
};

/// In the order of Snapshot::services.
std::vector<Written> written_in(const config::Config& config) {
  std::vector<Written> out;
  for (const zones::ZoneSpec& zone : config.zones) {
    const policy::FindInner find = [&](const std::string& name) {
      const auto found = std::ranges::find(zone.services, name, [](const auto& service) { return service.name.value; });
      return policy::InnerService{&*found, nullptr};
    };
    for (const policy::ServiceSpec& service : zone.services) out.push_back({&service, policy::origins(service, find)});
  }
  return out;
}

/// An endpoint as people find it: by its place in the service, or by the one inside that it is in.
std::string place_of(const policy::Service& service, const Written& written, std::size_t e) {
  const std::size_t own = written.spec->endpoints.size();
  if (e < own) return service.name + " endpoints[" + std::to_string(e) + "]";
  for (const policy::Chain& inner : service.inner) {
    const auto at = std::find(inner.members.begin(), inner.members.end(), e);
    if (at != inner.members.end())
      return service.name + " " + inner.label + " endpoints[" + std::to_string(at - inner.members.begin()) + "]";
  }
  return service.name;
}

class Prover {
 public:
  Prover(const config::Config& config, const Snapshot& snapshot, const ProofOptions& options)
      : config_(config),
        snapshot_(snapshot),
        options_(options),
        survey_(survey(snapshot)),
        written_(written_in(config)) {
    for (const Finding::Kind kind : kinds) out_.checks.push_back({kind, 0, 0, {}});
  }

  Proof run() {
    for (const PlaceExtent& place : survey_) out_.networks += place.networks[0] + place.networks[1];
    prove_services();
    for (ServiceProof& proof : proofs_) merge(proof);
    add_all(Finding::Kind::reach, unreachable_entries(config_, snapshot_), entries(config_));
    check_sets();
    std::vector<StepEffects> effects;
    for (ServiceProof& proof : proofs_) effects.push_back(std::move(proof.effects));
    out_.notices = notices(config_, effects);
    describe();
    return std::move(out_);
  }

 private:
  /// Services that are equal but for their names and addresses are proved once.
  void prove_services() {
    proofs_.resize(snapshot_.services.size());
    std::vector<policy::Service> shapes;
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t s = 0; s < proofs_.size(); ++s) {
      if (snapshot_.services[s].service.reflect != policy::Reflect::nothing) continue;
      policy::Service shape = shape_of(snapshot_.services[s].service);
      const auto known = std::find(shapes.begin(), shapes.end(), shape);
      const auto g = static_cast<std::size_t>(known - shapes.begin());
      if (known == shapes.end()) {
        shapes.push_back(std::move(shape));
        groups.emplace_back();
      }
      groups[g].push_back(s);
    }
    std::atomic<std::size_t> next{0};
    std::size_t done = 0;
    std::mutex mutex;
    const auto work = [&] {
      for (std::size_t g = next++; g < groups.size(); g = next++) {
        ServiceProof proof = prove_service(snapshot_, groups[g].front(), survey_, options_);
        const std::lock_guard lock(mutex);
        for (const std::size_t s : groups[g]) {
          proofs_[s] = proof;
          proofs_[s].service = s;
        }
        done += groups[g].size();
        if (options_.progress) options_.progress(done, proofs_.size());
      }
    };
    const unsigned wanted =
        options_.threads != 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::size_t>(wanted, groups.size()); ++i) others.emplace_back(work);
    work();
  }

  Check& check(Finding::Kind kind) { return out_.checks[static_cast<std::size_t>(kind)]; }

  void merge(const ServiceProof& proof) {
    if (proof.states == 0) return;
    const policy::Service& service = snapshot_.services[proof.service].service;
    const Written& written = written_[proof.service];
    out_.states = std::max(out_.states, proof.states);
    const auto note = [&](Finding::Kind kind, const std::optional<Example>& example, bool applies) {
      if (!applies) return;
      ++check(kind).subjects;
      if (!example) return;
      ++check(kind).broken;
      Finding finding{kind, service.name, example->what, written.spec->where, example->network, {}};
      for (const std::uint16_t site : example->failed) finding.failed.push_back(snapshot_.sites[site].name);
      out_.findings.push_back(std::move(finding));
    };
    note(Finding::Kind::fence, proof.leak, proof.fenced);
    note(Finding::Kind::coverage, proof.uncovered, true);
    note(Finding::Kind::answer, proof.unanswered, true);
    for (std::size_t failures = 0; failures < proof.fewest.size(); ++failures) {
      if (failures == fewest_.size()) fewest_.push_back(proof.fewest[failures]);
      fewest_[failures] = std::min(fewest_[failures], proof.fewest[failures]);
    }
    for (std::size_t e = 0; e < service.endpoints.size(); ++e) {
      if (service.endpoints[e].inner != policy::Endpoint::no_inner) continue;
      ++check(Finding::Kind::reach).subjects;
      if (proof.answered[e]) continue;
      ++check(Finding::Kind::reach).broken;
      out_.findings.push_back({Finding::Kind::reach,
                               place_of(service, written, e),
                               "is never answered: " + proof.never[e],
                               written.endpoints[e].endpoint->where,
                               {},
                               {}});
    }
  }

  void add_all(Finding::Kind kind, std::vector<Finding> findings, std::size_t subjects) {
    check(kind).subjects += subjects;
    check(kind).broken += findings.size();
    for (Finding& finding : findings) out_.findings.push_back(std::move(finding));
  }

  /// DESIGN section 9: each set of endpoints that can be answered must have been signed before.
  void check_sets() {
    std::size_t s = 0;
    for (const zones::ZoneSpec& zone : config_.zones) {
      for (const policy::ServiceSpec& spec : zone.services) {
        const policy::Service& service = snapshot_.services[s++].service;
        if (!zone.dnssec || service.reflect != policy::Reflect::nothing) continue;
        ++check(Finding::Kind::dnssec).subjects;
        std::uint32_t sets = 0;
        for (const policy::Aspect aspect : policy::aspects) {
          if (service.answers(aspect)) sets = std::max(sets, policy::SetRanks(service, aspect).size());
        }
        most_sets_ = std::max(most_sets_, sets);
        if (sets <= policy::SetRanks::limit) continue;
        ++check(Finding::Kind::dnssec).broken;
        out_.findings.push_back({Finding::Kind::dnssec,
                                 service.name,
                                 "more than " + base::with_thousands(policy::SetRanks::limit) +
                                     " different answers, each of which needs a signature",
                                 spec.where,
                                 {},
                                 {}});
      }
    }
  }

  void describe() {
    const std::string everywhere =
        plural(out_.networks, "network", "networks") + " x " + plural(out_.states, "failure", "failures");
    check(Finding::Kind::fence).held = "no answer leaves a strict fence: " + everywhere;
    std::string coverage;
    for (std::size_t failures = 0; failures < fewest_.size(); ++failures) {
      coverage += (coverage.empty() ? "every network has at least " : ", ") + std::to_string(fewest_[failures]) +
                  (coverage.empty() ? (fewest_[failures] == 1 ? " candidate" : " candidates") : "") +
                  (failures == 0 ? " when all is up" : " after any " + plural(failures, "failure", "failures"));
    }
    check(Finding::Kind::coverage).held = coverage;
    check(Finding::Kind::answer).held = "nobody is left without an answer: " + everywhere;
    check(Finding::Kind::reach).held = "every policy, region, endpoint and place entry is used by somebody";
    check(Finding::Kind::dnssec).held = "at most " + base::with_thousands(most_sets_) + " different answers of " +
                                        base::with_thousands(policy::SetRanks::limit) + " a service";
  }

  const config::Config& config_;
  const Snapshot& snapshot_;
  const ProofOptions& options_;
  const Survey survey_;
  const std::vector<Written> written_;
  std::vector<ServiceProof> proofs_;
  std::vector<unsigned> fewest_;
  std::uint32_t most_sets_ = 0;
  Proof out_;
};

}  // namespace

Proof prove(const config::Config& config, const Snapshot& snapshot, const ProofOptions& options) {
  return Prover(config, snapshot, options).run();
}

const char* to_string(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::fence:
      return "fence";
    case Finding::Kind::coverage:
      return "coverage";
    case Finding::Kind::answer:
      return "answer";
    case Finding::Kind::reach:
      return "reach";
    case Finding::Kind::dnssec:
      return "dnssec";
  }
  return "";
}

std::vector<std::vector<std::uint16_t>> subsets(const std::vector<std::uint16_t>& of, unsigned most) {
  std::vector<std::vector<std::uint16_t>> out{{}};
  std::size_t begin = 0;
  for (unsigned size = 1; size <= most; ++size) {
    const std::size_t end = out.size();
    for (std::size_t i = begin; i < end; ++i) {
      for (const std::uint16_t one : of) {
        if (!out[i].empty() && one <= out[i].back()) continue;
        auto next = out[i];
        next.push_back(one);
        out.push_back(std::move(next));
      }
    }
    begin = end;
  }
  return out;
}

}  // namespace gslb::engine
