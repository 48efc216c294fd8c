// The kinds of question, record and client that have hurt other name servers behind the parser: where an answer is
// made, signed, denied or refused. The table is in cve_classes_test.cpp.
#include <algorithm>

#include "base/random.hpp"
#include "dns/rdata.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/dns/query_builder.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using dns::Bytes;
using dns::operator+=;
using dns::option;
using dns::QueryBuilder;
using dns::Rtype;
using dns::wire_name;
using engine::Transport;
using testing::AnyOf;
using testing::SizeIs;

constexpr auto apl = static_cast<Rtype>(42), brid = static_cast<Rtype>(68);
constexpr unsigned noerror = 0, formerr = 1, nxdomain = 3, notimp = 4, refused = 5;

SignedServer& signed_server() {
  static SignedServer instance("example.org.", [] {
    std::string yaml = sample_zone;
    const std::string anchor = "    ttl: 300s\n";
    return yaml.insert(yaml.find(anchor), "    dnssec: on\n");
  }());
  return instance;
}

Bytes with_do(const Bytes& name, Rtype type, unsigned payload = 1232) {
  return QueryBuilder().question(name, type).add(dns::opt({}, payload, 0, true)).bytes();
}

/// A name of so many octets below example.org, of labels of at most `longest`.
Bytes name_of(std::size_t size, std::size_t longest) {
  const Bytes zone = wire_name("example.org");
  Bytes name;
  for (std::size_t left = size - zone.size(); left > 0;) {
    std::size_t label = std::min(left - 1, longest);
    if (left - label - 1 == 1) --label;
    name.push_back(static_cast<std::uint8_t>(label));
    name += Bytes(label, 'x');
    left -= label + 1;
  }
  return name += zone;
}

// NSD: a crash on denying a name of 255 octets.
TEST(SignedNames, EveryLengthUpTo255IsDeniedWithProofs) {
  for (std::size_t size = 15; size <= 255; ++size) {
    for (const std::size_t longest : {std::size_t{2}, std::size_t{63}}) {
      const Bytes name = name_of(size, longest);
      const Reply whole = signed_server().server().ask_wire(with_do(name, Rtype::A), "192.0.2.1", Transport::stream);
      ASSERT_EQ(whole.rcode(), nxdomain) << size;
      const std::string text = dns::to_string(name);
      ASSERT_EQ(signed_server().validator().why_bogus(whole, text, type_a), "") << text;
      EXPECT_LE(signed_server().server().ask_wire(with_do(name, Rtype::A, 512)).size(), 512U) << size;
    }
  }
}

// CVE-2021-36754, CVE-2015-5477, CVE-2012-2978, where every name has types that the zone's file never had.
TEST(SignedNumbers, EveryTypeIsAnsweredUnderDo) {
  for (const char* name :
       {"example.org", "www.example.org", "x.wild.example.org", "x.child.example.org", "empty.below.example.org"}) {
    for (unsigned type = 0; type < 65536; type += type < 300 ? 1 : 401) {
      const Reply reply = signed_server().server().ask_wire(with_do(wire_name(name), static_cast<Rtype>(type)),
                                                            "192.0.2.1", Transport::stream);
      EXPECT_THAT(reply.rcode(), AnyOf(noerror, nxdomain, refused)) << name << " " << type;
      EXPECT_FALSE(reply.truncated());
    }
  }
}

// CVE-2016-2776: an answer that ends where the message does, signatures and proofs included.
TEST(SignedSizeEdge, EveryPayloadSizeHolds) {
  for (unsigned payload = 512; payload <= 1232; ++payload) {
    for (const char* name :
         {"example.org", "big.example.org", "www.example.org", "x.wild.example.org", "x.child.example.org",
          "second-alias.example.org", "host.moved.example.org", "nothing.example.org"}) {
      for (const Rtype type : {Rtype::A, Rtype::TXT, Rtype::DNSKEY, Rtype::MX}) {
        const Reply reply = signed_server().server().ask_wire(with_do(wire_name(name), type, payload));
        ASSERT_TRUE(reply.sent());
        ASSERT_LE(reply.size(), payload) << name;
      }
    }
  }
}

