// What a reply says beside the answer: RFC 7873 (cookies), 5001 (NSID), 7828 (keepalive), 8467 (padding), 8914
// (extended errors), and 4892 (CHAOS).
#include "tests/conformance/zone_fixture.hpp"
#include "tests/dns/query_builder.hpp"

namespace gslb::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Octets = std::vector<std::uint8_t>;

constexpr unsigned nsid = 3, cookie = 10, keepalive = 11, padding = 12;
const Octets client_cookie{1, 2, 3, 4, 5, 6, 7, 8};

std::string with(const std::string& settings) { return settings + sample_zone; }

/// A server that has secrets of its own, as every one has that runs.
TestServer& cookie_server() {
  static TestServer server(with("nsid: fra-1\nchaos: { version: gslbd, id: fra-1 }\n"), [] {
    engine::CompileOptions options;
    options.cookies = *dns::parse_cookie_secrets("e5e973e5a6b2a43f48e7dc849e37bfcf");
    return options;
  }());
  return server;
}

Ask question(const std::string& name, unsigned type,
             std::vector<std::pair<unsigned, std::vector<std::uint8_t>>> options = {}) {
  Ask out;
  out.name = name;
  out.type = type;
  out.options = std::move(options);
  return out;
}

/// A query without a question.
Octets empty_query(const Octets& option) {
  Octets wire = query_wire(question(".", type_a, {{cookie, option}}));
  wire.erase(wire.begin() + 12, wire.begin() + 17);
  wire[5] = 0;
  return wire;
}

TEST(Rfc7873Section5_2_3, AClientCookieAloneIsAnsweredWithBothCookies) {
  const Reply reply = cookie_server().ask(question("mail.example.org.", type_a, {{cookie, client_cookie}}));
  EXPECT_THAT(reply.answer(), SizeIs(1));
  const Octets both = reply.option(cookie).value();
  ASSERT_THAT(both, SizeIs(24));
  EXPECT_EQ(Octets(both.begin(), both.begin() + 8), client_cookie);
}

TEST(Rfc7873Section5_2_4, AForgedServerCookieIsAnsweredWithARightOne) {
  Octets forged(24, 7);
  const Reply reply = cookie_server().ask(question("mail.example.org.", type_a, {{cookie, forged}}));
  EXPECT_THAT(reply.answer(), SizeIs(1));
  EXPECT_NE(reply.option(cookie).value(), forged);
}

TEST(Rfc7873Section5_4, AnEmptyQuestionIsAnsweredIfItBringsACookie) {
  const Reply fresh = cookie_server().ask_wire(empty_query(client_cookie));
  EXPECT_EQ(fresh.rcode(), 0U);
  const Octets both = fresh.option(cookie).value();
  EXPECT_EQ(cookie_server().ask_wire(empty_query(both)).rcode(), 0U);
  Octets forged = both;
  forged.back() ^= 1;
  EXPECT_EQ(cookie_server().ask_wire(empty_query(forged)).rcode(), 23U);
}

TEST(Rfc7873Section5_4, AnEmptyQuestionWithoutCookieIsFormerr) {
  Octets wire = query_wire(question(".", type_a));
  wire.erase(wire.begin() + 12, wire.begin() + 17);
  wire[5] = 0;
  EXPECT_EQ(cookie_server().ask_wire(wire).rcode(), 1U);
}

TEST(Rfc7873Section5_2, AServerWithoutCookiesGivesNone) {
  TestServer server(with("cookies: none\n"));
  EXPECT_FALSE(server.ask(question("mail.example.org.", type_a, {{cookie, client_cookie}})).option(cookie));
}

TEST(Rfc7873Section5_2, EveryReplyToACookieHasOneErrorsToo) {
  for (const auto& [name, type] : {std::pair{"nothing.example.org.", type_a},
                                   {"elsewhere.test.", type_a},
                                   {"example.org.", type_axfr},
                                   {"big.example.org.", type_txt}}) {
    EXPECT_TRUE(cookie_server().ask(question(name, type, {{cookie, client_cookie}})).option(cookie)) << name;
  }
}

