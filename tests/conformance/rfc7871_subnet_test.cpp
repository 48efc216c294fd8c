// RFC 7871: client subnet, as DESIGN section 6 narrows it. Steering by place, family and health through the whole
// server.
#include "tests/conformance/zone_fixture.hpp"

namespace gslb::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr const char* german = "85.214.132.0/24";
constexpr const char* american = "12.0.0.0/24";

Reply ask(const std::string& name, const std::string& subnet, const std::string& client = "192.0.2.1",
          unsigned type = type_a) {
  Ask question;
  question.name = name;
  question.type = type;
  question.subnet = subnet;
  question.client = client;
  return sample_server().ask(question);
}

TEST(Rfc7871Section7_2_1, TheSubnetDecidesAndTheScopeSaysHowMuchOfIt) {
  const Reply german_reply = ask("www.example.org.", german);
  EXPECT_THAT(german_reply.answer(), ElementsAre("www.example.org. 30 A 192.0.2.10"));
  EXPECT_EQ(german_reply.subnet().substr(0, 5), "1/24/");
  EXPECT_THAT(ask("www.example.org.", american).answer(), ElementsAre("www.example.org. 30 A 192.0.2.20"));
}

TEST(Rfc7871Section7_2_1, NoOptionInTheQueryMeansNoneInTheReply) {
  EXPECT_EQ(sample_server().ask("www.example.org.", type_a).subnet(), "");
}

TEST(Rfc7871Section7_2_1, WithoutASubnetTheResolverIsTheClient) {
  Ask question;
  question.name = "www.example.org.";
  question.client = "85.214.132.7";
  EXPECT_THAT(sample_server().ask(question).answer(), ElementsAre("www.example.org. 30 A 192.0.2.10"));
  question.client = "12.0.0.7";
  EXPECT_THAT(sample_server().ask(question).answer(), ElementsAre("www.example.org. 30 A 192.0.2.20"));
}

TEST(Rfc7871Section7_2_1, StaticDataAndNegativeAnswersHaveScopeZero) {
  EXPECT_EQ(ask("mail.example.org.", german).subnet(), "1/24/0");
  EXPECT_EQ(ask("nothing.example.org.", german).subnet(), "1/24/0");
  EXPECT_EQ(ask("www.example.org.", german, "192.0.2.1", type_aaaa).subnet(), "1/24/0");
  EXPECT_EQ(ask("host.child.example.org.", german).subnet(), "1/24/0");
}

TEST(Rfc7871Section7_1_2, SourceZeroMeansTheResolverAndScopeZero) {
  EXPECT_EQ(ask("www.example.org.", "0.0.0.0/0", "85.214.132.7").subnet(), "1/0/0");
  EXPECT_THAT(ask("www.example.org.", "0.0.0.0/0", "85.214.132.7").answer(),
              ElementsAre("www.example.org. 30 A 192.0.2.10"));
}

TEST(Rfc7871Section11_2, APrivateSubnetMeansTheResolverAndTheScopeIsItsBlock) {
  const Reply reply = ask("www.example.org.", "10.99.1.0/24", "85.214.132.7");
  EXPECT_THAT(reply.answer(), ElementsAre("www.example.org. 30 A 192.0.2.10"));
  EXPECT_EQ(reply.subnet().substr(0, 5), "1/24/");
  EXPECT_LE(std::stoi(reply.subnet().substr(5)), 24);
  EXPECT_GE(std::stoi(reply.subnet().substr(5)), 8);
}

TEST(Rfc7871Section11_2, APrivateSubnetThatTheOperatorPlacedIsAPlace) {
  EXPECT_THAT(ask("www.example.org.", "10.20.5.0/24", "12.0.0.7").answer(),
              ElementsAre("www.example.org. 30 A 192.0.2.10"));
}

TEST(Rfc7871Section7_2_1, ScopeNeverExceedsSource) {
  for (const int source : {1, 8, 15, 16, 20, 24}) {
    const auto prefix = base::make_prefix(*base::parse_address("85.214.132.0"), static_cast<unsigned>(source));
    for (const char* name : {"www.example.org.", "half.example.org."}) {
      const std::string subnet = ask(name, base::to_string(prefix)).subnet();
      EXPECT_LE(std::stoi(subnet.substr(subnet.rfind('/') + 1)), source) << name << " " << subnet;
    }
  }
}

// With scope 0 a resolver could tell everybody that nobody is served.
TEST(Rfc7871Section7_2_1, ARefusalByAFenceIsForThoseOutsideItAlone) {
  const Reply outside = ask("europe.example.org.", "12.1.2.0/24");
  EXPECT_EQ(outside.rcode(), 2U);
  EXPECT_NE(outside.subnet(), "1/24/0");
  EXPECT_EQ(ask("europe.example.org.", german).rcode(), 0U);
}

