#include "control/policy_tests.hpp"

#include <algorithm>

#include "control/explain_view.hpp"
#include "engine/explain.hpp"
#include "engine/suppose.hpp"

namespace gslb::control {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "nothing" : out;
}

engine::GenerationPtr state_of(const Present& present, const config::TestSpec& test) {
  const engine::Snapshot& snapshot = *present.generation->snapshot;
  const auto down = engine::down_sites(snapshot, test.down_sites);
  auto out = std::make_shared<engine::Generation>(*engine::suppose(*present.generation, *down));
  if (test.down_addresses.empty()) return out;
  for (std::size_t s = 0; s < snapshot.services.size(); ++s) {
    const zones::SteeredName& name = snapshot.services[s];
    policy::ServiceStates states = out->plans[s]->states;
    for (const auto family : {base::Family::v4, base::Family::v6}) {
      for (std::size_t e = 0; e < name.service.endpoints.size(); ++e) {
        const auto& address = name.service.endpoints[e].address(family);
        const auto& listed = test.down_addresses;
        if (address && std::find(listed.begin(), listed.end(), *address) != listed.end())
          states[static_cast<std::size_t>(family)][e].verdict = health::Verdict::down;
      }
    }
    out->plans[s] =
        std::make_shared<policy::Plan>(policy::make_plan(name.service, snapshot.classes[name.signature], states));
  }
  return out;
}

/// What the answer names, for comparison and for people.
struct Answered {
  std::vector<std::string> addresses;  ///< ascending
  std::vector<std::string> sites;      ///< "" for fallback addresses
};

Answered answered_by(const engine::Explanation& explanation) {
  Answered out;
  if (explanation.steered) {
    for (const policy::EndpointIndex e : explanation.steered->answer) {
      out.addresses.push_back(explanation.steered->candidates[e].address);
      out.sites.push_back(explanation.steered->candidates[e].site);
    }
  } else if (!explanation.links.empty() && explanation.links.back().outcome == zones::Outcome::answer) {
    for (const std::string& record : explanation.links.back().records) {
      if (base::parse_address(record)) out.addresses.push_back(record);
    }
  }
  std::sort(out.addresses.begin(), out.addresses.end());
  return out;
}

/// What is not as expected; "" if all is.
std::string mistake(const config::TestSpec& test, const engine::Explanation& explanation) {
  const Answered got = answered_by(explanation);
  if (test.rcode && explanation.rcode != *test.rcode)
    return "expected " + name_of(*test.rcode) + ", is " + name_of(explanation.rcode);
  if (test.answer) {
    std::vector<std::string> wanted;
    for (const base::IpAddress& address : *test.answer) wanted.push_back(base::to_string(address));
    std::sort(wanted.begin(), wanted.end());
    if (wanted != got.addresses) return "expected " + joined(wanted) + ", is " + joined(got.addresses);
  }
  if (!test.sites) return {};
  const bool all = !got.sites.empty() && std::all_of(got.sites.begin(), got.sites.end(), [&](const std::string& site) {
    return std::find(test.sites->begin(), test.sites->end(), site) != test.sites->end();
  });
  if (all) return {};
  std::vector<std::string> named;
  for (const std::string& site : got.sites) named.push_back(site.empty() ? "a fallback address" : site);
  return "expected " + joined(*test.sites) + ", is " +
         (named.empty() && explanation.rcode != dns::Rcode::noerror ? name_of(explanation.rcode) : joined(named));
}

}  // namespace

std::vector<FailedTest> failed_tests(const Present& present) {
  std::vector<FailedTest> out;
  for (const config::TestSpec& test : present.config->tests) {
    engine::Asker asker;
    asker.name = test.name;
    asker.type = test.type;
    if (test.client) {
      const unsigned bits = base::bits(test.client->address.family);
      const unsigned whole = test.client->address.family == base::Family::v4 ? 24 : 56;
      asker.subnet = test.client->length == bits ? base::make_prefix(test.client->address, whole) : *test.client;
    }
    asker.resolver = test.resolver ? *test.resolver : test.client->address;
    engine::Explainer explainer(state_of(present, test));
    const engine::Explanation explanation = explainer.explain(asker);
    const std::string wrong = mistake(test, explanation);
    if (wrong.empty()) continue;
    const std::string title = test.title.empty() ? "" : "\"" + test.title + "\": ";
    asker.facts = true;
    out.push_back({{test.where, "tests", title + wrong, {}}, render_explanation(explainer.explain(asker))});
  }
  return out;
}

}  // namespace gslb::control
