#include "dns/reply_reader.hpp"

#include <gmock/gmock.h>
#include <ldns/ldns.h>
#undef bool
#undef true
#undef false

#include "base/file.hpp"

namespace gslb::dns {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Bytes = std::vector<std::uint8_t>;

const Name qname = Name::parse("example.org.").value();

/// A reply that dnspython wrote.
Bytes sample(const std::string& name) {
  const std::string text = base::read_file("tests/fuzz/corpus/read_reply/" + name).value();
  return {text.begin(), text.end()};
}

base::Result<Reply> read(const Bytes& message) { return read_reply(message, 0x1234, qname.wire(), Rtype::DNSKEY); }

TEST(Query, IsOneThatLdnsReads) {
  const Bytes wire = make_query(0x4321, qname.wire(), Rtype::DS);
  ldns_pkt* packet = nullptr;
  ASSERT_EQ(ldns_wire2pkt(&packet, wire.data(), wire.size()), LDNS_STATUS_OK);
  EXPECT_EQ(ldns_pkt_id(packet), 0x4321);
  EXPECT_EQ(ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_question(packet), 0)), LDNS_RR_TYPE_DS);
  EXPECT_TRUE(ldns_pkt_edns_do(packet));
  EXPECT_FALSE(ldns_pkt_rd(packet));
  EXPECT_EQ(ldns_pkt_edns_udp_size(packet), 1232);
  ldns_pkt_free(packet);
}

TEST(ReplyReader, GivesTheRecordsOfTheName) {
  const auto reply = read(sample("two"));
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_TRUE(reply->authoritative);
  ASSERT_THAT(reply->answer, SizeIs(2));
  EXPECT_EQ(reply->answer[0].type, static_cast<std::uint16_t>(Rtype::DNSKEY));
  EXPECT_EQ(reply->answer[0].ttl, 3600U);
  EXPECT_EQ(reply->answer[0].rdata.size(), 68U);
  EXPECT_EQ(reply->answer[1].type, static_cast<std::uint16_t>(Rtype::RRSIG));
}

TEST(ReplyReader, LeavesOutRecordsOfOtherNames) { EXPECT_THAT(read(sample("other"))->answer, IsEmpty()); }

TEST(ReplyReader, TellsNoDataFromTruncationAndErrors) {
  EXPECT_THAT(read(sample("empty"))->answer, IsEmpty());
  EXPECT_TRUE(read(sample("tc"))->truncated);
  EXPECT_EQ(read(sample("nx"))->rcode, Rcode::nxdomain);
}

TEST(ReplyReader, RefusesRepliesToOtherQuestions) {
  Bytes message = sample("dnskey");
  EXPECT_FALSE(read_reply(message, 1, qname.wire(), Rtype::DNSKEY)) << "another id";
  EXPECT_FALSE(read_reply(message, 0x1234, qname.wire(), Rtype::DS)) << "another type";
  EXPECT_FALSE(read_reply(message, 0x1234, Name::parse("example.net.").value().wire(), Rtype::DNSKEY));
  message[2] &= 0x7f;
  EXPECT_FALSE(read(message)) << "a query";
}

TEST(ReplyReader, RefusesEveryTruncationOfAReply) {
  const Bytes message = sample("two");
  for (std::size_t size = 0; size < message.size() - 11; ++size) {  // 11: its OPT record
    EXPECT_FALSE(read({message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
  }
}

// RFC 1035 section 4.1.4: a pointer leads to an earlier place; others would never end.
TEST(ReplyReader, RefusesPointersThatDoNotLeadBack) {
  Bytes message = sample("dnskey");
  const std::size_t owner = header_size + qname.wire().size() + 4;
  ASSERT_EQ(message[owner], 0xc0);
  message[owner + 1] = static_cast<std::uint8_t>(owner);
  EXPECT_FALSE(read(message));
}

}  // namespace
}  // namespace gslb::dns