// CVE-2021-25215, CVE-2022-0635, CVE-2026-12617, with signatures on every link.
TEST(SignedChains, LoopsEndAfterABoundedNumberOfRecords) {
  for (const char* name : {"loop1.example.org", "x.moved.example.org", "second-alias.example.org"}) {
    const Reply reply =
        signed_server().server().ask_wire(with_do(wire_name(name), Rtype::AAAA), "192.0.2.1", Transport::stream);
    EXPECT_LE(reply.answer().size(), 32U) << name;
    EXPECT_FALSE(reply.truncated());
  }
}

// CVE-2025-13878 (BRID, HHIT), CVE-2015-8704 (APL), CVE-2026-12244 (SVCB): records of every type in a query.
TEST(RecordsInQueries, AreNotReadWhateverTheirType) {
  base::Random random(3);
  for (unsigned type = 0; type < 65536; type += type < 300 ? 1 : 97) {
    if (type == static_cast<unsigned>(Rtype::OPT) || type == static_cast<unsigned>(Rtype::TSIG)) continue;
    Bytes data(random.below(300));
    for (auto& octet : data) octet = static_cast<std::uint8_t>(random.next());
    const Bytes wire = dns::ask("mail.example.org").add(dns::record({0}, static_cast<Rtype>(type), 1, data)).bytes();
    EXPECT_THAT(sample_server().ask_wire(wire).answer(), SizeIs(1)) << type;
  }
}

/// Data that is accepted must be printed, and what is printed must be accepted and be the same.
void expect_round_trip(Rtype type, const Bytes& data) {
  std::string text = "\\# " + std::to_string(data.size()) + " ";
  for (const std::uint8_t octet : data) {
    text += "0123456789abcdef"[octet >> 4];
    text += "0123456789abcdef"[octet & 15];
  }
  Bytes read;
  if (!dns::parse_rdata(type, text, dns::Name(), read)) return;
  Bytes again;
  ASSERT_TRUE(dns::parse_rdata(type, dns::rdata_to_string(type, read), dns::Name(), again).has_value());
  EXPECT_EQ(again, read) << static_cast<unsigned>(type) << " " << text;
}

// The same, and CVE-2026-12246 (APL), CVE-2026-33611 (SVCB), as data of a zone.
TEST(RecordData, OfEveryTypeAndLengthIsRefusedOrPrintedAsItIs) {
  base::Random random(5);
  for (unsigned type = 1; type < 300; ++type) {
    for (std::size_t size = 0; size < 48; ++size) {
      Bytes data(size);
      expect_round_trip(static_cast<Rtype>(type), data);
      for (auto& octet : data) octet = static_cast<std::uint8_t>(random.next() % (random.below(2) != 0 ? 4 : 256));
      expect_round_trip(static_cast<Rtype>(type), data);
    }
  }
}

TEST(RecordData, OfTheGreatestLengthIsRefusedOrPrintedAsItIs) {
  for (const Rtype type : {Rtype::SVCB, Rtype::HTTPS, Rtype::TXT, apl, brid}) {
    for (const std::size_t size : {65'509U, 65'535U}) {
      Bytes data{0, 1, 0, 0xfd, 0xe8};  // a parameter of a private key that fills the rest
      dns::append_u16(data, static_cast<unsigned>(size - 7));
      data.resize(size, 'x');
      expect_round_trip(type, data);
    }
  }
}