// DESIGN section 6: where a hash decides, the scope is at least hash_prefix; where nothing looks at the client it is 0.
TEST(Rfc7871Section7_2_1, WhereAHashDecidesTheScopeIsItsPrefix) {
  EXPECT_EQ(ask("half.example.org.", german).subnet(), "1/24/24");
  EXPECT_EQ(ask("half.example.org.", "85.214.0.0/16").subnet(), "1/16/16");
  EXPECT_EQ(ask("half.example.org.", "85.214.132.7/32").subnet(), "1/32/24");
  EXPECT_EQ(ask("whole.example.org.", german).subnet(), "1/24/0");
}

TEST(Rfc7871Section7_2_1, ClientsInsideOneScopeAreAnsweredAlike) {
  const auto first = ask("half.example.org.", "85.214.132.7/32").answer();
  for (int host = 0; host < 256; host += 5) {
    EXPECT_EQ(ask("half.example.org.", "85.214.132." + std::to_string(host) + "/32").answer(), first);
  }
}

TEST(Rfc7871Section7_2_1, AAndAaaaShareOneDraw) {
  for (int network = 0; network < 64; ++network) {
    const std::string subnet = "85.214." + std::to_string(network) + ".0/24";
    const auto v4 = ask("half.example.org.", subnet).answer().at(0);
    const auto v6 = ask("half.example.org.", subnet, "192.0.2.1", type_aaaa).answer().at(0);
    EXPECT_EQ(v4.substr(v4.size() - 2), v6.substr(v6.size() - 2)) << subnet;
  }
}

// One scope cannot speak for two names.
TEST(Rfc7871Section7_2_1, WithASubnetAChainEndsBeforeASteeredName) {
  EXPECT_THAT(ask("alias.example.org.", german).answer(), ElementsAre("alias.example.org. 300 CNAME www.example.org."));
  EXPECT_THAT(sample_server().ask("alias.example.org.", type_a).answer(), SizeIs(2));
}

TEST(Rfc7871Section7_1_2, AMalformedSubnetIsFormerr) {
  Ask question;
  question.name = "www.example.org.";
  question.subnet = german;
  const auto good = query_wire(question);
  const auto broken = [&](std::size_t from_end, std::uint8_t value) {
    auto wire = good;
    wire[wire.size() - from_end] = value;
    return sample_server().ask_wire(wire).rcode();
  };
  EXPECT_EQ(broken(6, 3), 1U) << "family 3";
  EXPECT_EQ(broken(5, 33), 1U) << "source 33";
  EXPECT_EQ(broken(5, 16), 1U) << "more octets than source";
  EXPECT_EQ(broken(5, 23), 0U) << "source 23: 132 has no bit after it";
  EXPECT_EQ(broken(5, 20), 1U) << "bits after source";
  EXPECT_EQ(broken(4, 24), 1U) << "scope in a query";
}

class Health : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* address : {"192.0.2.10", "192.0.2.20", "192.0.2.30"})
      sample_server().set(address, health::Verdict::up);
  }
};

TEST_F(Health, ADownSiteIsNotAnswered) {
  sample_server().set("192.0.2.10", health::Verdict::down);
  EXPECT_THAT(ask("www.example.org.", german).answer(), ElementsAre("www.example.org. 30 A 192.0.2.20"));
}

TEST_F(Health, WithAllSitesDownEachClientGetsItsNormalSite) {
  sample_server().set("192.0.2.10", health::Verdict::down);
  sample_server().set("192.0.2.20", health::Verdict::down);
  EXPECT_THAT(ask("www.example.org.", german).answer(), ElementsAre("www.example.org. 30 A 192.0.2.10"));
  EXPECT_THAT(ask("www.example.org.", american).answer(), ElementsAre("www.example.org. 30 A 192.0.2.20"));
}

TEST_F(Health, AllDownNoneAnswersTheFallback) {
  sample_server().set("192.0.2.30", health::Verdict::down);
  EXPECT_THAT(ask("failing.example.org.", german).answer(), ElementsAre("failing.example.org. 30 A 198.51.100.9"));
}

TEST_F(Health, AStrictFenceHoldsWhateverFails) {
  EXPECT_THAT(ask("europe.example.org.", german).answer(), ElementsAre("europe.example.org. 30 A 192.0.2.10"));
  const Reply outside = ask("europe.example.org.", american);
  EXPECT_EQ(outside.rcode(), 2U);
  EXPECT_TRUE(outside.extended_error().has_value());
  sample_server().set("192.0.2.10", health::Verdict::down);
  EXPECT_EQ(ask("europe.example.org.", american).rcode(), 2U);
}

}  // namespace
}  // namespace gslb::test
