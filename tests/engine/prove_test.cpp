#include "engine/prove.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/json_reasons.hpp"
#include "control/prove_view.hpp"
#include "engine/prove_service.hpp"
#include "tests/engine/reasons_world.hpp"

namespace gslb::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Proof proved(const std::string& yaml, unsigned failures = 1, unsigned candidates = 1) {
  const control::Present present = test::present_of(yaml);
  return prove(*present.config, *present.generation->snapshot, {failures, candidates, 2, {}});
}

std::string with_services(const std::string& services) {
  return std::string(test::world_head) + "zones:\n  example.org:\n    ns: [ns1.example.org.]\n    services:\n" +
         services + "    records: { ns1: { A: [192.0.2.53] } }\n";
}

std::string places_removed(std::string yaml) {
  const auto from = yaml.find("  places:");
  const auto to = yaml.find("sites:");
  return yaml.substr(0, from) + yaml.substr(to);
}

const Check& check(const Proof& proof, Finding::Kind kind) { return proof.checks[static_cast<std::size_t>(kind)]; }

std::vector<Finding> findings(const Proof& proof, Finding::Kind kind) {
  std::vector<Finding> out;
  for (const Finding& finding : proof.findings)
    if (finding.kind == kind) out.push_back(finding);
  return out;
}

constexpr const char* sound = R"(
      www:
        endpoints: { fra: 192.0.2.10, iad: 192.0.2.20, gru: 192.0.2.30, sin: 192.0.2.40 }
)";

TEST(Prove, WhatIsSoundHolds) {
  const Proof proof = proved(with_services(sound), 2);
  EXPECT_TRUE(proof.holds()) << control::render_proof(proof, {});
  EXPECT_EQ(proof.states, 1U + 4 + 6);
  EXPECT_THAT(check(proof, Finding::Kind::coverage).held,
              HasSubstr("at least 4 candidates when all is up, 3 after any 1 failure, 2 after any 2 failures"));
}

TEST(Prove, ANetworkWithTooFewCandidatesIsShownWithTheSmallestFailure) {
  const Proof proof = proved(with_services(R"(
      www: { policy: [fence, weighted], endpoints: [
        { site: fra, address: 192.0.2.10, serves: { continents: [EU], unknown: true } },
        { site: iad, address: 192.0.2.20, serves: { continents: [AF, AN, AS, EU, NA, OC, SA], unknown: true } } ] }
)"));
  const auto found = findings(proof, Finding::Kind::coverage);
  ASSERT_EQ(found.size(), 1U) << control::render_proof(proof, {});
  EXPECT_THAT(found[0].failed, ElementsAre("iad"));
  ASSERT_TRUE(found[0].network);
  EXPECT_FALSE(base::parse_prefix("198.18.0.0/17")->contains(found[0].network->address)) << "Europe has two";
}

TEST(Prove, SomebodyOutsideEveryFenceIsLeftWithoutAnAnswer) {
  const Proof proof = proved(with_services(R"(
      www: { policy: [fence, weighted], endpoints: [ { site: fra, address: 192.0.2.10, serves: { continents: [EU] } } ] }
)"),
                             0);
  const auto found = findings(proof, Finding::Kind::answer);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].failed, IsEmpty()) << "no failure is needed";
  EXPECT_THAT(found[0].what, HasSubstr("no endpoint serves the client"));
  EXPECT_EQ(found[0].where.line, 26);
}

TEST(Prove, AFenceThatSaysOutsideNoneMeansIt) {
  const Proof proof = proved(with_services(R"(
      www: { policy: [fence: { outside: none }, weighted], endpoints: [ { site: fra, address: 192.0.2.10, serves: { continents: [EU] } } ] }
)"),
                             0);
  EXPECT_TRUE(findings(proof, Finding::Kind::answer).empty());
}

TEST(Prove, AServiceThatAnswersNothingWhenAllIsDownLeavesSomebodyWithoutAnAnswer) {
  const Proof proof = proved(with_services(R"(
      www: { all_down: none, policy: [weighted], monitor: web, endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 } }
)"),
                             2);
  const auto found = findings(proof, Finding::Kind::answer);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].failed, ElementsAre("fra", "iad"));
  EXPECT_TRUE(findings(proved(with_services(R"(
      www: { all_down: none, fallback: [198.51.100.9], policy: [weighted], monitor: web, endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 } }
)"),
                              2),
                       Finding::Kind::answer)
                  .empty());
}

