// RFC 1034 section 4.3.2 and what has refined it: RFC 2181, 2308, 4592, 6604, 6672, 8020, 8482, 9471.
#include "tests/conformance/zone_fixture.hpp"

namespace gslb::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

Reply ask(const std::string& name, unsigned type) { return sample_server().ask(name, type); }

TEST(Rfc1034Section4_3_2, AnswersWithTheRrsetOfTheName) {
  const Reply reply = ask("mail.example.org.", type_a);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_TRUE(reply.authoritative());
  EXPECT_THAT(reply.answer(), ElementsAre("mail.example.org. 300 A 192.0.2.25"));
  EXPECT_THAT(reply.authority(), IsEmpty());
}

TEST(Rfc1034Section4_3_2, OutsideOurZonesIsRefused) {
  const Reply reply = ask("www.example.net.", type_a);
  EXPECT_EQ(reply.rcode(), 5U);
  EXPECT_FALSE(reply.authoritative());
  EXPECT_EQ(reply.extended_error(), 20U);
}

TEST(Rfc1034Section4_3_2, FollowsACnameInsideTheZone) {
  EXPECT_THAT(
      ask("second-alias.example.org.", type_a).answer(),
      ElementsAre("second-alias.example.org. 300 CNAME static-alias.example.org.",
                  "static-alias.example.org. 300 CNAME mail.example.org.", "mail.example.org. 300 A 192.0.2.25"));
}

TEST(Rfc1034Section4_3_2, ACnameQueryIsAnsweredWithTheCname) {
  EXPECT_THAT(ask("alias.example.org.", type_cname).answer(),
              ElementsAre("alias.example.org. 300 CNAME www.example.org."));
}

TEST(Rfc1034Section4_3_2, ACnameOutOfOurZonesEndsTheAnswer) {
  const Reply reply = ask("out.example.org.", type_a);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_THAT(reply.answer(), ElementsAre("out.example.org. 300 CNAME www.example.net."));
}

TEST(Rfc1034Section4_3_2, ACnameLoopEndsAfterABoundedNumberOfLinks) {
  const Reply reply = ask("loop1.example.org.", type_a);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_LE(reply.answer().size(), 8U);
}

TEST(Rfc1034Section4_2_1, AZoneCutIsAReferralWithGlue) {
  const Reply reply = ask("host.child.example.org.", type_a);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_FALSE(reply.authoritative());
  EXPECT_THAT(reply.answer(), IsEmpty());
  EXPECT_THAT(reply.authority(), UnorderedElementsAre("child.example.org. 300 NS ns.child.example.org.",
                                                      "child.example.org. 300 NS ns.elsewhere.example.net."));
  EXPECT_THAT(reply.additional(), ElementsAre("ns.child.example.org. 300 A 192.0.2.99"));
}

TEST(Rfc3658Section2_2_1_1, DsAtAZoneCutComesFromTheParent) {
  const Reply reply = ask("child.example.org.", type_ds);
  EXPECT_TRUE(reply.authoritative());
  EXPECT_THAT(reply.answer(), SizeIs(1));
}

// RFC 2308 sections 2.1, 2.2 and 3.
TEST(Rfc2308Section3, NxdomainCarriesTheSoaWithTheNegativeTtl) {
  const Reply reply = ask("nothing.example.org.", type_a);
  EXPECT_EQ(reply.rcode(), 3U);
  EXPECT_TRUE(reply.authoritative());
  EXPECT_THAT(reply.authority(), ElementsAre(negative_soa));
}

TEST(Rfc2308Section3, NodataCarriesTheSoaAndNoError) {
  const Reply reply = ask("mail.example.org.", type_aaaa);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_THAT(reply.answer(), IsEmpty());
  EXPECT_THAT(reply.authority(), ElementsAre(negative_soa));
}

// RFC 8020, RFC 4592 section 2.2.2.
TEST(Rfc4592Section2_2_2, AnEmptyNonTerminalExists) {
  EXPECT_EQ(ask("empty.below.example.org.", type_txt).rcode(), 0U);
}

TEST(Rfc4592Section2_2_1, AWildcardAnswersForWhatDoesNotExist) {
  EXPECT_THAT(ask("x.y.wild.example.org.", type_a).answer(), ElementsAre("x.y.wild.example.org. 300 A 192.0.2.77"));
}

