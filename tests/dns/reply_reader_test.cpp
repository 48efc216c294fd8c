#include "dns/reply_reader.hpp"

#include <gmock/gmock.h>
#include <ldns/ldns.h>
#undef bool
#undef true
#undef false

#include "base/file.hpp"
#include "dns/query.hpp"

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

// RFC 7871 section 6.
TEST(Query, MayCarryAClientSubnetWhichOurOwnServerReads) {
  for (const char* network : {"192.0.2.128/25", "192.0.0.0/9", "2001:db8:1::/48", "0.0.0.0/0"}) {
    const base::Prefix subnet = base::parse_prefix(network).value();
    const Bytes wire = make_query(7, qname.wire(), Rtype::A, false, subnet);
    dns::Query query;
    ASSERT_EQ(parse_query(wire, query), ParseOutcome::ok) << network;
    EXPECT_FALSE(query.edns.dnssec_ok);
    EXPECT_TRUE(query.edns.subnet.present);
    EXPECT_EQ((base::Prefix{query.edns.subnet.address, query.edns.subnet.source}), subnet) << network;
  }
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

TEST(ReplyReader, RefusesOtherOpcodesCountsAndClasses) {
  const Bytes good = sample("dnskey");
  const std::size_t question_end = header_size + qname.wire().size() + 4;
  const auto with = [&](std::size_t at, std::uint8_t octet) {
    Bytes message = good;
    message[at] = octet;
    return read(message);
  };
  ASSERT_THAT(with(0, good[0])->answer, SizeIs(1));
  EXPECT_FALSE(with(2, good[2] | 4 << 3)) << "NOTIFY";
  EXPECT_EQ(with(5, 0).error().what, "a reply with 0 questions");
  EXPECT_EQ(with(5, 2).error().what, "a reply with 2 questions");
  EXPECT_FALSE(with(question_end - 1, 3)) << "a question of class CH";
  EXPECT_THAT(with(question_end + 5, 3)->answer, IsEmpty()) << "a record of class CH";
  EXPECT_FALSE(with(question_end, 0x40)) << "a label of another type";
}

// Work is bounded by the length of a name, whatever the message (CVE-2015-1868 and its kin).
TEST(ReplyReader, RefusesNamesThatAreTooLongOrOnlyPointers) {
  Bytes message = sample("dnskey");
  message.resize(header_size);
  for (int label = 0; label < 5; ++label) {
    message.push_back(63);
    message.resize(message.size() + 63, 'a');
  }
  message.resize(message.size() + 5);
  EXPECT_EQ(read(message).error().what, "a reply to another question");

  message = sample("dnskey");
  message[7] = 2;
  message.resize(header_size + qname.wire().size() + 4);
  const auto put = [&](std::initializer_list<std::size_t> octets) {
    for (const std::size_t octet : octets) message.push_back(static_cast<std::uint8_t>(octet));
  };
  constexpr std::size_t pointers = 200;
  put({0, 0, 16, 0, 1, 0, 0, 0, 0, 2 * pointers >> 8, 2 * pointers & 0xff});
  std::size_t target = header_size;
  for (std::size_t i = 0; i < pointers; ++i) {
    const std::size_t here = message.size();
    put({0xc0 | target >> 8, target & 0xff});
    target = here;
  }
  const std::size_t owner = message.size();
  put({0, 0, 48, 0, 1, 0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(read(message));
  message.erase(message.begin() + static_cast<std::ptrdiff_t>(owner));
  const std::uint8_t pointer[] = {static_cast<std::uint8_t>(0xc0 | target >> 8), static_cast<std::uint8_t>(target)};
  message.insert(message.begin() + static_cast<std::ptrdiff_t>(owner), std::begin(pointer), std::end(pointer));
  EXPECT_EQ(read(message).error().what, "a malformed reply");
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