TEST(Prove, AnEndpointThatNobodyIsEverAnsweredWithIsFoundWhereItIsWritten) {
  const Proof proof = proved(places_removed(with_services(R"(
      www:
        policy: [priority, weighted]
        endpoints:
          - { site: fra, address: 192.0.2.10 }
          - { site: iad, address: 192.0.2.20 }
          - { site: gru, address: 192.0.2.30 }
)")));
  const auto found = findings(proof, Finding::Kind::reach);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].subject, "www.example.org endpoints[2]");
  EXPECT_EQ(found[0].where.line, 23);
  EXPECT_GT(found[0].where.column, 1);
  EXPECT_TRUE(findings(proved(places_removed(with_services(R"(
      www:
        policy: [priority, weighted]
        endpoints: { fra: 192.0.2.10, iad: 192.0.2.20, gru: 192.0.2.30 }
)")),
                              2),
                       Finding::Kind::reach)
                  .empty())
      << "two failures reach the third";
}

TEST(Prove, APlaceThatLongerOnesCoverWholeAndAPolicyNobodyUsesAreFound) {
  std::string yaml = with_services(sound);
  const auto places = yaml.find("    - { prefix: 198.18.0.0/17");
  yaml.insert(places, "    - { prefix: 198.18.0.0/16, at: [0.0, 0.0] }\n");
  yaml.insert(yaml.find("sites:"), "policies: { idle: [weighted] }\n");
  const auto found = findings(proved(yaml), Finding::Kind::reach);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].subject, "policies.idle");
  EXPECT_EQ(found[1].subject, "geo.places 198.18.0.0/16");
}

std::vector<std::string> noticed(const Proof& proof) {
  std::vector<std::string> out;
  for (const Notice& notice : proof.notices)
    out.push_back(notice.subject + ":" + std::to_string(notice.where.line) + " " + control::words_of(notice));
  return out;
}

TEST(Prove, AFilterThatChangesNothingForAnybodyIsNoticedButBreaksNothing) {
  const Proof proof = proved(with_services(R"(
      www:
        monitor: web
        policy: [fence, priority, nearest, weighted]
        endpoints: [ { site: fra, address: 192.0.2.10 }, { site: iad, address: 192.0.2.20 } ]
)"),
                             1);
  EXPECT_TRUE(proof.holds()) << control::render_proof(proof, {});
  EXPECT_THAT(noticed(proof), ElementsAre("www of example.org. policy:28 `fence` changes nothing for any client",
                                          "www of example.org. policy:28 `nearest` changes nothing for any client"))
      << "priority has put each in a tier of its own";
  EXPECT_THAT(control::render_proof(proof, {}), HasSubstr("\nnotice    www of example.org. policy: `fence` changes"));
  EXPECT_THAT(control::to_json(proof, {}), HasSubstr(R"("notices":[{"subject":"www of example.org. policy")"));
}

TEST(Prove, ASharedPolicyIsNoticedOnlyWhereItIsIdleForAllOfItsServices) {
  std::string yaml = with_services(R"(
      www: { monitor: web, policy: near, endpoints: { fra: 192.0.2.10 } }
      api: { monitor: web, policy: near, endpoints: { fra: 192.0.2.11, iad: 192.0.2.21 } }
)");
  yaml.insert(yaml.find("sites:"), "policies: { near: [nearest, weighted] }\n");
  EXPECT_THAT(noticed(proved(yaml)), IsEmpty());
  yaml.replace(yaml.find(", iad: 192.0.2.21"), 17, "");
  EXPECT_THAT(noticed(proved(yaml)), ElementsAre("policies.near:14 `nearest` changes nothing for any client"));
}

TEST(Prove, AMonitorThatNothingIsProbedByIsNoticed) {
  EXPECT_THAT(noticed(proved(with_services(sound))), ElementsAre("monitors.web:20 nothing is probed by it"));
}

TEST(Prove, ARegionThatHoldsNoNetworkIsFound) {
  const Proof proof = proved(with_services(R"(
      www: { policy: [fence: prefer, weighted], endpoints: [
        { site: fra, address: 192.0.2.10 },
        { site: iad, address: 192.0.2.20, serves: { countries: ["JP"] } } ] }
)"),
                             0);
  const auto found = findings(proof, Finding::Kind::reach);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].what, HasSubstr("no network on Earth is in its `serves`"));
}

