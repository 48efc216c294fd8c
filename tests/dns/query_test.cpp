#include "dns/query.hpp"

#include <gmock/gmock.h>
#include <ldns/ldns.h>

#include <memory>
#include <string>

#include "base/random.hpp"
#include "dns/name_hash.hpp"
#include "query_builder.hpp"

namespace gslb::dns {
namespace {

/// Parses a copy of exactly this size, so that sanitizers see a read past the end.
ParseOutcome parse(const Bytes& message, Query& query) {
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[message.size()]);
  std::copy(message.begin(), message.end(), exact.get());
  return parse_query({exact.get(), message.size()}, query);
}

class QueryParser : public testing::Test {
 protected:
  ParseOutcome parse(const QueryBuilder& builder) { return dns::parse(builder.bytes(), query_); }
  ParseOutcome parse(const Bytes& message) { return dns::parse(message, query_); }
  ParseOutcome parse_with_options(const Bytes& options) { return parse(ask().add(opt(options))); }
  ParseOutcome parse_with_subnet(const Bytes& data) { return parse_with_options(option(option_client_subnet, data)); }

  Query query_;
};

// RFC 1035 section 4.1.
TEST_F(QueryParser, ReadsHeaderAndQuestion) {
  QueryBuilder builder;
  builder.flags_low = 0x10;
  builder.question(wire_name("wWw.Example.ORG"), Rtype::AAAA, class_ch);
  ASSERT_EQ(parse(builder), ParseOutcome::ok);
  EXPECT_EQ(query_.id, 0x1234);
  EXPECT_EQ(query_.opcode, 0);
  EXPECT_TRUE(query_.recursion_desired);
  EXPECT_TRUE(query_.has_question);
  EXPECT_EQ(query_.qtype, static_cast<std::uint16_t>(Rtype::AAAA));
  EXPECT_EQ(query_.qclass, class_ch);
  EXPECT_EQ(query_.question_size, 21);
  EXPECT_EQ(to_string(query_.qname()), "www.example.org.");
  EXPECT_FALSE(query_.edns.present);
}

TEST_F(QueryParser, FindsEverySuffixAndItsHash) {
  ASSERT_EQ(parse(ask("wWw.Example.ORG")), ParseOutcome::ok);
  ASSERT_EQ(query_.labels, 3);
  const char* suffixes[] = {"www.example.org.", "example.org.", "org.", "."};
  for (unsigned label = 0; label <= 3; ++label) {
    EXPECT_EQ(to_string(query_.suffix(label)), suffixes[label]);
    EXPECT_EQ(query_.hash[label], hash_name(Name::parse(suffixes[label])->wire()));
  }
}

TEST_F(QueryParser, ReadsNamesOfEveryLength) {
  for (std::size_t size = 1; size <= 255; ++size) {
    if (size == 2) continue;  // no name has two octets
    std::string text;
    for (std::size_t left = size - 1; left != 0;) {
      std::size_t label = std::min<std::size_t>(left - 1, 63);
      if (left - 1 - label == 1) --label;  // a lone octet would be left over
      text += std::string(label, static_cast<char>('A' + left % 26)) + '.';
      left -= label + 1;
    }
    ASSERT_EQ(parse(ask(text)), ParseOutcome::ok) << text;
    ASSERT_EQ(query_.name_size, size);
    const Name expected = Name::from_wire(wire_name(text));
    ASSERT_EQ(Name::from_wire(query_.qname()), expected);
    ASSERT_TRUE(std::equal(query_.qname().begin(), query_.qname().end(), expected.wire().begin()));
    ASSERT_EQ(query_.hash[0], hash_name(expected.wire()));
    Query again;
    set_name(again, wire_name(text));
    ASSERT_TRUE(std::equal(again.qname().begin(), again.qname().end(), expected.wire().begin(), expected.wire().end()));
    ASSERT_EQ(again.hash[0], query_.hash[0]);
  }
}

// RFC 1035 section 2.3.4: at most 255 octets, so at most 127 labels.
TEST_F(QueryParser, HoldsToTheLimitsOfNames) {
  std::string text;
  for (int i = 0; i < 127; ++i) text += "a.";
  ASSERT_EQ(parse(ask(text)), ParseOutcome::ok);
  EXPECT_EQ(query_.labels, 127);
  EXPECT_EQ(query_.name_size, 255);
  EXPECT_EQ(query_.hash[127], root_hash);
  EXPECT_EQ(parse(ask(text + "a.")), ParseOutcome::form_error);
  EXPECT_FALSE(query_.has_question);
  EXPECT_EQ(query_.labels, 0);
  const std::string label(63, 'a');
  const std::string three = label + '.' + label + '.' + label + '.';
  EXPECT_EQ(parse(ask(three + std::string(61, 'b'))), ParseOutcome::ok);
  EXPECT_EQ(parse(ask(three + std::string(62, 'b'))), ParseOutcome::form_error);
}

// RFC 1035 section 4.1.4 and RFC 6891 section 4.2: pointers have nothing to point to, other label types no meaning.
TEST_F(QueryParser, RefusesPointersAndOtherLabelTypesInTheQuestion) {
  for (const std::uint8_t type : {0x40, 0x41, 0x80, 0xbf, 0xc0, 0xff}) {
    EXPECT_EQ(parse(QueryBuilder().question({type, 12})), ParseOutcome::form_error) << int{type};
    EXPECT_EQ(parse(QueryBuilder().question({1, 'a', type, 12})), ParseOutcome::form_error) << int{type};
    EXPECT_FALSE(query_.has_question);
    EXPECT_EQ(query_.name_size, 1);
  }
}

TEST_F(QueryParser, DropsResponsesAndWhatIsShorterThanAHeader) {
  QueryBuilder response = ask();
  response.flags_high = 0x80;
  EXPECT_EQ(parse(response), ParseOutcome::drop);
  for (std::size_t size = 0; size < header_size; ++size) EXPECT_EQ(parse(Bytes(size, 0)), ParseOutcome::drop);
}

// RFC 7873 section 5.4: a query without a question may ask for a cookie; whether it did is for the engine to see.
TEST_F(QueryParser, TakesAQueryWithoutAQuestion) {
  QueryBuilder builder;
  builder.questions = 0;
  EXPECT_EQ(parse(builder), ParseOutcome::ok);
  EXPECT_FALSE(query_.has_question);
  EXPECT_EQ(query_.question_size, 0);
  EXPECT_TRUE(query_.qname().size() == 1 && query_.qname()[0] == 0);
  builder.add(opt(option(option_cookie, Bytes(8, 1))));
  EXPECT_EQ(parse(builder), ParseOutcome::ok);
  EXPECT_EQ(query_.edns.cookie_size, 8);
  builder.body.push_back(0);
  EXPECT_EQ(parse(builder), ParseOutcome::form_error);
}

// RFC 9619 section 4.
TEST_F(QueryParser, RefusesASecondQuestion) {
  QueryBuilder two = ask();
  two.question(wire_name("example.org"));
  two.questions = 2;
  EXPECT_EQ(parse(two), ParseOutcome::form_error);
}

TEST_F(QueryParser, RefusesOctetsAfterTheMessage) {
  Bytes message = full_query();
  message.push_back(0);
  EXPECT_EQ(parse(message), ParseOutcome::form_error);
  EXPECT_TRUE(query_.has_question);
  EXPECT_TRUE(query_.edns.present);
}

TEST_F(QueryParser, SkipsRecordsThatItDoesNotRead) {
  QueryBuilder ixfr = QueryBuilder().question(wire_name("example.org"), Rtype::IXFR);
  ixfr.authority = 1;
  ixfr.body += record({0xc0, 12}, Rtype::SOA, class_in, Bytes(22, 0));
  ixfr.add(record({3, 'f', 'o', 'o', 0xc0, 12}, Rtype::A, class_in, {192, 0, 2, 1})).add(opt({}));
  EXPECT_EQ(parse(ixfr), ParseOutcome::ok);
  EXPECT_TRUE(query_.edns.present);
}

TEST_F(QueryParser, RefusesRecordsThatAreNotWhole) {
  QueryBuilder one = ask();
  one.additional = 1;
  EXPECT_EQ(parse(one), ParseOutcome::form_error) << "no record where one is announced";
  for (const Bytes& owner : {Bytes{0xc0}, Bytes{0x40, 0}, Bytes{0x80, 0}, Bytes{5, 'a'}}) {
    QueryBuilder bad = ask();
    bad.answers = 1;
    bad.body += owner;
    EXPECT_EQ(parse(bad), ParseOutcome::form_error);
  }
  Bytes longer = ask().add(record({0}, Rtype::A, class_in, {192, 0, 2, 1})).bytes();
  longer.pop_back();
  EXPECT_EQ(parse(longer), ParseOutcome::form_error);
}

// RFC 6891 section 6.1.
TEST_F(QueryParser, ReadsTheOptRecord) {
  ASSERT_EQ(parse(ask().add(opt({}, 4096, 0, true))), ParseOutcome::ok);
  EXPECT_TRUE(query_.edns.present);
  EXPECT_EQ(query_.edns.payload, 4096);
  EXPECT_EQ(query_.edns.version, 0);
  EXPECT_TRUE(query_.edns.dnssec_ok);
  EXPECT_FALSE(query_.edns.subnet.present);
  EXPECT_EQ(query_.edns.cookie_size, 0);
}

// RFC 6891 section 6.2.3: values below 512 mean 512.
TEST_F(QueryParser, TakesASmallPayloadSizeFor512) {
  ASSERT_EQ(parse(ask().add(opt({}, 100))), ParseOutcome::ok);
  EXPECT_EQ(query_.edns.payload, 512);
}

// RFC 6891 section 6.1.1.
TEST_F(QueryParser, RefusesASecondOptRecord) {
  EXPECT_EQ(parse(ask().add(opt({})).add(opt({}))), ParseOutcome::form_error);
  EXPECT_TRUE(query_.edns.present);
}

TEST_F(QueryParser, RefusesAnOptRecordOutsideTheAdditionalSection) {
  QueryBuilder answer = ask();
  answer.answers = 1;
  answer.body += opt({});
  EXPECT_EQ(parse(answer), ParseOutcome::form_error);
  QueryBuilder authority = ask();
  authority.authority = 1;
  authority.body += opt({});
  EXPECT_EQ(parse(authority), ParseOutcome::form_error);
}

// RFC 6891 section 6.1.2: the owner name must be 0, the root; a pointer to a root is not.
TEST_F(QueryParser, RefusesAnOptRecordThatIsNotAtTheRoot) {
  EXPECT_EQ(parse(ask().add(record(wire_name("a"), Rtype::OPT, 1232, {}))), ParseOutcome::form_error);
  EXPECT_EQ(parse(ask().add(record({0xc0, 28}, Rtype::OPT, 1232, {}))), ParseOutcome::form_error);
}

// RFC 6891 section 6.1.3: BADVERS. The options of another version are not looked at.
TEST_F(QueryParser, ReportsALaterEdnsVersion) {
  ASSERT_EQ(parse(ask().add(opt({0, 8, 0, 1, 0}, 1400, 1, true))), ParseOutcome::bad_version);
  EXPECT_TRUE(query_.edns.present);
  EXPECT_EQ(query_.edns.version, 1);
  EXPECT_EQ(query_.edns.payload, 1400);
  EXPECT_TRUE(query_.edns.dnssec_ok);
  EXPECT_FALSE(query_.edns.subnet.present);
  EXPECT_TRUE(query_.has_question);
}

TEST_F(QueryParser, SkipsOptionsThatAreNotItsOwn) {
  Bytes options = option(3, {});
  options += option(65001, Bytes(300, 7));
  options += option(option_cookie, Bytes(24, 9));
  ASSERT_EQ(parse_with_options(options), ParseOutcome::ok);
  EXPECT_EQ(query_.edns.cookie_size, 24);
}

TEST_F(QueryParser, RefusesOptionsThatAreNotWhole) {
  EXPECT_EQ(parse_with_options({0}), ParseOutcome::form_error);
  EXPECT_EQ(parse_with_options({0, 3, 0}), ParseOutcome::form_error);
  EXPECT_EQ(parse_with_options({0, 3, 0, 1}), ParseOutcome::form_error);
  EXPECT_EQ(parse_with_options({0, 3, 0xff, 0xff, 1, 2}), ParseOutcome::form_error);
  EXPECT_TRUE(query_.edns.present) << "the reply carries OPT";
}

// RFC 7873 section 5.2.2: a client cookie of 8 octets, alone or with 8 to 32 octets of server cookie.
TEST_F(QueryParser, HoldsCookiesToTheirLengths) {
  for (std::size_t size = 0; size <= 64; ++size) {
    const bool good = size == 8 || (size >= 16 && size <= 40);
    EXPECT_EQ(parse_with_options(option(option_cookie, Bytes(size, 1))),
              good ? ParseOutcome::ok : ParseOutcome::form_error)
        << size;
  }
}

// RFC 7873 section 5.2: of several cookies only the first counts.
TEST_F(QueryParser, TakesTheFirstOfSeveralCookies) {
  Bytes options = option(option_cookie, {1, 2, 3, 4, 5, 6, 7, 8});
  options += option(option_cookie, Bytes(3, 9));
  const Bytes message = ask().add(opt(options)).bytes();
  ASSERT_EQ(parse(message), ParseOutcome::ok);
  ASSERT_EQ(query_.edns.cookie_size, 8);
  EXPECT_EQ(message[query_.edns.cookie_at], 1);
}

// RFC 7871 section 6.
TEST_F(QueryParser, ReadsTheClientSubnet) {
  ASSERT_EQ(parse_with_subnet(subnet_data(1, 20, 0, {198, 51, 96})), ParseOutcome::ok);
  EXPECT_TRUE(query_.edns.subnet.present);
  EXPECT_EQ(query_.edns.subnet.source, 20);
  EXPECT_EQ(query_.edns.subnet.address, base::parse_address("198.51.96.0"));
  ASSERT_EQ(parse_with_subnet(subnet_data(2, 56, 0, {0x20, 1, 0x0d, 0xb8, 0, 1, 2})), ParseOutcome::ok);
  EXPECT_EQ(query_.edns.subnet.source, 56);
  EXPECT_EQ(query_.edns.subnet.address, base::parse_address("2001:db8:1:200::"));
  ASSERT_EQ(parse_with_subnet(subnet_data(1, 32, 0, {192, 0, 2, 1})), ParseOutcome::ok);
  ASSERT_EQ(parse_with_subnet(subnet_data(2, 128, 0, Bytes(16, 0xff))), ParseOutcome::ok);
  EXPECT_EQ(query_.edns.subnet.address.octets[15], 0xff);
}

// RFC 7871 section 7.1.2: SOURCE 0 is how a client keeps its address to itself.
TEST_F(QueryParser, TakesAClientSubnetWithoutAnAddress) {
  for (const unsigned family : {1U, 2U}) {
    ASSERT_EQ(parse_with_subnet(subnet_data(family, 0, 0, {})), ParseOutcome::ok);
    EXPECT_TRUE(query_.edns.subnet.present);
    EXPECT_EQ(query_.edns.subnet.source, 0);
    EXPECT_EQ(query_.edns.subnet.family, family == 1 ? base::Family::v4 : base::Family::v6);
  }
}

// RFC 7871 sections 6, 7.1.2 and 7.2.1.
TEST_F(QueryParser, RefusesAMalformedClientSubnet) {
  const struct {
    const char* why;
    Bytes data;
  } cases[] = {
      {"empty", {}},
      {"shorter than its fixed part", {0, 1, 0}},
      {"family 0", subnet_data(0, 0, 0, {})},
      {"family 3", subnet_data(3, 24, 0, {192, 0, 2})},
      {"family 257", subnet_data(257, 24, 0, {192, 0, 2})},
      {"scope set", subnet_data(1, 24, 24, {192, 0, 2})},
      {"source beyond IPv4", subnet_data(1, 33, 0, {192, 0, 2, 0, 0})},
      {"source beyond IPv6", subnet_data(2, 129, 0, Bytes(17, 0))},
      {"address too short", subnet_data(1, 24, 0, {192, 0})},
      {"address too long", subnet_data(1, 24, 0, {192, 0, 2, 0})},
      {"address without source", subnet_data(1, 0, 0, {192})},
      {"bit after source", subnet_data(1, 23, 0, {192, 0, 3})},
      {"bit after source, first", subnet_data(1, 1, 0, {0x40})},
      {"bit after source, IPv6", subnet_data(2, 57, 0, {0x20, 1, 0x0d, 0xb8, 0, 1, 2, 0x40})},
  };
  for (const auto& [why, data] : cases) {
    EXPECT_EQ(parse_with_subnet(data), ParseOutcome::form_error) << why;
    EXPECT_FALSE(query_.edns.subnet.present) << why;
    EXPECT_TRUE(query_.edns.present) << why;
  }
}

TEST_F(QueryParser, RefusesASecondClientSubnet) {
  Bytes options = option(option_client_subnet, subnet_data(1, 24, 0, {192, 0, 2}));
  options += option(option_client_subnet, subnet_data(1, 24, 0, {192, 0, 2}));
  EXPECT_EQ(parse_with_options(options), ParseOutcome::form_error);
}

// RFC 8945 section 5.1: TSIG is the last record of the message.
TEST_F(QueryParser, ReportsASignedQuery) {
  EXPECT_EQ(parse(ask().add(tsig())), ParseOutcome::signed_query);
  EXPECT_EQ(parse(ask().add(opt({})).add(tsig())), ParseOutcome::signed_query);
  EXPECT_TRUE(query_.edns.present);
}

TEST_F(QueryParser, RefusesATsigThatIsNotLast) {
  EXPECT_EQ(parse(ask().add(tsig()).add(opt({}))), ParseOutcome::form_error);
  EXPECT_EQ(parse(ask().add(tsig()).add(tsig())), ParseOutcome::form_error);
  QueryBuilder answer = ask();
  answer.answers = 1;
  answer.body += tsig();
  EXPECT_EQ(parse(answer), ParseOutcome::form_error);
}

// RFC 1035 section 4.1.1 and RFC 6891 section 7: the reply to an unknown OPCODE still carries OPT.
TEST_F(QueryParser, ReportsOtherOpcodesWithTheirOpt) {
  for (unsigned opcode = 1; opcode < 16; ++opcode) {
    QueryBuilder builder = ask().add(opt({}, 1400));
    builder.flags_high = static_cast<std::uint8_t>(opcode << 3);
    EXPECT_EQ(parse(builder), ParseOutcome::not_imp);
    EXPECT_EQ(query_.opcode, opcode);
    EXPECT_TRUE(query_.has_question);
    EXPECT_EQ(query_.edns.payload, 1400);
    builder.body.resize(3);
    EXPECT_EQ(parse(builder), ParseOutcome::not_imp);
    EXPECT_FALSE(query_.edns.present);
  }
}

TEST_F(QueryParser, ForgetsTheQueryBefore) {
  ASSERT_EQ(parse(full_query()), ParseOutcome::ok);
  ASSERT_TRUE(query_.edns.subnet.present);
  ASSERT_EQ(parse(ask("a")), ParseOutcome::ok);
  EXPECT_FALSE(query_.edns.present);
  EXPECT_FALSE(query_.edns.dnssec_ok);
  EXPECT_FALSE(query_.edns.subnet.present);
  EXPECT_EQ(query_.edns.payload, 512);
  EXPECT_EQ(query_.edns.cookie_size, 0);
}

TEST_F(QueryParser, RefusesEveryTruncationOfAQuery) {
  const Bytes whole = full_query();
  ASSERT_EQ(parse(whole), ParseOutcome::ok);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(parse(part), size < header_size ? ParseOutcome::drop : ParseOutcome::form_error) << size;
  }
}

