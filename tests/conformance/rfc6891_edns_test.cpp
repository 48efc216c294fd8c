// RFC 6891, and the table of replies that need no look-up.
#include "tests/conformance/zone_fixture.hpp"

namespace gslb::test {
namespace {

using testing::SizeIs;

Ask question(const std::string& name, unsigned type) {
  Ask out;
  out.name = name;
  out.type = type;
  return out;
}

TEST(Rfc6891Section6_1_1, NoOptInTheQueryMeansNoneInTheReply) {
  Ask plain = question("mail.example.org.", type_a);
  plain.edns = false;
  EXPECT_FALSE(sample_server().ask(plain).has_edns());
  EXPECT_TRUE(sample_server().ask("mail.example.org.", type_a).has_edns());
}

TEST(Rfc6891Section6_2_3, APayloadSizeUnder512Counts512) {
  Ask small = question("mail.example.org.", type_a);
  small.payload = 12;
  EXPECT_THAT(sample_server().ask(small).answer(), SizeIs(1));
}

TEST(Rfc6891Section6_2_5, NoReplyOverUdpIsLargerThan1232) {
  Ask large = question("big.example.org.", type_txt);
  large.payload = 65535;
  EXPECT_LE(sample_server().ask(large).size(), 1232U);
}

TEST(Rfc6891Section6_1_3, AnUnknownVersionIsBadvers) {
  auto wire = query_wire(question("mail.example.org.", type_a));
  wire[wire.size() - 5] = 1;
  EXPECT_EQ(sample_server().ask_wire(wire).rcode(), 16U);
}

TEST(Rfc6891Section6_1_1, ASecondOptIsFormerr) {
  auto wire = query_wire(question("mail.example.org.", type_a));
  const std::vector<std::uint8_t> opt(wire.end() - 11, wire.end());
  wire.insert(wire.end(), opt.begin(), opt.end());
  wire[11] = 2;
  EXPECT_EQ(sample_server().ask_wire(wire).rcode(), 1U);
}

TEST(Replies, AResponseIsNotAnswered) {
  auto wire = query_wire(question("mail.example.org.", type_a));
  wire[2] |= 0x80;
  EXPECT_FALSE(sample_server().ask_wire(wire).sent());
}

TEST(Replies, AHeaderCutShortIsNotAnswered) { EXPECT_FALSE(sample_server().ask_wire({0x12, 0x34, 0, 0, 0, 1}).sent()); }

// RFC 4035 section 3.1.6.
TEST(Replies, AuthoritativeRepliesClearCdAndAdAndKeepRd) {
  auto wire = query_wire(question("mail.example.org.", type_a));
  wire[2] = 0x01;
  wire[3] = 0x30;
  const auto reply = sample_server().ask_wire(wire).octets();
  EXPECT_EQ(reply[2], 0x85);
  EXPECT_EQ(reply[3], 0x00);
}

TEST(Replies, OpcodesOtherThanQueryAreNotImplementedAndKeepTheOpt) {
  for (const unsigned opcode : {1U, 2U, 4U, 5U, 6U, 15U}) {
    auto wire = query_wire(question("mail.example.org.", type_a));
    wire[2] = static_cast<std::uint8_t>(opcode << 3);
    const Reply reply = sample_server().ask_wire(wire);
    EXPECT_EQ(reply.rcode(), 4U) << opcode;
    EXPECT_TRUE(reply.has_edns()) << opcode;
  }
}

TEST(Replies, TransfersAndMetaTypesAreRefusedWithAReason) {
  for (const unsigned type : {type_axfr, type_ixfr, type_maila, type_mailb, type_tkey}) {
    const Reply reply = sample_server().ask("example.org.", type);
    EXPECT_EQ(reply.rcode(), 5U) << type;
    EXPECT_EQ(reply.extended_error(), 21U) << type;
  }
}

TEST(Replies, ClassesOtherThanInAreRefused) {
  for (const unsigned qclass : {2U, 3U, 4U, 254U, 255U}) {
    Ask chaos = question("mail.example.org.", type_a);
    chaos.qclass = qclass;
    EXPECT_EQ(sample_server().ask(chaos).rcode(), 5U) << qclass;
  }
}

TEST(Replies, AQuestionlessQueryIsFormerr) {
  EXPECT_EQ(sample_server().ask_wire({0x12, 0x34, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}).rcode(), 1U);
}

TEST(Replies, TwoQuestionsAreFormerr) {
  auto wire = query_wire(question("mail.example.org.", type_a));
  wire[5] = 2;
  EXPECT_EQ(sample_server().ask_wire(wire).rcode(), 1U);
}

TEST(Replies, OctetsAfterTheMessageAreFormerr) {
  auto wire = query_wire(question("mail.example.org.", type_a));
  wire.push_back(0);
  EXPECT_EQ(sample_server().ask_wire(wire).rcode(), 1U);
}

// RFC 8945 section 5.2: a server without keys says NOTAUTH.
TEST(Rfc8945Section5_2, ASignedQueryIsNotauth) {
  Ask plain = question("mail.example.org.", type_a);
  plain.edns = false;
  auto wire = query_wire(plain);
  const std::vector<std::uint8_t> tsig{0, 0, 250, 0, 255, 0, 0, 0,    0,    0, 16, 0, 0, 0,
                                       0, 0, 0,   0, 0,   0, 0, 0x12, 0x34, 0, 0,  0, 0};
  wire.insert(wire.end(), tsig.begin(), tsig.end());
  wire[11] = 1;
  EXPECT_EQ(sample_server().ask_wire(wire).rcode(), 9U);
}

TEST(Replies, EveryTruncationOfAQueryIsAnsweredOrDroppedButNeverMore) {
  Ask full = question("www.example.org.", type_a);
  full.subnet = "198.51.100.0/24";
  const auto wire = query_wire(full);
  for (std::size_t size = 0; size < wire.size(); ++size) {
    const Reply reply = sample_server().ask_wire({wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(size)});
    if (!reply.sent()) continue;
    EXPECT_EQ(reply.rcode(), 1U) << size;
  }
}

}  // namespace
}  // namespace gslb::test