// The chain cannot leak; that this would be seen is shown with plans that no chain makes.
TEST(Prove, APlanThatLeaksOutOfAFenceIsSeen) {
  const control::Present present = test::present_of(test::world());
  const Snapshot& snapshot = *present.generation->snapshot;
  std::size_t europe = 0;
  while (snapshot.services[europe].service.name != "europe.example.org") ++europe;
  const zones::SteeredName& name = snapshot.services[europe];
  const auto& classes = snapshot.classes[name.signature];
  const std::vector<bool> present_classes(classes.size(), true);
  policy::Plan plan = *present.generation->plans[europe];
  EXPECT_FALSE(find_leak(name.service, classes, plan, present_classes));
  auto& v4 = plan.of_aspect[0];
  for (policy::EndpointIndex& member : v4.members) member = static_cast<policy::EndpointIndex>(1 - member);
  const auto leak = find_leak(name.service, classes, plan, present_classes);
  ASSERT_TRUE(leak);
  EXPECT_FALSE(policy::serves(name.service.endpoints[leak->endpoint], classes[leak->service_class]));
}

TEST(Prove, FindsWhoIsNeverAnsweredInsideOfAService) {
  const std::string yaml = with_services(R"(
      group: { policy: [priority], endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 } }
      www:
        policy: [weighted]
        endpoints: [ { service: group }, { site: gru, address: 192.0.2.30 } ]
        canary: { share: 5%, endpoints: { sin: 192.0.2.40 } }
)");
  const auto endpoints = [&](unsigned failures) {
    std::vector<std::string> out;
    for (const Finding& finding : findings(proved(yaml, failures), Finding::Kind::reach))
      if (finding.subject.find("endpoints") != std::string::npos) out.push_back(finding.subject);
    return out;
  };
  EXPECT_THAT(endpoints(0), ElementsAre("group.example.org endpoints[1]", "www.example.org group endpoints[1]"));
  EXPECT_THAT(endpoints(1), IsEmpty()) << "if fra fails it is iad's turn";
}

TEST(Prove, AFenceInsideOfAServiceIsLookedAtToo) {
  const std::string yaml = with_services(R"(
      europe: { policy: [fence, weighted], endpoints: [ { site: fra, address: 192.0.2.10, serves: { continents: [EU] } } ] }
      www: { policy: [weighted], endpoints: [ { service: europe } ] }
)");
  const auto nobody = findings(proved(yaml, 0), Finding::Kind::answer);
  ASSERT_EQ(nobody.size(), 2U) << "whoever is not in Europe gets nothing, by either name";
  EXPECT_EQ(nobody[1].subject, "www.example.org");
  EXPECT_THAT(findings(proved(yaml, 0), Finding::Kind::fence), IsEmpty());
}

TEST(Prove, ServicesOfOneShapeAreProvedAlike) {
  const Proof proof = proved(with_services(R"(
      a: { policy: [fence, weighted], endpoints: [ { site: fra, address: 192.0.2.10, serves: { continents: [EU] } } ] }
      b: { policy: [fence, weighted], endpoints: [ { site: fra, address: 192.0.2.11, serves: { continents: [EU] } } ] }
)"),
                             0);
  EXPECT_EQ(findings(proof, Finding::Kind::answer).size(), 2U);
  EXPECT_EQ(check(proof, Finding::Kind::answer).subjects, 2U);
}

TEST(Prove, WithoutAnyGeographyEverybodyIsOneNetwork) {
  const Proof proof = proved(places_removed(with_services(R"(
      www: { policy: [weighted], endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 } }
)")));
  EXPECT_TRUE(proof.holds()) << control::render_proof(proof, {});
  EXPECT_EQ(proof.networks, 2U);
}

TEST(Subsets, AreAllOfThemSmallestFirst) {
  EXPECT_THAT(subsets({3, 5, 7}, 2), ElementsAre(IsEmpty(), ElementsAre(3), ElementsAre(5), ElementsAre(7),
                                                 ElementsAre(3, 5), ElementsAre(3, 7), ElementsAre(5, 7)));
  EXPECT_THAT(subsets({3}, 4), ElementsAre(IsEmpty(), ElementsAre(3)));
}

TEST(RenderProof, SaysWhatHoldsAndShowsTheSmallestExampleOfWhatDoesNot) {
  Proof proof = proved(with_services(R"(
      www: { policy: [fence, weighted], endpoints: [ { site: fra, address: 192.0.2.10, serves: { continents: [EU] } } ] }
)"),
                       0);
  const std::string text = control::render_proof(proof, std::chrono::milliseconds(800));
  EXPECT_THAT(text, HasSubstr("fence     holds   no answer leaves a strict fence: "));
  EXPECT_THAT(text,
              HasSubstr("answer    BROKEN  1 of 1\n"
                        "  www.example.org: A is SERVFAIL: no endpoint serves the client, and there is no fallback"
                        "   test.yaml:26:7\n"
                        "    smallest example: nothing failed, client "));
  EXPECT_THAT(text, HasSubstr("2 of 4 broken (800 ms)\n"));
}

}  // namespace
}  // namespace gslb::engine
