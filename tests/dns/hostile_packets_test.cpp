// Classes of packets that have brought down other name servers or libraries. Each must get an outcome, quickly.
#include <gtest/gtest.h>

#include "dns/query.hpp"
#include "query_builder.hpp"

namespace gslb::dns {
namespace {

ParseOutcome outcome(const Bytes& message) {
  static Query query;
  return parse_query(message, query);
}

// A packet printer of ldns 1.8.3 crashes on EDNS option 13 (CHAIN, RFC 7901) of any length.
TEST(HostilePackets, EdnsChainOption) {
  for (const std::size_t size : {0U, 1U, 4U, 255U})
    EXPECT_EQ(outcome(ask().add(opt(option(13, Bytes(size, 0)))).bytes()), ParseOutcome::ok);
}

// A packet parser of ldns 1.8.3 leaks memory on a second TSIG when ARCOUNT is 3 or more.
TEST(HostilePackets, TwoTsigRecordsAndThreeAnnounced) {
  const Bytes empty_tsig = record({0}, Rtype::TSIG, class_any, {});
  QueryBuilder builder;
  builder.questions = 0;
  builder.add(empty_tsig).add(empty_tsig);
  builder.additional = 3;
  EXPECT_EQ(builder.bytes().size(), 34U);
  EXPECT_EQ(outcome(builder.bytes()), ParseOutcome::form_error);
}

// gdnsd 1.0.2, CVE-2012-0206: a response answered as if it were a query.
TEST(HostilePackets, ResponseSentAsAQuery) {
  for (unsigned flags = 0x80; flags < 0x100; ++flags) {
    Bytes message = full_query();
    message[2] = static_cast<std::uint8_t>(flags);
    EXPECT_EQ(outcome(message), ParseOutcome::drop);
  }
}

// CVE-2015-1868, CVE-2015-5470: compression pointers that lead in a circle, to themselves, forward or outside.
TEST(HostilePackets, CompressionLoops) {
  for (const std::uint8_t target : {0, 11, 12, 13, 14, 200}) {
    EXPECT_EQ(outcome(QueryBuilder().question({0xc0, target}).bytes()), ParseOutcome::form_error);
    EXPECT_EQ(outcome(QueryBuilder().question({1, 'a', 0xc0, target}).bytes()), ParseOutcome::form_error);
  }
  QueryBuilder answer = ask();
  answer.answers = 1;
  const auto here = static_cast<std::uint8_t>(header_size + answer.body.size());
  answer.body += record({0xc0, here}, Rtype::CNAME, class_in, {0xc0, here});
  EXPECT_EQ(outcome(answer.bytes()), ParseOutcome::ok) << "names of records are not followed";
}

// CVE-2016-7068, CVE-2023-4408: as many records as fit, of every kind.
TEST(HostilePackets, VeryManyRecords) {
  for (const Rtype type : {Rtype::A, Rtype::SOA, Rtype::CNAME, Rtype::DNAME}) {
    QueryBuilder many = ask();
    while (many.body.size() < 65000) {
      ++many.answers;
      many.body += record({0xc0, 12}, type, class_in, {});
    }
    EXPECT_EQ(outcome(many.bytes()), ParseOutcome::ok);
  }
  QueryBuilder announced = ask();
  announced.answers = announced.authority = announced.additional = 65535;
  EXPECT_EQ(outcome(announced.bytes()), ParseOutcome::form_error);
}

TEST(HostilePackets, VeryManyOptions) {
  Bytes options;
  while (options.size() < 65000) options += option(65001, {});
  EXPECT_EQ(outcome(ask().add(opt(options)).bytes()), ParseOutcome::ok);
}

// CVE-2016-5426, CVE-2016-5427: names over 255 octets, dots inside labels; other servers: the root as the whole name.
TEST(HostilePackets, OddNames) {
  EXPECT_EQ(outcome(ask(std::string(63, '.').insert(0, "a")).bytes()), ParseOutcome::form_error);
  Bytes long_name;
  for (int i = 0; i < 1000; ++i) long_name += Bytes{63, 'a'};
  EXPECT_EQ(outcome(QueryBuilder().question(long_name).bytes()), ParseOutcome::form_error);
  EXPECT_EQ(outcome(QueryBuilder().question({3, 'a', '.', 'b', 0}).bytes()), ParseOutcome::ok);
  EXPECT_EQ(outcome(QueryBuilder().question({2, 0, 0, 0}).bytes()), ParseOutcome::ok);
  EXPECT_EQ(outcome(QueryBuilder().question({0}).bytes()), ParseOutcome::ok);
  QueryBuilder name_only;
  name_only.body = {0};
  EXPECT_EQ(outcome(name_only.bytes()), ParseOutcome::form_error) << "no type and class";
}

// CVE-2021-36754 (QTYPE 65535 with OPT), CVE-2015-5477 (TKEY), CVE-2015-8000, CVE-2026-5946 (classes).
TEST(HostilePackets, EveryTypeAndClassIsOnlyANumber) {
  for (unsigned number = 0; number < 65536; number += 85) {
    Query query;
    const auto type = static_cast<Rtype>(number);
    ASSERT_EQ(parse_query(QueryBuilder().question({0}, type, number).add(opt({})).bytes(), query), ParseOutcome::ok);
    ASSERT_EQ(query.qtype, number);
    ASSERT_EQ(query.qclass, number);
  }
}

// CVE-2017-11104, CVE-2020-8617: malformed TSIG records of every length.
TEST(HostilePackets, MalformedTsig) {
  for (std::size_t size = 0; size < 64; ++size)
    EXPECT_EQ(outcome(ask().add(record({0}, Rtype::TSIG, class_in, Bytes(size, 0xff))).bytes()),
              ParseOutcome::signed_query);
}

// A crash of Knot DNS on NSID, and every length of every option up to those of later registries.
TEST(HostilePackets, OptionsOfEveryLength) {
  for (unsigned code = 0; code < 32; ++code) {
    for (std::size_t size = 0; size < 48; ++size) {
      const ParseOutcome got = outcome(ask().add(opt(option(code, Bytes(size, 0)))).bytes());
      EXPECT_TRUE(got == ParseOutcome::ok || got == ParseOutcome::form_error);
      if (code != option_client_subnet && code != option_cookie) {
        EXPECT_EQ(got, ParseOutcome::ok) << code;
      }
    }
  }
}

}  // namespace
}  // namespace gslb::dns
