#include "dns/rdata.hpp"

#include <gmock/gmock.h>
#include <ldns/ldns.h>

#include <memory>

#include "dns/svcb.hpp"

namespace gslb::dns {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

const Name origin = Name::parse("example.org.").value();

Bytes wire(Rtype type, std::string_view text) {
  Bytes out;
  const auto result = parse_rdata(type, text, origin, out);
  EXPECT_TRUE(result) << text << ": " << result.error().what;
  return out;
}

std::string fault(Rtype type, std::string_view text) {
  Bytes out{7};
  const auto result = parse_rdata(type, text, origin, out);
  EXPECT_EQ(out, Bytes{7}) << "out is unchanged on error";
  return result ? "" : result.error().what;
}

/// The canonical wire form that ldns makes of the same text.
Bytes ldns_wire(Rtype type, const std::string& text) {
  const std::string line = ". 0 IN " + to_string(type) + ' ' + text;
  const std::unique_ptr<ldns_rdf, decltype(&ldns_rdf_deep_free)> base(ldns_dname_new_frm_str("example.org."),
                                                                      &ldns_rdf_deep_free);
  ldns_rr* raw = nullptr;
  EXPECT_EQ(ldns_rr_new_frm_str(&raw, line.c_str(), 0, base.get(), nullptr), LDNS_STATUS_OK) << line;
  const std::unique_ptr<ldns_rr, decltype(&ldns_rr_free)> record(raw, &ldns_rr_free);
  const std::unique_ptr<ldns_buffer, decltype(&ldns_buffer_free)> buffer(ldns_buffer_new(512), &ldns_buffer_free);
  ldns_rr2canonical(raw);
  EXPECT_EQ(ldns_rr_rdata2buffer_wire(buffer.get(), raw), LDNS_STATUS_OK);
  return {ldns_buffer_begin(buffer.get()), ldns_buffer_begin(buffer.get()) + ldns_buffer_position(buffer.get())};
}

struct Sample {
  Rtype type;
  const char* text;
};

const Sample samples[] = {
    {Rtype::A, "192.0.2.1"},
    {Rtype::AAAA, "2001:db8::1"},
    {Rtype::AAAA, "::"},
    {Rtype::NS, "ns1"},
    {Rtype::CNAME, "WWW.Example.NET."},
    {Rtype::DNAME, "."},
    {Rtype::PTR, "a\\.b\\032c"},
    {Rtype::MX, "10 mail"},
    {Rtype::MX, "0 ."},
    {Rtype::SRV, "1 2 443 www.example.net."},
    {Rtype::TXT, "\"v=spf1 -all\""},
    {Rtype::TXT, "one \"t w o\" \"\""},
    {Rtype::TXT, "\"quote \\\" back \\\\ \\009 \\255 ; ( )\""},
    {Rtype::SOA, "ns1 hostmaster 1 7200 900 1209600 300"},
    {Rtype::SOA, "ns1 hostmaster 4294967295 2h 15m 2w 1h30m"},
    {Rtype::SOA, "ns1 hostmaster 1 2H30s 1d 1W 90S"},
};

// RFC 1035 section 3.3, RFC 3596, RFC 2782, RFC 6672: our scanner and ldns agree.
TEST(RecordData, OfCommonTypesIsWhatLdnsMakesOfIt) {
  for (const auto& [type, text] : samples) EXPECT_EQ(wire(type, text), ldns_wire(type, text)) << text;
}

TEST(RecordData, SurvivesTextAndBack) {
  for (const auto& [type, text] : samples) {
    const Bytes rdata = wire(type, text);
    EXPECT_EQ(wire(type, rdata_to_string(type, rdata)), rdata) << text;
  }
}

TEST(RecordData, OfOtherTypesIsReadByLdns) {
  const struct {
    const char* type;
    const char* text;
  } cases[] = {
      {"CAA", "0 issue \"ca.example.net; account=1\""},
      {"URI", "10 1 \"https://www.example.org/a b\""},
      {"LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"},
      {"DS", "12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
      {"TLSA", "3 1 1 01 23 45"},
      {"SSHFP", "4 2 012345"},
      {"NAPTR", "100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example.org!\" ."},
      {"NAPTR", "100 10 \"\" \"\" \"\" Replacement"},
      {"SVCB", "1 svc port=8443 alpn=h2"},
      {"HTTPS", "1 . alpn=\"h2,h3\" ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"},
      {"HTTPS", "0 www.example.net."},
      {"HTTPS", "1 . mandatory=alpn,port alpn=h2 port=443 no-default-alpn key65400=\"a b\""},
      {"HINFO", "\"a b\" c"},
      {"RP", "Mbox.Example.NET. text"},
      {"DNSKEY", "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="},
      {"OPENPGPKEY", "AAAA"},
      {"EUI48", "00-00-5e-00-53-2a"},
  };
  for (const auto& [mnemonic, text] : cases) {
    const Rtype type = parse_rtype(mnemonic).value();
    const Bytes rdata = wire(type, text);
    EXPECT_EQ(rdata, ldns_wire(type, text)) << text;
    const std::string printed = rdata_to_string(type, rdata);
    EXPECT_EQ(wire(type, printed), rdata) << printed;
    EXPECT_THAT(printed, testing::Not(HasSubstr("\\#"))) << text;
  }
}

// RFC 4034 section 6.2: the names in the data of older types are in lower case.
TEST(RecordData, HasItsNamesInLowerCaseWhereCanonicalFormWantsIt) {
  EXPECT_EQ(wire(Rtype::MX, "10 MAIL"), wire(Rtype::MX, "10 mail"));
  EXPECT_EQ(wire(*parse_rtype("NAPTR"), "1 1 \"\" \"\" \"\" ABC."),
            wire(*parse_rtype("NAPTR"), "1 1 \"\" \"\" \"\" abc."));
}

TEST(RecordData, CompletesNamesWithTheOrigin) {
  EXPECT_EQ(rdata_to_string(Rtype::MX, wire(Rtype::MX, "10 mail")), "10 mail.example.org.");
  EXPECT_EQ(rdata_to_string(Rtype::NS, wire(Rtype::NS, "@")), "example.org.");
  EXPECT_EQ(rdata_to_string(Rtype::SVCB, wire(Rtype::SVCB, "1 svc")), "1 svc.example.org.");
}

TEST(RecordData, ToleratesBlanksAroundItsFields) {
  EXPECT_EQ(wire(Rtype::MX, " \t10 \t mail \r\n"), wire(Rtype::MX, "10 mail"));
}

TEST(RecordData, IsAppended) {
  Bytes out{1};
  ASSERT_TRUE(parse_rdata(Rtype::A, "192.0.2.1", origin, out));
  EXPECT_THAT(out, ElementsAre(1, 192, 0, 2, 1));
}

// RFC 1035 section 3.3.14.
TEST(TxtData, IsStringsOfAtMost255Octets) {
  EXPECT_THAT(wire(Rtype::TXT, "\"a\"\"b\" c"), ElementsAre(1, 'a', 1, 'b', 1, 'c'));
  EXPECT_EQ(wire(Rtype::TXT, '"' + std::string(255, 'x') + '"').size(), 256U);
  EXPECT_THAT(fault(Rtype::TXT, '"' + std::string(256, 'x') + '"'), HasSubstr("256 octets"));
  EXPECT_THAT(fault(Rtype::TXT, ""), HasSubstr("missing"));
  std::string large;
  for (int i = 0; i < 256; ++i) large += std::string(255, 'x') + ' ';
  EXPECT_THAT(fault(Rtype::TXT, large), HasSubstr("65,535"));
}

TEST(RecordData, SaysWhatIsWrong) {
  const struct {
    Rtype type;
    const char* text;
    const char* what;
  } cases[] = {
      {Rtype::A, "192.0.2.300", "\"192.0.2.300\" is not an IPv4 address"},
      {Rtype::A, "2001:db8::1", "is not an IPv4 address"},
      {Rtype::A, "", "the address is missing"},
      {Rtype::A, "192.0.2.1 192.0.2.2", "nothing may follow, but \"192.0.2.2\" does"},
      {Rtype::AAAA, "192.0.2.1", "is not an IPv6 address"},
      {Rtype::NS, "a..b", "the target \"a..b\" is not a domain name"},
      {Rtype::NS, "\"ns1\"", "is not a domain name"},
      {Rtype::MX, "mail 10", "the preference must be 0 to 65535, is \"mail\""},
      {Rtype::MX, "65536 mail", "0 to 65535"},
      {Rtype::MX, "10x mail", "0 to 65535"},
      {Rtype::MX, "-1 mail", "0 to 65535"},
      {Rtype::MX, "10", "the exchange is missing"},
      {Rtype::SRV, "1 2 443", "the target is missing"},
      {Rtype::SOA, "ns1 hostmaster 4294967296 1 1 1 1", "the serial must be"},
      {Rtype::SOA, "ns1 hostmaster 1 1x 1 1 1", "the refresh \"1x\" is neither"},
      {Rtype::SOA, "ns1 hostmaster 1 1h30 1 1 1", "is neither"},
      {Rtype::SOA, "ns1 hostmaster 1 h 1 1 1", "is neither"},
      {Rtype::SOA, "ns1 hostmaster 1 1 1 1 999999w", "is neither"},
      {Rtype::SOA, "ns1 hostmaster 1 1 1 1", "the minimum is missing"},
      {Rtype::TXT, "\"open", "a quote is not closed"},
      {Rtype::TXT, "a\"b\"", "a quote inside"},
      {Rtype::TXT, "\"\\999\"", "\\\\000 to \\\\255"},
      {Rtype::TXT, "\"\\25\"", "\\\\000 to \\\\255"},
      {Rtype::TXT, "a\\", "escapes nothing"},
      {Rtype::TXT, "v=DKIM1; k=rsa", "\";\" must stand in quotes"},
      {Rtype::SOA, "ns1 hostmaster ( 1 1 1 1 1 )", "\"(\" must stand in quotes"},
      {Rtype::TXT, "a )", "\")\" must stand in quotes"},
      {Rtype::CAA, "0 issue \"ca.example.net", "a quote is not closed"},
      {Rtype::CAA, "0", "is not valid"},
      {Rtype::CAA, "", "is not valid"},
      {Rtype::DS, "1 13 2 01;23", "\";\" must stand in quotes"},
      {Rtype::DS, "1 13 2 01 xyz", "is not valid"},
      {*parse_rtype("CERT"), "0 1 13 AAAA", "certificate type 0 is reserved"},
      {*parse_rtype("CERT"), "65536 1 13 AAAA", "certificate type 0 is reserved"},
      {*parse_rtype("CERT"), "0", "certificate type 0 is reserved"},
      {*parse_rtype("CERT"), "0x 1 13 AAAA", "is not valid"},
      {*parse_rtype("CERT"), "PKIX 1", "is not valid"},
      {*parse_rtype("URI"), "255 65536 \"\"", "a value is out of its range"},
      {*parse_rtype("NULL"), "x", "RFC 3597"},
      {static_cast<Rtype>(0), "x", "no record of a zone has this type"},
      {Rtype::OPT, "\\# 0", "no record of a zone has this type"},
      {Rtype::ANY, "x", "no record of a zone has this type"},
      {static_cast<Rtype>(65280), "x", "RFC 3597"},
      {static_cast<Rtype>(65280), "\\#x", "RFC 3597"},
  };
  for (const auto& [type, text, what] : cases) {
    std::string wanted(what);
    for (std::size_t at; (at = wanted.find("\\\\")) != std::string::npos;) wanted.erase(at, 1);
    EXPECT_THAT(fault(type, text), testing::AllOf(HasSubstr(wanted), testing::StartsWith(to_string(type) + ": ")))
        << text;
  }
  EXPECT_THAT(fault(Rtype::CAA, std::string_view("0 issue a\0b", 11)), HasSubstr("NUL"));
}

// RFC 3597 section 5.
TEST(GenericData, MayBeGivenForEveryType) {
  const auto unknown = static_cast<Rtype>(65280);
  EXPECT_THAT(wire(unknown, "\\# 3 01 02FF"), ElementsAre(1, 2, 255));
  EXPECT_TRUE(wire(unknown, "\\# 0").empty());
  EXPECT_EQ(rdata_to_string(unknown, Bytes{1, 2, 255}), "\\# 3 0102ff");
  EXPECT_EQ(rdata_to_string(unknown, {}), "\\# 0");
  EXPECT_EQ(wire(Rtype::A, "\\# 4 c0000201"), wire(Rtype::A, "192.0.2.1"));
  EXPECT_EQ(wire(Rtype::MX, "\\# 8 000a 04 4d41494c 00 "), wire(Rtype::MX, "10 mail."));
  EXPECT_EQ(wire(Rtype::CAA, "\\# 8 00 05 6973737565 61"), wire(Rtype::CAA, "0 issue \"a\""));
}

TEST(GenericData, IsHeldToItsLengthAndItsType) {
  const auto unknown = static_cast<Rtype>(65280);
  EXPECT_THAT(fault(unknown, "\\#"), HasSubstr("length is missing"));
  EXPECT_THAT(fault(unknown, "\\# 65536 00"), HasSubstr("0 to 65535"));
  EXPECT_THAT(fault(unknown, "\\# 2 00"), HasSubstr("announces 2 octets"));
  EXPECT_THAT(fault(unknown, "\\# 1 000"), HasSubstr("announces 1 octets"));
  for (const char* digits : {"0g", "g0", "/0", "0:", "0@", "0G", "0`"})
    EXPECT_THAT(fault(unknown, std::string("\\# 1 ") + digits),
                HasSubstr(std::string(digits) + "\" is not hexadecimal"));
  EXPECT_THAT(fault(Rtype::A, "\\# 3 c00002"), HasSubstr("not valid A data"));
  EXPECT_THAT(fault(Rtype::A, "\\# 5 c000020100"), HasSubstr("not valid A data"));
  EXPECT_THAT(fault(Rtype::NS, "\\# 2 c000"), HasSubstr("not valid NS data")) << "compressed";
  EXPECT_THAT(fault(Rtype::NS, "\\# 3 016100ff"), HasSubstr("announces"));
  EXPECT_THAT(fault(Rtype::NS, "\\# 4 016100ff"), HasSubstr("not valid NS data"));
  EXPECT_THAT(fault(Rtype::TXT, "\\# 0"), HasSubstr("not valid TXT data"));
  EXPECT_THAT(fault(Rtype::A, "\\# 0"), HasSubstr("not valid A data"));
  EXPECT_THAT(fault(Rtype::MX, "\\# 2 000a"), HasSubstr("not valid MX data"));
  EXPECT_THAT(fault(Rtype::SOA, "\\# 6 000000000001"), HasSubstr("not valid SOA data"));
}

TEST(ServiceParameters, ArePrintedHoweverLongTheyAre) {
  Bytes rdata{0, 1, 0, 0xff, 0x78, 0x0f, 0xa0};  // priority 1, target ".", key65400 of 4,000 octets
  rdata.resize(rdata.size() + 4000, 1);
  EXPECT_EQ(wire(Rtype::SVCB, rdata_to_string(Rtype::SVCB, rdata)), rdata);
}

// ldns prints a time by the 32 bits around now (RFC 4034 section 3.1.5 leaves it no choice); what it misprints is not
// shown.
TEST(GenericData, IsPrintedWhereLdnsWouldPrintSomethingElse) {
  Bytes rrsig = wire(Rtype::RRSIG, "A 13 2 60 20361124000000 20161124000000 1 example.org. AA==");
  const std::string good = rdata_to_string(Rtype::RRSIG, rrsig);
  EXPECT_THAT(good, HasSubstr("20361124000000"));
  bool generic = false;
  for (unsigned high = 0; high < 256; ++high) {
    rrsig[8] = static_cast<std::uint8_t>(high);
    const std::string text = rdata_to_string(Rtype::RRSIG, rrsig);
    generic = generic || text.starts_with("\\#");
    EXPECT_EQ(wire(Rtype::RRSIG, text), rrsig) << high;
  }
  EXPECT_TRUE(generic);
}

TEST(RecordData, MayBeEmptyWhereItsTypeAllowsIt) {
  const Rtype apl = parse_rtype("APL").value();
  EXPECT_EQ(rdata_to_string(apl, {}), "\\# 0");
}

TEST(RecordData, OfEveryTypeOfLdnsIsKnownOrGeneric) {
  for (unsigned number = 0; number < 65536; ++number) {
    const auto type = static_cast<Rtype>(number);
    EXPECT_FALSE(rdata_to_string(type, Bytes{1, 2, 3}).empty()) << number;
  }
}

TEST(GenericData, IsPrintedWhereTheOctetsAreNotThoseOfTheType) {
  EXPECT_EQ(rdata_to_string(Rtype::A, Bytes{1, 2, 3}), "\\# 3 010203");
  EXPECT_EQ(rdata_to_string(Rtype::NS, Bytes{0xc0, 0}), "\\# 2 c000");
  EXPECT_EQ(rdata_to_string(Rtype::OPT, Bytes{0, 13, 0, 0}), "\\# 4 000d0000");
}

// RFC 9460 sections 2.2, 2.4.2, 7 and 8.
TEST(ServiceBinding, IsHeldToTheRulesOfItsParameters) {
  const struct {
    const char* text;
    const char* what;
  } cases[] = {
      {"1 . alpn=h2 alpn=h3", "alpn stands there twice"},
      {"0 svc alpn=h2", "priority 0 makes an alias"},
      {"1 . no-default-alpn", "no-default-alpn needs alpn"},
      {"1 . mandatory=port alpn=h2", "mandatory names port, which is not there"},
      {"1 . mandatory=mandatory", "not itself"},
      {"\\# 18 0001 00 0000 0004 0001 0001 0001 0003 026832", "each key once"},
      {"\\# 15 0001 00 0003 0002 01bb 0001 0000", "announces"},
      {"\\# 16 0001 00 0003 0002 01bb 0001 0003 02 6832", "the keys are not in the order"},
      {"\\# 8 0001 00 0003 0001 01", "the value of port is not valid"},
      {"\\# 10 0001 00 0004 0003 c00002", "is not valid"},
      {"\\# 7 0001 00 0004 0000", "the value of ipv4hint is not valid"},
      {"\\# 9 0001 00 0001 0002 0568", "the value of alpn is not valid"},
      {"\\# 8 0001 00 0002 0001 00", "is not valid"},
      {"\\# 8 0001 00 0001 0001 00", "the value of alpn is not valid"},
      {"\\# 7 0001 00 0001 0000", "the value of alpn is not valid"},
      {"\\# 8 0001 00 0000 0001 01", "the value of mandatory is not valid"},
      {"\\# 8 0001 00 0006 0001 01", "the value of ipv6hint is not valid"},
      {"\\# 9 0001 00 0000 0002 0002", "mandatory names no-default-alpn, which is not there"},
      {"\\# 9 0001 00 0000 0002 0005", "mandatory names ech, which is not there"},
      {"\\# 9 0001 00 0000 0002 0007", "mandatory names dohpath, which is not there"},
      {"\\# 9 0001 00 0000 0002 ff78", "mandatory names key65400, which is not there"},
      {"\\# 5 0001 00 0003", "not"},
  };
  for (const auto& [text, what] : cases) {
    for (const Rtype type : {Rtype::SVCB, Rtype::HTTPS}) EXPECT_THAT(fault(type, text), HasSubstr(what)) << text;
  }
}

// Octets that ldns has not looked at.
TEST(ServiceBinding, IsNeverReadBeyondItsEnd) {
  EXPECT_EQ(svcb_fault(Bytes{0, 1}), "the target is not whole");
  EXPECT_EQ(svcb_fault(Bytes{0, 1, 1, 'a'}), "the target is not whole");
  EXPECT_EQ(svcb_fault(Bytes{0, 1, 0, 0, 3, 0}), "a parameter is not whole");
  EXPECT_EQ(svcb_fault(Bytes{0, 1, 0, 0, 3, 0, 2, 1}), "a parameter is not whole");
  EXPECT_EQ(svcb_fault(Bytes{0, 1, 0, 0, 3, 0, 2, 1, 187}), std::nullopt);
}

TEST(ServiceBinding, SortsItsParameters) {
  EXPECT_EQ(wire(Rtype::HTTPS, "1 . port=443 alpn=h2"), wire(Rtype::HTTPS, "1 . alpn=h2 port=443"));
}

}  // namespace
}  // namespace gslb::dns