/// What holds of a Query whatever was parsed into it.
void expect_sane(const Query& query, std::size_t message_size) {
  ASSERT_LE(query.labels, max_labels);
  ASSERT_GE(query.name_size, 1);
  ASSERT_EQ(query.offset[query.labels] + 1U, query.name_size);
  ASSERT_EQ(query.name[query.name_size - 1U], 0);
  ASSERT_LE(header_size + query.question_size, message_size);
  ASSERT_GE(query.edns.payload, 512);
  ASSERT_LE(query.edns.cookie_at + query.edns.cookie_size, message_size);
}

TEST_F(QueryParser, SurvivesEverySingleBitFlip) {
  const Bytes whole = full_query();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    if (parse(flipped) != ParseOutcome::drop) expect_sane(query_, flipped.size());
  }
}

// What we call well formed, an independent decoder reads too, and sees the same question.
TEST_F(QueryParser, AcceptsOnlyWhatLdnsReadsTheSame) {
  const Bytes whole = full_query();
  base::Random random(1);
  unsigned accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes mutant = whole;
    for (unsigned flips = 1 + random.below(3); flips > 0; --flips)
      mutant[random.below(static_cast<std::uint32_t>(mutant.size()))] = static_cast<std::uint8_t>(random.next());
    if (parse(mutant) != ParseOutcome::ok || !query_.has_question || !query_.edns.present) continue;
    ldns_pkt* raw = nullptr;
    ASSERT_EQ(ldns_wire2pkt(&raw, mutant.data(), mutant.size()), LDNS_STATUS_OK) << round;
    const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(raw, &ldns_pkt_free);
    const ldns_rr* question = ldns_rr_list_rr(ldns_pkt_question(packet.get()), 0);
    const ldns_rdf* owner = ldns_rr_owner(question);
    ASSERT_EQ(Name::from_wire({ldns_rdf_data(owner), ldns_rdf_size(owner)}), Name::from_wire(query_.qname()));
    ASSERT_EQ(static_cast<unsigned>(ldns_rr_get_type(question)), query_.qtype);
    ASSERT_EQ(ldns_pkt_id(packet.get()), query_.id);
    ASSERT_EQ(ldns_pkt_edns_do(packet.get()), query_.edns.dnssec_ok);
    ++accepted;
  }
  EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace gslb::dns