TEST(Rfc5001Section2_3, TheServerNamesItselfWhereItIsAsked) {
  const Reply reply = cookie_server().ask(question("mail.example.org.", type_a, {{nsid, {}}}));
  EXPECT_EQ(reply.option(nsid).value(), (Octets{'f', 'r', 'a', '-', '1'}));
  EXPECT_FALSE(cookie_server().ask("mail.example.org.", type_a).option(nsid));
  EXPECT_FALSE(sample_server().ask(question("mail.example.org.", type_a, {{nsid, {}}})).option(nsid));
}

TEST(Rfc7828Section3_3_2, AStreamClientThatAsksIsToldForHowLongItMayBeIdle) {
  Ask ask = question("mail.example.org.", type_a, {{keepalive, {}}});
  EXPECT_FALSE(cookie_server().ask(ask).option(keepalive)) << "never over UDP";
  ask.transport = engine::Transport::stream;
  EXPECT_EQ(cookie_server().ask(ask).option(keepalive).value(), (Octets{0, 100}));
}

TEST(Rfc8467Section4_1, AReplyToAPaddedQueryOverTlsIsAMultipleOf468) {
  for (const auto& [name, type] : {std::pair{"mail.example.org.", type_a},
                                   {"big.example.org.", type_txt},
                                   {"nothing.example.org.", type_a},
                                   {"elsewhere.test.", type_a}}) {
    Ask ask = question(name, type, {{padding, {0, 0, 0}}});
    ask.transport = engine::Transport::tls;
    EXPECT_EQ(cookie_server().ask(ask).size() % 468, 0U) << name;
    ask.transport = engine::Transport::stream;
    EXPECT_FALSE(cookie_server().ask(ask).option(padding)) << "nothing hides the length over TCP";
  }
  Ask plain = question("mail.example.org.", type_a);
  plain.transport = engine::Transport::tls;
  EXPECT_FALSE(cookie_server().ask(plain).option(padding)) << "the client does not pad";
}

/// What a padded query gets over TLS whose OPT is `opt`, behind a question for `name` and before `after`.
Reply padded(const dns::Bytes& opt, std::uint8_t flags = 0, const dns::Bytes& after = {}) {
  dns::QueryBuilder query = dns::ask("mail.example.org");
  query.flags_high = flags;
  query.add(opt);
  if (!after.empty()) query.add(after);
  return cookie_server().ask_wire(query.bytes(), "192.0.2.1", engine::Transport::tls);
}

TEST(Rfc8467Section4_1, ErrorRepliesArePaddedTooWhereverThePaddingStands) {
  using dns::operator+=;
  constexpr unsigned notimp = 4, notauth = 9;
  constexpr std::uint8_t notify = 4 << 3;
  const dns::Bytes pad = dns::option(padding, Octets(100));
  EXPECT_EQ(padded(dns::opt(pad), notify).rcode(), notimp);
  EXPECT_EQ(padded(dns::opt(pad), notify).size() % 468, 0U);
  EXPECT_EQ(padded(dns::opt(pad), 0, dns::tsig()).rcode(), notauth);
  EXPECT_EQ(padded(dns::opt(pad), 0, dns::tsig()).size() % 468, 0U);
  EXPECT_EQ(padded(dns::opt(pad), 0, dns::opt({})).rcode(), 1U) << "two OPT records";
  EXPECT_EQ(padded(dns::opt(pad), 0, dns::opt({})).size() % 468, 0U);
  for (const auto& malformed : {dns::option(dns::option_client_subnet, dns::subnet_data(3, 0, 0, {})),
                                dns::option(dns::option_cookie, Octets(9))}) {
    for (const bool first : {false, true}) {
      dns::Bytes options = first ? malformed : pad;
      options += first ? pad : malformed;
      EXPECT_EQ(padded(dns::opt(options)).rcode(), 1U);
      EXPECT_EQ(padded(dns::opt(options)).size() % 468, 0U) << "padding before it: " << !first;
    }
  }
}

TEST(Rfc8914Section4, AClientOutsideEveryFenceIsToldSo) {
  Ask ask = question("europe.example.org.", type_a);
  ask.subnet = "12.1.2.0/24";
  const Reply reply = sample_server().ask(ask);
  EXPECT_EQ(reply.rcode(), 2U);
  EXPECT_EQ(reply.extended_error(), 17U);
}

