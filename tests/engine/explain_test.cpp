#include "engine/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/explain_view.hpp"
#include "tests/engine/reasons_world.hpp"
#include "tests/support/test_server.hpp"

namespace gslb::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Explaining : public testing::Test {
 protected:
  Explanation explain(const std::string& name, const std::string& client, dns::Rtype type = dns::Rtype::A,
                      const std::string& resolver = "192.0.2.200") {
    Asker asker;
    asker.name = *dns::Name::parse(name + ".example.org.");
    asker.type = type;
    if (!client.empty()) asker.subnet = *base::parse_prefix(client);
    asker.resolver = *base::parse_address(resolver);
    return Explainer(server.shared_generation(), server.states()).explain(asker);
  }
  std::string text(const std::string& name, const std::string& client) {
    return control::render_explanation(explain(name, client));
  }
  std::vector<std::string> sites(const Explanation& explanation) {
    std::vector<std::string> out;
    for (const auto e : explanation.steered.value().answer) out.push_back(explanation.steered->candidates[e].site);
    return out;
  }

  test::TestServer server{test::world()};
};

/// Addresses and TTLs of the answer section, the scope and the RCODE, as ldns reads them.
struct Answered {
  std::vector<std::string> addresses;
  std::vector<std::string> ttls;
  unsigned rcode = 0;
  std::string scope;
};

Answered read(const test::Reply& reply) {
  Answered out;
  for (const std::string& record : reply.answer()) {
    const auto first = record.find(' ');
    const auto second = record.find(' ', first + 1);
    const auto third = record.find(' ', second + 1);
    const std::string type = record.substr(second + 1, third - second - 1);
    if (type != "A" && type != "AAAA") continue;
    out.ttls.push_back(record.substr(first + 1, second - first - 1));
    out.addresses.push_back(record.substr(third + 1));
  }
  out.rcode = reply.rcode();
  const std::string subnet = reply.subnet();
  out.scope = subnet.substr(std::min(subnet.size(), subnet.rfind('/') + 1));
  return out;
}

