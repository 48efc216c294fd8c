// The kinds of packet that have hurt other name servers, replayed against the whole path from octets to reply. The CVE
// numbers say where each kind was met first; none of them can hurt twice.
//
// Every class, and where it is replayed (test suites; here, or in the file named):
//
//   responses sent as queries, loops            ReplyLoops; dns/hostile_packets_test.cpp ResponseSentAsAQuery
//   compression loops                           CompressionLoops; fuzz targets parse_query, name
//   very many records, counts that lie          ManyRecords; engine/cost_test.cpp bounds them in instructions
//   names too long, of dots, of the root only   Names; cve_classes_data_test.cpp SignedNames, Case; dns/name_test.cpp
//   special types and classes                   Numbers; cve_classes_data_test.cpp SignedNumbers
//   answers at the edge of their size           SizeEdge; cve_classes_data_test.cpp SignedSizeEdge
//   TSIG, TKEY, SIG(0)                          Signatures (not supported: nothing is verified)
//   EDNS options, OPT in wrong places           Options; cve_classes_data_test.cpp Cookies; fuzz target edns_options
//   chains of CNAME and DNAME                   Chains; cve_classes_data_test.cpp SignedChains
//   cost of DNSSEC, random subdomains           rfc4035_proofs_test.cpp AFloodOfRandomNamesCostsNoSignature;
//                                               engine/allocation_test.cpp; engine/cost_test.cpp (no NSEC3, no
//                                               validation)
//   newer record data                           cve_classes_data_test.cpp RecordsInQueries, RecordData;
//   dns/rdata_test.cpp TCP and TLS                                 server/worker_test.cpp Stream; system/dot_test.py,
//   hostile_test.py,
//                                               transport_test.py; fuzz targets framing, tls_records (no DoH)
//   control channel                             net/http_server_test.cpp, http_parser_test.cpp; fuzz target
//   http_request;
//                                               control/json_test.cpp (JSON is read without recursion beyond depth 32)
//   text of zones and configurations            config/yaml_test.cpp DepthIsLimited, SizeIsLimited;
//   config/mutation_test.cpp;
//                                               zones/master_file_test.cpp; fuzz targets master_file, config_yaml,
//                                               key_file
//   names written back unescaped                control/json_test.cpp StaysValidWhateverOctetsItIsGiven;
//   base/log_test.cpp;
//                                               control/table_test.cpp; dns/name_test.cpp PrintsWhatItCanReadBack
//   addresses behind PROXY and ECS              cve_classes_data_test.cpp Addresses; net/proxy_header_test.cpp;
//                                               system/dot_test.py Proxied
//   leaks on malformed data                     every test and fuzz target runs under ASan with leak detection in CI
//   transfers                                   cve_classes_data_test.cpp Transfers (not supported)
//   links in the way of local files             base/file_test.cpp DoesNotWriteThroughALinkPutInItsWay (no pid file)
#include <algorithm>

#include "tests/conformance/zone_fixture.hpp"
#include "tests/dns/query_builder.hpp"