TEST(Rfc8914Section4, AnAnswerGivenThoughNothingIsUpSaysSo) {
  TestServer server(sample_zone);
  server.set("192.0.2.10", health::Verdict::down);
  server.set("192.0.2.20", health::Verdict::down);
  const Reply reply = server.ask("www.example.org.", type_a);
  EXPECT_THAT(reply.answer(), SizeIs(1));
  EXPECT_EQ(reply.extended_error(), 3U);
}

/// Services that say what they see.
TestServer& mirror() {
  static TestServer server(R"(
zones:
  example.org:
    ns: [ns1]
    services: { me: { reflect: resolver }, net: { reflect: subnet, ttl: 5s }, all: { reflect: both } }
)");
  return server;
}

Ask seen(const std::string& name, unsigned type, const std::string& subnet = "") {
  Ask ask = question(name, type);
  ask.client = "192.0.2.77";
  ask.subnet = subnet;
  return ask;
}

TEST(Reflect, AnswersWithTheAddressThatAsks) {
  const Reply reply = mirror().ask(seen("me.example.org.", type_a, "198.51.100.0/24"));
  EXPECT_THAT(reply.answer(), ElementsAre("me.example.org. 0 A 192.0.2.77"));
  EXPECT_EQ(reply.subnet(), "1/24/0");
}

TEST(Reflect, AnswersWithTheClientSubnetWhereThereIsOne) {
  const Reply reply = mirror().ask(seen("net.example.org.", type_a, "198.51.100.0/24"));
  EXPECT_THAT(reply.answer(), ElementsAre("net.example.org. 5 A 198.51.100.0"));
  EXPECT_EQ(reply.subnet(), "1/24/24");
  EXPECT_THAT(mirror().ask(seen("net.example.org.", type_a)).answer(), ElementsAre("net.example.org. 5 A 192.0.2.77"));
  EXPECT_THAT(mirror().ask(seen("net.example.org.", type_aaaa, "2001:db8::/48")).answer(),
              ElementsAre("net.example.org. 5 AAAA 2001:db8::"));
}

TEST(Reflect, AnswersWithBoth) {
  EXPECT_THAT(mirror().ask(seen("all.example.org.", type_a, "198.51.100.0/24")).answer(),
              ElementsAre("all.example.org. 0 A 192.0.2.77", "all.example.org. 0 A 198.51.100.0"));
}

TEST(Reflect, HasNoDataOfTheOtherFamily) {
  const Reply reply = mirror().ask(seen("me.example.org.", type_aaaa));
  EXPECT_EQ(reply.rcode(), 0U);
  EXPECT_THAT(reply.answer(), IsEmpty());
  EXPECT_THAT(reply.authority(), SizeIs(1));
}

Ask chaos(const std::string& name) {
  Ask ask = question(name, type_txt);
  ask.qclass = 3;
  return ask;
}

TEST(Rfc4892Section3, VersionAndIdentityAreToldIfTheOperatorWantsIt) {
  EXPECT_THAT(cookie_server().ask(chaos("ID.Server.")).answer(), ElementsAre("ID.Server. 0 CH TXT \"fra-1\""));
  EXPECT_THAT(cookie_server().ask(chaos("hostname.bind.")).answer(), SizeIs(1));
  EXPECT_THAT(cookie_server().ask(chaos("version.bind.")).answer(), ElementsAre("version.bind. 0 CH TXT \"gslbd\""));
  EXPECT_THAT(cookie_server().ask(chaos("version.server.")).answer(), SizeIs(1));
  Ask address = chaos("id.server.");
  address.type = type_a;
  EXPECT_EQ(cookie_server().ask(address).rcode(), 0U);
  EXPECT_THAT(cookie_server().ask(address).answer(), IsEmpty());
  EXPECT_EQ(cookie_server().ask(chaos("authors.bind.")).rcode(), 5U);
}

TEST(Rfc4892Section3, BothAreHiddenByDefault) {
  EXPECT_EQ(sample_server().ask(chaos("version.bind.")).rcode(), 5U);
  EXPECT_EQ(sample_server().ask(chaos("id.server.")).rcode(), 5U);
}

}  // namespace
}  // namespace gslb::test