// The answer that is explained is the answer that is given: over random names, clients, resolvers and states of health.
TEST_F(Explaining, NeverDisagreesWithTheAnswer) {
  base::Random random(20261125);
  const std::vector<std::string> names{"www",   "far",     "order",   "group",  "nested",       "tried",
                                       "kept",  "europe",  "prefer",  "closed", "bare",         "each",
                                       "turns", "whole",   "mail",    "alias",  "static-alias", "out",
                                       "child", "x.child", "nothing", "a.wild", "host.moved"};
  const std::vector<std::string> networks{"198.18.0.0/16",   "198.19.0.0/16",   "203.0.113.0/24", "10.0.0.0/8",
                                          "2001:db8:1::/48", "2001:db8:2::/48", "2001:db8:3::/48"};
  for (int round = 0; round < 400; ++round) {
    for (health::TargetState& state : server.states()) {
      state.verdict = static_cast<health::Verdict>(random.below(4) == 0 ? random.below(3) : 1);
      state.in_motion = random.below(5) == 0;
      state.until_change = std::chrono::seconds(random.below(40));
      state.returned_at.reset();
      if (random.below(5) == 0)
        state.returned_at = base::SteadyTime{} + std::chrono::hours(1) - std::chrono::seconds(random.below(70));
    }
    server.publish();
    Explainer explainer(server.shared_generation(), server.states());
    for (int i = 0; i < 50; ++i) {
      const auto around = *base::parse_prefix(networks[random.below(static_cast<std::uint32_t>(networks.size()))]);
      base::IpAddress client = around.address;
      for (unsigned bit = around.length; bit < base::bits(client.family); ++bit)
        if ((random.next() & 1) != 0) client.octets[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
      test::Ask ask;
      ask.name = names[random.below(static_cast<std::uint32_t>(names.size()))] + ".example.org.";
      ask.type = random.below(4) == 0 ? 28 : random.below(9) == 0 ? 16 : 1;
      ask.client = base::to_string(client);
      ask.transport = Transport::stream;
      Asker asker;
      asker.name = *dns::Name::parse(ask.name);
      asker.type = static_cast<dns::Rtype>(ask.type);
      asker.resolver = client;
      if (random.below(4) != 0) {
        asker.subnet = base::make_prefix(client, random.below(base::bits(client.family) + 1));
        ask.subnet = base::to_string(*asker.subnet);
        asker.resolver = *base::parse_address("198.18.5.5");
        ask.client = "198.18.5.5";
      }
      const std::string what = ask.name + " " + std::to_string(ask.type) + " " + ask.client + " " + ask.subnet;
      const Answered given = read(server.ask(ask));
      const Explanation explained = explainer.explain(asker);
      ASSERT_EQ(static_cast<unsigned>(explained.rcode), given.rcode) << what;
      ASSERT_EQ(asker.subnet ? std::to_string(explained.scope) : "", given.scope) << what;
      if (!explained.steered) {
        std::vector<std::string> records;
        if (!explained.links.empty() && explained.links.back().outcome == zones::Outcome::answer &&
            (explained.links.back().type == "A" || explained.links.back().type == "AAAA"))
          records = explained.links.back().records;
        ASSERT_EQ(records, given.addresses) << what;
        continue;
      }
      const SteeredReasons& reasons = *explained.steered;
      for (const std::string& ttl : given.ttls) ASSERT_EQ(ttl, std::to_string(reasons.ttl)) << what;
      std::vector<std::string> answer;
      for (const auto e : reasons.answer) answer.push_back(reasons.candidates[e].address);
      if (reasons.draw != policy::Draw::by_query) {
        ASSERT_EQ(answer, given.addresses) << what;
      } else {
        for (const std::string& address : given.addresses) {
          ASSERT_TRUE(std::any_of(reasons.candidates.begin(), reasons.candidates.end(),
                                  [&](const Candidate& c) { return c.address == address && c.any > 0; }))
              << what << " " << address;
        }
      }
      // What the chain recorded leads to what was answered.
      policy::Tiers last = reasons.own.end();
      for (const ChainRecord& inner : reasons.inner) last.insert(last.end(), inner.end().begin(), inner.end().end());
      for (const auto e : reasons.answer) {
        const bool fallback = reasons.candidates[e].site.empty();
        ASSERT_EQ(!fallback, std::any_of(last.begin(), last.end(), [&](const auto& tier) {
          return std::find(tier.begin(), tier.end(), e) != tier.end();
        })) << what;
        ASSERT_GT(reasons.candidates[e].any, 0) << what;
      }
      double first = 0;
      for (const Candidate& one : reasons.candidates) first += one.first;
      ASSERT_NEAR(first, reasons.draw == policy::Draw::nothing ? 0 : 1, 1e-9) << what;
      ASSERT_EQ(reasons.hurried.empty(), reasons.ttl == reasons.configured_ttl) << what;
    }
  }
}

TEST_F(Explaining, ShowsTheTiersAfterEachFilter) {
  const Explanation explained = explain("prefer", "198.18.1.0/24");
  const SteeredReasons& reasons = explained.steered.value();
  EXPECT_THAT(reasons.own.start, ElementsAre(ElementsAre(0, 1, 2)));
  ASSERT_EQ(reasons.own.steps.size(), 2U);
  EXPECT_THAT(reasons.own.steps[0].tiers, ElementsAre(ElementsAre(1, 2), ElementsAre(0)));
  EXPECT_THAT(reasons.own.steps[1].tiers, ElementsAre(ElementsAre(1), ElementsAre(2), ElementsAre(0)));
  EXPECT_THAT(sites(explained), ElementsAre("fra"));
}

TEST_F(Explaining, SaysWhereTheClientIsFromWhichFileAndHowFarEachSiteIs) {
  Asker asker;
  asker.name = *dns::Name::parse("www.example.org.");
  asker.subnet = *base::parse_prefix("198.18.1.0/24");
  asker.resolver = asker.subnet->address;
  asker.facts = true;
  const Explanation explained = Explainer(server.shared_generation()).explain(asker);
  const ClientPlace& where = explained.steered->where;
  ASSERT_TRUE(where.at);
  EXPECT_EQ(where.at->latitude, 52.52);
  EXPECT_EQ(base::to_string(where.network.value()), "198.18.0.0/17");
  EXPECT_THAT(where.source, HasSubstr("places, test.yaml:7"));
  EXPECT_NEAR(explained.steered->candidates[0].km.value(), 424, 5);
  EXPECT_THAT(control::render_explanation(explained), HasSubstr("nearest  fra 42"));
}

TEST_F(Explaining, SaysWhoAStrictFenceDropped) {
  const Explanation explained = explain("europe", "198.18.1.0/24");
  EXPECT_THAT(explained.steered->own.steps[0].dropped, ElementsAre(1));
  EXPECT_THAT(text("europe", "198.18.1.0/24"), HasSubstr("fence    fra"));
  EXPECT_THAT(text("europe", "198.18.1.0/24"), HasSubstr("- iad: does not serve this client"));
}

TEST_F(Explaining, SaysWhySomebodyOutsideEveryFenceGetsServfail) {
  const std::string said = text("europe", "198.19.130.0/24");
  EXPECT_EQ(said.substr(0, 8), "SERVFAIL");
  EXPECT_THAT(said, HasSubstr("carries  nobody"));
  EXPECT_THAT(said, HasSubstr("no endpoint serves this client: the fallback, else SERVFAIL"));
}

TEST_F(Explaining, SaysWhatIsDownAndSinceWhen) {
  for (health::TargetState& state : server.states()) {
    state.reason = "http 200";
    state.since = base::WallTime(std::chrono::seconds(1'700'000'000));
  }
  server.set("192.0.2.10", health::Verdict::down);
  for (std::size_t i = 0; i < server.states().size(); ++i) {
    if (base::to_string(server.generation().snapshot->targets[i].address) == "192.0.2.10")
      server.states()[i].reason = "timeout after connect";
  }
  const std::string said = text("www", "198.18.1.0/24");
  EXPECT_THAT(said, HasSubstr("192.0.2.20 (iad)   TTL 30 s"));
  EXPECT_THAT(said, HasSubstr("health   - fra"));
  EXPECT_THAT(said, HasSubstr("down since 2023-11-14T22:13:20.000Z: timeout after connect"));
}

TEST_F(Explaining, SaysWhoLowersTheTtl) {
  for (std::size_t i = 0; i < server.states().size(); ++i) {
    if (base::to_string(server.generation().snapshot->targets[i].address) != "192.0.2.10") continue;
    server.states()[i].in_motion = true;
    server.states()[i].until_change = std::chrono::seconds(12);
  }
  server.publish();
  EXPECT_THAT(text("www", "198.18.1.0/24"), HasSubstr("TTL      12 s"));
  EXPECT_THAT(text("www", "198.18.1.0/24"), HasSubstr("instead of 30 s: fra may change before"));
}

TEST_F(Explaining, StaticNamesAndErrorsHaveReasonsToo) {
  EXPECT_THAT(text("mail", "198.18.1.0/24"), HasSubstr("192.0.2.25   TTL"));
  EXPECT_THAT(text("nothing", "198.18.1.0/24"), HasSubstr("nothing.example.org.   does not exist"));
  EXPECT_THAT(text("child", "198.18.1.0/24"), HasSubstr("a referral   scope /0"));
  EXPECT_THAT(text("x.child", "198.18.1.0/24"), HasSubstr("delegated: NS ns.child.example.org. of child.example.org."));
  EXPECT_THAT(text("alias", "198.18.1.0/24"), HasSubstr("a CNAME, which the resolver follows"));
  EXPECT_THAT(text("static-alias", "198.18.1.0/24"), HasSubstr("CNAME mail.example.org."));
  EXPECT_THAT(text("host.moved", "198.18.1.0/24"), HasSubstr("DNAME new.example.org. at moved.example.org."));
  Asker asker;
  asker.name = *dns::Name::parse("www.example.net.");
  asker.resolver = *base::parse_address("192.0.2.200");
  const Explanation other = Explainer(server.shared_generation()).explain(asker);
  EXPECT_EQ(other.rcode, dns::Rcode::refused);
  EXPECT_THAT(control::render_explanation(other), HasSubstr("in none of our zones: REFUSED"));
}

TEST_F(Explaining, APrivateSubnetIsNowhereAndTheResolverCounts) {
  const Explanation explained = explain("www", "10.1.2.0/24", dns::Rtype::A, "198.19.1.1");
  EXPECT_TRUE(explained.steered->special_subnet);
  EXPECT_THAT(sites(explained), ElementsAre("gru"));
  EXPECT_THAT(control::render_explanation(explained), HasSubstr("the client subnet 10.1.2.0/24 is nowhere"));
}

TEST_F(Explaining, ShowsTheChainsOfServicesInside) {
  server.set("192.0.2.61", health::Verdict::down);
  const std::string said = text("nested", "198.19.1.0/24");
  EXPECT_THAT(said, HasSubstr("start          service group · fra 192.0.2.63 · iad 192.0.2.64   policy"));
  EXPECT_THAT(said, HasSubstr("nearest        service group | iad | fra"));
  EXPECT_THAT(said, HasSubstr("group priority gru | sin "));
  EXPECT_THAT(said, HasSubstr("30,000 of 30,000: service group 30,000 x 1 carried inside"));
  EXPECT_THAT(sites(explain("nested", "198.19.1.0/24")), ElementsAre("sin"));
}

TEST_F(Explaining, ShowsWhoGoesToTheCanary) {
  EXPECT_THAT(text("tried", "198.18.1.0/24"), HasSubstr("canary         sin 10 %"));
  EXPECT_THAT(text("tried", "198.19.1.0/24"), HasSubstr("canary         sin 100 %"));
  EXPECT_THAT(text("tried", "198.18.1.0/24"), HasSubstr("canary nearest sin"));
}

TEST_F(Explaining, ShowsWhoIsKeptAndWhoIsHeldBack) {
  server.set("192.0.2.68", health::Verdict::down);
  server.set("192.0.2.69", health::Verdict::down);
  EXPECT_THAT(text("kept", "198.18.1.0/24"), HasSubstr("keep     iad"));
  EXPECT_THAT(text("kept", "198.18.1.0/24"), HasSubstr("down, but stays in the draws of its tier"));
  server.set("192.0.2.68", health::Verdict::up);
  EXPECT_THAT(text("kept", "198.18.1.0/24"), HasSubstr("failback - fra, iad"));
  EXPECT_THAT(text("kept", "198.18.1.0/24"), HasSubstr("fra 40,000 x 1 health x 1 slowstart x 0 failback"));
  EXPECT_EQ(explain("kept", "198.18.1.0/24").steered->candidates[2].first, 1);
}

TEST_F(Explaining, ProportionsAreThoseOfTheSlots) {
  const Explanation explained = explain("far", "198.18.1.0/24");
  const auto& all = explained.steered->candidates;
  EXPECT_NEAR(all[0].first, 40.0 / 130, 0.001);
  EXPECT_NEAR(all[1].first, 60.0 / 130, 0.001);
  double any = 0;
  for (const Candidate& one : all) any += one.any;
  EXPECT_NEAR(any, 2, 1e-9) << "take: 2";
}

}  // namespace
}  // namespace gslb::engine