// CVE-2026-41999: the address that counts is that of the packet, or of a listed proxy; never one inside a query.
TEST(Addresses, ASubnetInTheQueryExemptsNobodyFromTheRateLimit) {
  TestServer server(std::string("rate_limit: { replies: 10, networks: { 198.51.100.0/24: none } }\n") + sample_zone);
  server.set_now({1'700'000'000, 1});
  unsigned whole = 0;
  for (int i = 0; i < 100; ++i) {
    Ask ask;
    ask.name = "mail.example.org.";
    ask.subnet = i % 2 == 0 ? "198.51.100.0/24" : "127.0.0.0/8";
    const Reply reply = server.ask(ask);
    whole += reply.sent() && !reply.truncated() ? 1 : 0;
  }
  EXPECT_EQ(whole, 10U);
}

TEST(Addresses, AnIpv4AddressInsideAnIpv6SubnetIsNotTakenForIpv4) {
  Ask ask;
  ask.name = "europe.example.org.";
  ask.client = "12.1.2.3";
  ask.subnet = "::ffff:85.214.132.0/120";
  EXPECT_EQ(sample_server().ask(ask).rcode(), 2U) << "the resolver's place, outside the fence";
}

// CVE-2016-6171, CVE-2016-6173, CVE-2021-25214, CVE-2026-19033, CVE-2026-42001.
TEST(Transfers, AreRefusedOverEveryTransport) {
  for (const auto transport : {Transport::datagram, Transport::stream, Transport::tls}) {
    for (const Rtype type : {Rtype::AXFR, Rtype::IXFR}) {
      QueryBuilder query = QueryBuilder().question(wire_name("example.org"), type);
      EXPECT_EQ(sample_server().ask_wire(query.bytes(), "192.0.2.1", transport).rcode(), refused);
      query.authority = 1;
      query.body += dns::record({0xc0, 12}, Rtype::SOA, 1, Bytes(22));
      EXPECT_EQ(sample_server().ask_wire(query.bytes(), "192.0.2.1", transport).rcode(), refused);
    }
  }
}

TEST(Transfers, NotifyUpdateAndEveryOtherOpcodeAreNotImplemented) {
  for (unsigned opcode = 1; opcode < 16; ++opcode) {
    QueryBuilder query = QueryBuilder().question(wire_name("example.org"), Rtype::SOA);
    query.flags_high = static_cast<std::uint8_t>(opcode << 3);
    query.add(dns::record({0xc0, 12}, Rtype::A, 1, {192, 0, 2, 66}));
    EXPECT_EQ(sample_server().ask_wire(query.bytes()).rcode(), notimp) << opcode;
  }
}

// Servers that copied a name in its own case into a buffer made for another.
TEST(Case, TheQuestionComesBackAsItWasSentAtEveryLength) {
  for (std::size_t size = 15; size <= 255; ++size) {
    Bytes name = name_of(size, 63);
    for (std::size_t i = 1; i < name.size(); ++i)
      if (name[i] == 'x' && i % 3 == 0) name[i] = 'X';
    const Bytes wire = with_do(name, Rtype::A);
    const Reply reply = sample_server().ask_wire(wire, "192.0.2.1", Transport::stream);
    ASSERT_GE(reply.size(), dns::header_size + name.size());
    EXPECT_TRUE(std::equal(name.begin(), name.end(), reply.octets().begin() + dns::header_size)) << size;
  }
}

// Assertions of others about cookies: of every length, genuine in part, and where there are no secrets.
TEST(Cookies, APartOfAGenuineCookieIsAnsweredOrFormerr) {
  TestServer server(sample_zone, [] {
    engine::CompileOptions options;
    options.cookies = *dns::parse_cookie_secrets("e5e973e5a6b2a43f48e7dc849e37bfcf");
    return options;
  }());
  const auto asked = [&](TestServer& whom, const Bytes& cookie) {
    return whom.ask_wire(dns::ask("mail.example.org").add(dns::opt(option(dns::option_cookie, cookie))).bytes());
  };
  Bytes genuine = asked(server, {1, 2, 3, 4, 5, 6, 7, 8}).option(dns::option_cookie).value();
  genuine.resize(41);
  for (std::size_t size = 1; size <= genuine.size(); ++size) {
    const bool good = size == 8 || (size >= 16 && size <= 40);
    for (TestServer* whom : {&server, &sample_server()})
      EXPECT_EQ(asked(*whom, {genuine.begin(), genuine.begin() + static_cast<std::ptrdiff_t>(size)}).rcode(),
                good ? noerror : formerr)
          << size;
  }
}

}  // namespace
}  // namespace gslb::test