namespace gslb::test {
namespace {

using dns::append_u16;
using dns::Bytes;
using dns::operator+=;
using dns::option;
using dns::QueryBuilder;
using dns::Rtype;
using dns::wire_name;
using testing::AnyOf;
using testing::IsEmpty;
using testing::SizeIs;

constexpr unsigned formerr = 1, yxdomain = 6;

/// A zone of what grows, loops and does not fit.
TestServer& server() {
  static TestServer instance = [] {
    std::string yaml = R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo: { location: [] }
zones:
  example.org:
    soa: { mname: ns1.example.org., rname: hostmaster.example.org., serial: 7 }
    ns: [ns1.example.org.]
    records:
      ns1: { A: [192.0.2.53] }
      mail: { A: [192.0.2.25] }
      loop1: { CNAME: loop2 }
      loop2: { CNAME: loop1 }
      self: { CNAME: self }
      turn1: { DNAME: turn2 }
      turn2: { DNAME: turn1 }
      grow: { DNAME: grow.grow }
      long: { DNAME: "a-label-of-thirty-two-octets-xxx.b-label-of-thirty-two-octets-xxx.new" }
      "*.wild": { CNAME: again.wild }
)";
    yaml += "      sixty: { A: [";
    for (int i = 1; i <= 60; ++i) yaml += (i > 1 ? ", 198.51.100." : "198.51.100.") + std::to_string(i);
    return TestServer(yaml + "] }\n");
  }();
  return instance;
}

/// Asks over both transports; whatever comes is a reply to this message that ldns reads, within its limit.
/// @return what came over UDP
Reply ask(const Bytes& wire) {
  for (const auto transport : {engine::Transport::stream, engine::Transport::datagram}) {
    const Reply reply = server().ask_wire(wire, "192.0.2.1", transport);
    if (reply.sent()) {
      EXPECT_EQ(reply.octets()[2] & 0x80, 0x80) << "it is a response, so that nobody answers it in turn";
      EXPECT_TRUE(std::equal(wire.begin(), wire.begin() + 2, reply.octets().begin()));
    }
    if (transport == engine::Transport::datagram) {
      EXPECT_LE(reply.size(), dns::udp_payload_limit);
      return Reply(reply.octets());
    }
    if (reply.sent()) {
      EXPECT_FALSE(reply.truncated());
    }
  }
  return Reply({});
}

Bytes query(std::string_view name, Rtype type = Rtype::A) {
  return QueryBuilder().question(wire_name(name), type).bytes();
}

// gdnsd 1.0.2, CVE-2012-0206.
TEST(ReplyLoops, WhatWeSayIsNeverAnsweredByOurLikes) {
  for (const auto& wire : {query("mail.example.org"), query("nothing.example.org"), query("example.net"),
                           Bytes{1, 2, 1, 0, 0, 9, 0, 0, 0, 0, 0, 0}}) {
    const Reply reply = ask(wire);
    ASSERT_TRUE(reply.sent());
    EXPECT_FALSE(ask(reply.octets()).sent());
  }
}

TEST(ReplyLoops, SourcePortZeroGetsNothing) {
  Bytes reply(512);
  const Bytes wire = query("mail.example.org");
  EXPECT_EQ(server().handler().handle({*base::parse_address("192.0.2.1"), 0}, wire, reply, engine::Transport::datagram),
            0U);
}

TEST(ReplyLoops, ServicesThatAnswerAnythingGetNoErrors) {
  Bytes reply(512);
  Bytes chargen(74);
  for (std::size_t i = 0; i < chargen.size(); ++i) chargen[i] = static_cast<std::uint8_t>('!' + i);
  const auto to = [&](std::uint16_t port, const Bytes& wire) {
    return server().handler().handle({*base::parse_address("203.0.113.1"), port}, wire, reply,
                                     engine::Transport::datagram);
  };
  for (const std::uint16_t port : {7, 13, 17, 19, 37}) {
    EXPECT_EQ(to(port, chargen), 0U) << port;
    EXPECT_EQ(to(port, Bytes(20)), 0U) << port;
    EXPECT_NE(to(port, query("mail.example.org")), 0U) << "a query is a query";
  }
  EXPECT_NE(to(53, chargen), 0U);
}

// CVE-2015-1868, CVE-2015-5470.
TEST(CompressionLoops, APointerInTheQuestionIsFormerr) {
  for (const Bytes& name : {Bytes{0xc0, 12}, Bytes{0xc0, 14}, Bytes{0xc0, 0}, Bytes{1, 'a', 0xc0, 12},
                            Bytes{1, 'a', 0xc0, 14}, Bytes{0xff, 0xff}, Bytes{0x40, 0}, Bytes{0x80, 0}}) {
    EXPECT_EQ(ask(QueryBuilder().question(name).bytes()).rcode(), formerr);
  }
}

TEST(CompressionLoops, PointersInRecordsAreNotFollowed) {
  for (unsigned at = 0; at < 64; ++at) {
    auto wire = dns::ask("mail.example.org")
                    .add(dns::record({0xc0, static_cast<std::uint8_t>(at)}, Rtype::CNAME, 1,
                                     {0xc0, static_cast<std::uint8_t>(at)}));
    EXPECT_THAT(ask(wire.bytes()).answer(), SizeIs(1)) << at;
  }
}

// CVE-2016-7068, CVE-2023-4408, CVE-2026-75029.
TEST(ManyRecords, AFullMessageOfRecordsIsOneQuery) {
  for (const Rtype type : {Rtype::A, Rtype::SOA, Rtype::CNAME, Rtype::DNAME, Rtype::SVCB, static_cast<Rtype>(42)}) {
    QueryBuilder many = dns::ask("mail.example.org");
    while (many.body.size() < 65400) {
      ++many.answers;
      many.body += dns::record({0xc0, 12}, type, 1, {});
    }
    EXPECT_THAT(ask(many.bytes()).answer(), SizeIs(1));
  }
}

TEST(ManyRecords, CountsThatLieAreFormerr) {
  for (unsigned section = 0; section < 4; ++section) {
    QueryBuilder lie = dns::ask("mail.example.org");
    unsigned* counts[] = {&lie.questions, &lie.answers, &lie.authority, &lie.additional};
    *counts[section] = 65535;
    EXPECT_EQ(ask(lie.bytes()).rcode(), formerr) << section;
  }
}

// CVE-2016-5426, CVE-2016-5427; crashes of Knot DNS and NSD on names that only end.
TEST(Names, UpTo255OctetsAreAnsweredAndNoMore) {
  const Bytes zone = wire_name("example.org");
  for (std::size_t size = 200; size <= 300; ++size) {
    Bytes name;
    for (std::size_t left = size - zone.size(); left > 0;) {
      std::size_t label = std::min<std::size_t>(left - 1, 63);
      if (left - label - 1 == 1) --label;
      name.push_back(static_cast<std::uint8_t>(label));
      name += Bytes(label, '.');
      left -= label + 1;
    }
    EXPECT_EQ(ask(QueryBuilder().question(name += zone).bytes()).rcode(), size <= 255 ? 3U : formerr) << size;
  }
}

TEST(Names, ANameOfManyLabelsIsAnswered) {
  std::string name;
  for (int i = 0; i < 121; ++i) name += "a.";
  EXPECT_EQ(ask(query(name + "example.org")).rcode(), 3U);
  EXPECT_EQ(ask(query(name.substr(6) + "wild.example.org")).rcode(), 0U);
}

TEST(Names, TheRootAndNamesOfZeroOctetsAreOnlyNames) {
  for (const Bytes& name : {Bytes{0}, Bytes{1, 0, 0}, Bytes{3, 0, 0, 0, 0}, Bytes{1, '.', 0}, Bytes{1, '\\', 0}})
    for (const Rtype type : {Rtype::A, Rtype::NS, Rtype::ANY})
      EXPECT_EQ(ask(QueryBuilder().question(name, type).bytes()).rcode(), 5U);
}

// CVE-2021-36754, CVE-2015-5477, CVE-2012-2978, CVE-2012-2979, CVE-2015-5311.
TEST(Numbers, EveryTypeIsAnswered) {
  for (const char* name : {"mail.example.org", "loop1.example.org", "x.long.example.org", "nothing.example.org"}) {
    for (unsigned type = 0; type < 65536; type += type < 1024 ? 1 : 251) {
      const Bytes wire = QueryBuilder().question(wire_name(name), static_cast<Rtype>(type)).add(dns::opt({})).bytes();
      EXPECT_THAT(ask(wire).rcode(), AnyOf(0U, 3U, 5U)) << type;
    }
  }
}

// CVE-2015-8000, CVE-2026-5946.
TEST(Numbers, EveryClassButInIsRefused) {
  for (unsigned number = 0; number < 65536; number += number < 512 ? 1 : 127) {
    if (number == 1) continue;
    const Bytes wire = QueryBuilder().question(wire_name("mail.example.org"), Rtype::A, number).bytes();
    EXPECT_EQ(ask(wire).rcode(), 5U) << number;
  }
}

// CVE-2016-2776.
TEST(SizeEdge, EveryPayloadSizeGetsTheWholeAnswerOrTcAndNeverMoreThanItAllows) {
  const std::size_t whole =
      server().ask_wire(query("sixty.example.org"), "192.0.2.1", engine::Transport::stream).size();
  for (unsigned payload = 0; payload <= 1300; ++payload) {
    for (const bool subnet : {false, true}) {
      Bytes options;
      if (subnet) options = option(dns::option_client_subnet, dns::subnet_data(1, 24, 0, {198, 51, 100}));
      const Reply reply = ask(dns::ask("sixty.example.org").add(dns::opt(options, payload)).bytes());
      const std::size_t limit = std::clamp<std::size_t>(payload, 512, 1232);
      EXPECT_LE(reply.size(), limit);
      EXPECT_EQ(reply.answer().size(), reply.truncated() ? 0U : 60U);
      EXPECT_TRUE(reply.has_edns());
      if (whole + 11 + 30 <= limit) {
        EXPECT_FALSE(reply.truncated()) << payload;
      }
    }
  }
}

TEST(SizeEdge, EveryLengthOfNameMeetsTheLimitOf512) {
  for (std::size_t size = 1; size <= 200; ++size) {
    const std::string label(std::min<std::size_t>(size, 63), 'x');
    std::string name;
    while (name.size() + label.size() + 1 < size) name += label + ".";
    const Reply reply = ask(query(name + "long.example.org"));
    EXPECT_LE(reply.size(), 512U) << size;
    EXPECT_THAT(reply.rcode(), AnyOf(0U, 3U, yxdomain)) << size;
  }
}

// CVE-2017-11104, CVE-2020-8617, CVE-2016-7073.
TEST(Signatures, ATsigOfAnyShapeIsNotauthOrFormerr) {
  for (std::size_t size = 0; size < 300; ++size) {
    for (const std::uint8_t filler : {0x00, 0x3f, 0xc0, 0xff}) {
      const auto tsig = dns::record(wire_name("key.example.org"), Rtype::TSIG, 255, Bytes(size, filler));
      EXPECT_EQ(ask(dns::ask("mail.example.org").add(tsig).bytes()).rcode(), 9U);
      EXPECT_EQ(ask(dns::ask("mail.example.org").add(tsig).add(tsig).bytes()).rcode(), formerr);
    }
  }
}

// CVE-2015-5477, CVE-2020-8625, CVE-2024-1975.
TEST(Signatures, TkeyAndSig0AreNotReadAtAll) {
  const auto tkey = dns::record(wire_name("key.example.org"), Rtype::TKEY, 255, Bytes(30, 1));
  const auto sig0 = dns::record({0}, static_cast<Rtype>(24), 255, Bytes(60, 0));
  EXPECT_EQ(ask(query("mail.example.org", Rtype::TKEY)).rcode(), 5U);
  EXPECT_THAT(ask(dns::ask("mail.example.org").add(tkey).bytes()).answer(), SizeIs(1));
  EXPECT_THAT(ask(dns::ask("mail.example.org").add(sig0).bytes()).answer(), SizeIs(1));
}

// A crash of Knot DNS on NSID; cookies of 0 to 41 octets.
TEST(Options, EveryOptionOfEveryLengthIsAnswered) {
  for (unsigned code = 0; code < 32; ++code) {
    for (std::size_t size = 0; size <= 64; ++size) {
      const Reply reply = ask(dns::ask("mail.example.org").add(dns::opt(option(code, Bytes(size, 1)))).bytes());
      EXPECT_THAT(reply.rcode(), AnyOf(0U, formerr)) << code << " of " << size;
      if (code == dns::option_cookie) {
        EXPECT_EQ(reply.rcode() == 0, size == 8 || (size >= 16 && size <= 40)) << size;
      }
    }
  }
}

TEST(Options, TwiceTheSameOptionIsAnswered) {
  for (unsigned code = 0; code < 32; ++code) {
    for (const std::size_t size : {0U, 2U, 8U, 24U}) {
      const auto one = option(code, Bytes(size, 0));
      Bytes two = one;
      two += one;
      EXPECT_THAT(ask(dns::ask("mail.example.org").add(dns::opt(two)).bytes()).rcode(), AnyOf(0U, formerr));
    }
  }
}

TEST(Options, AnOptOutsideTheAdditionalSectionOrTwiceIsFormerr) {
  QueryBuilder misplaced = dns::ask("mail.example.org");
  misplaced.body += dns::opt({});
  misplaced.answers = 1;
  EXPECT_EQ(ask(misplaced.bytes()).rcode(), formerr);
  misplaced.answers = 0;
  misplaced.authority = 1;
  EXPECT_EQ(ask(misplaced.bytes()).rcode(), formerr);
  EXPECT_EQ(ask(dns::ask("mail.example.org").add(dns::opt({})).add(dns::opt({})).bytes()).rcode(), formerr);
}

TEST(Options, LengthsThatLieAreFormerr) {
  for (unsigned length : {1U, 2U, 100U, 65535U}) {
    Bytes lie;
    append_u16(lie, 65001);
    append_u16(lie, length);
    EXPECT_EQ(ask(dns::ask("mail.example.org").add(dns::opt(lie)).bytes()).rcode(), formerr);
  }
}

// CVE-2021-25215, CVE-2022-0635, CVE-2026-12617, and a crash of NSD on CNAME loops.
TEST(Chains, LoopsEndAfterABoundedNumberOfRecords) {
  for (const char* name : {"loop1.example.org", "self.example.org", "x.turn1.example.org", "x.wild.example.org"}) {
    const Reply reply = server().ask_wire(query(name), "192.0.2.1", engine::Transport::stream);
    EXPECT_EQ(reply.rcode(), 0U) << name;
    EXPECT_LE(reply.answer().size(), 16U) << name;
    ask(query(name));
  }
}

TEST(Chains, ADnameThatGrowsEndsAtOnce) {
  const Reply reply = server().ask_wire(query("x.grow.example.org"), "192.0.2.1", engine::Transport::stream);
  EXPECT_LE(reply.answer().size(), 16U);
  EXPECT_LE(reply.size(), 4096U);
}

TEST(Chains, ANameThatADnameWouldMakeTooLongIsYxdomain) {
  const std::string label(60, 'x');
  const Reply fits = ask(query(label + "." + label + ".long.example.org"));
  EXPECT_EQ(fits.rcode(), 3U);
  const Reply reply = ask(query(label + "." + label + "." + label + ".long.example.org"));
  EXPECT_EQ(reply.rcode(), yxdomain);
  EXPECT_THAT(reply.answer(), SizeIs(1)) << "the DNAME alone, RFC 6672 section 2.2";
  EXPECT_THAT(reply.authority(), IsEmpty());
}

}  // namespace
}  // namespace gslb::test