TEST(Rfc4592Section2_2_1, AnExistingNameIsNotCoveredByTheWildcard) {
  EXPECT_THAT(ask("known.wild.example.org.", type_txt).answer(), IsEmpty());
  EXPECT_EQ(ask("below.known.wild.example.org.", type_a).rcode(), 3U);
}

TEST(Rfc4592Section2_2_1, AWildcardWithoutTheTypeIsNodata) {
  const Reply reply = ask("x.wild.example.org.", type_mx);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_THAT(reply.authority(), ElementsAre(negative_soa));
}

TEST(Rfc4592Section3_2, AWildcardCnameIsFollowed) {
  EXPECT_THAT(
      ask("x.alias-wild.example.org.", type_a).answer(),
      ElementsAre("x.alias-wild.example.org. 300 CNAME mail.example.org.", "mail.example.org. 300 A 192.0.2.25"));
}

TEST(Rfc6672Section3_1, ADnameComesWithASynthesizedCname) {
  EXPECT_THAT(
      ask("host.moved.example.org.", type_a).answer(),
      ElementsAre("moved.example.org. 300 DNAME new.example.org.",
                  "host.moved.example.org. 300 CNAME host.new.example.org.", "host.new.example.org. 300 A 192.0.2.79"));
}

TEST(Rfc6672Section2_2, ATooLongSubstitutionIsYxdomain) {
  const std::string label(60, 'a');
  // 4 × 61 + "moved.example.org" fits in 255; with "new.example.org" it would still fit: one more label does not.
  std::string prefix;
  for (int i = 0; i < 3; ++i) prefix += label + ".";
  const Reply fits = ask(prefix + "moved.example.org.", type_a);
  EXPECT_NE(fits.rcode(), 6U);
}

TEST(Rfc6604Section2_1, TheRcodeIsThatOfTheLastLink) { EXPECT_EQ(ask("gone.moved.example.org.", type_a).rcode(), 3U); }

TEST(Rfc8482Section4_1, AnyGivesOneRrset) {
  EXPECT_THAT(ask("example.org.", type_any).answer(), testing::Not(IsEmpty()));
  const auto types = ask("ns2.example.org.", type_any).answer();
  EXPECT_THAT(types, SizeIs(1));
}

TEST(Rfc1035Section3_3, MxAndNsBringTheirAddressesAlong) {
  EXPECT_THAT(ask("example.org.", type_mx).additional(), ElementsAre("mail.example.org. 300 A 192.0.2.25"));
  EXPECT_THAT(ask("example.org.", type_ns).additional(),
              UnorderedElementsAre("ns1.example.org. 300 A 192.0.2.53", "ns2.example.org. 300 A 192.0.2.54",
                                   "ns2.example.org. 300 AAAA 2001:db8::54"));
}

TEST(Rfc1034Section4_3_2, AStaticTypeLivesBesideAService) {
  EXPECT_THAT(ask("www.example.org.", type_txt).answer(), ElementsAre("www.example.org. 300 TXT \"beside a service\""));
}

TEST(Rfc1034Section4_3_2, AServiceWithoutAnAddressOfTheFamilyIsNodata) {
  const Reply reply = ask("www.example.org.", type_aaaa);
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_THAT(reply.authority(), ElementsAre(negative_soa));
}

// RFC 4343: the case of the question is kept, and does not matter.
TEST(Rfc4343Section4, TheCaseOfTheQuestionComesBack) {
  const Reply reply = ask("MaIl.ExAmPlE.oRg.", type_a);
  ASSERT_THAT(reply.answer(), SizeIs(1));
  EXPECT_EQ(reply.question().substr(0, 17), "MaIl.ExAmPlE.oRg.");
  EXPECT_EQ(reply.answer()[0].substr(0, 17), "MaIl.ExAmPlE.oRg.");
}

// RFC 2181 section 9.
TEST(Rfc2181Section9, WhatDoesNotFitIsLeftOutWhole) {
  Ask question;
  question.name = "big.example.org.";
  question.type = type_txt;
  question.payload = 512;
  const Reply reply = sample_server().ask(question);
  EXPECT_TRUE(reply.truncated());
  EXPECT_THAT(reply.answer(), IsEmpty());
  EXPECT_LE(reply.size(), 512U);
  question.transport = engine::Transport::stream;
  const Reply whole = sample_server().ask(question);
  EXPECT_FALSE(whole.truncated());
  EXPECT_THAT(whole.answer(), SizeIs(6));
}

}  // namespace
}  // namespace gslb::test
