#include "zones/zone_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/zone_fixture.hpp"

namespace gslb::zones {
namespace {

using dns::Rtype;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Builds what must not build. @return the errors as text
std::string errors_of(const ZoneSpec& spec) {
  base::ErrorList errors;
  EXPECT_EQ(build_zone(spec, errors), nullptr);
  return texts(errors);
}

std::string errors_of(ZoneSpec spec, std::string_view master_file) {
  const ScratchFolder folder;
  spec.files.push_back({folder.write("example.zone", master_file), {}});
  return errors_of(spec);
}

ZoneSpec spec_without_ns() {
  ZoneSpec spec = example_spec();
  spec.ns.clear();
  spec.soa.serial.reset();
  return spec;
}

struct Fault {
  const char* text;
  const char* error;
};

TEST(ZoneBuilder, RefusesWhatContradictsItself) {
  const Fault faults[] = {
      {"a.example.net. A 192.0.2.1", "example.zone:1:1: a.example.net. is not in the zone example.org."},
      {"xample.org. A 192.0.2.1", "xample.org. is not in the zone"},
      {"badexample.org. A 192.0.2.1", "badexample.org. is not in the zone"},
      {"a CNAME b\na A 192.0.2.1", "example.zone:1:1: a.example.org. has a CNAME beside A"},
      {"a CNAME b\na CNAME c", "a.example.org. has two CNAMEs"},
      {"a CNAME b\na DNAME c", "a.example.org. has a CNAME beside DNAME"},
      {"@ CNAME b", "example.org. has a CNAME beside NS"},
      {"a DNAME b\na DNAME c", "a.example.org. has two DNAMEs"},
      {"a DNAME b\n\nx.a A 192.0.2.1", "example.zone:3:1: x.a.example.org. is below the DNAME at a.example.org."},
      {"a DNAME b\nx.y.a A 192.0.2.1", "x.y.a.example.org. is below the DNAME at a.example.org."},
      {"@ SOA ns1 hostmaster 1 2 3 4 5", "the SOA of this zone comes from soa:"},
      {"a SOA ns1 hostmaster 1 2 3 4 5", "an SOA stands only at the apex, example.org."},
      {"@ NS ns2", "the name servers of the zone come from ns:"},
      {"* NS ns1", "a wildcard cannot be delegated"},
      {"* DNAME a", "a wildcard cannot have a DNAME"},
      {"www A 192.0.2.1", "example.zone:1:1: the addresses of www.example.org. come from its service"},
      {"www AAAA 2001:db8::1", "the addresses of www.example.org. come from its service"},
      {"www CNAME a", "a CNAME cannot stand beside a service"},
      {"www NS ns1", "services.www: www.example.org. is delegated to other name servers"},
      {"in.sub A 192.0.2.1\nsub NS ns1\n", "services.deep.sub: deep.sub.example.org. is delegated"},
      {"sub DNAME a", "services.deep.sub: deep.sub.example.org. is below the DNAME at sub.example.org."},
      {"a DS 1 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "a DS needs an NS"},
      {"a NSEC b A", "NSEC records are made by the server"},
      {"a CNAME b\nb A 192.0.2.1\nd NS a",
       "example.zone:3:1: NS of d.example.org. points to a.example.org., which is a CNAME"},
      {"ns1 CNAME b", "ns: NS of example.org. points to ns1.example.org., which is a CNAME"},
      {"a DNAME b\nd NS x.a", "NS of d.example.org. points to x.a.example.org., which is below a DNAME"},
      {"a 2147483648 A 192.0.2.1", "example.zone:1:3: \"2147483648\" is more than a TTL can be"},
      {"a BAD", "example.zone:1:3: \"BAD\" is no record type"},
  };
  for (const Fault& fault : faults) {
    ZoneSpec spec = example_spec();
    spec.services = {service("www", true, true), service("deep.sub", true, false)};
    EXPECT_THAT(errors_of(spec, fault.text), HasSubstr(fault.error)) << fault.text;
  }
}

/// The first lines of the warnings of a zone that builds.
std::string warnings_of(const ZoneSpec& spec) {
  base::ErrorList errors;
  EXPECT_NE(build_zone(spec, errors), nullptr) << texts(errors);
  std::string all;
  for (const auto& warning : errors.warnings()) {
    std::string line = headline(warning);
    if (const auto slash = line.rfind('/'); slash != std::string::npos) line.erase(0, slash + 1);
    all += line + "\n";
  }
  return all;
}

struct Oddity {
  const char* text;
  const char* warning;  ///< "" for none
};

TEST(ZoneBuilder, WarnsOfWhatIsOddAndNotWrong) {
  const Oddity oddities[] = {
      {"", ""},
      {"d NS ns.d\nns.d A 192.0.2.1", ""},
      {"d NS ns.example.net.", ""},
      {"d NS ns.d",
       "example.zone:1:1: NS of d.example.org. points to ns.d.example.org., whose address is not here as glue\n"},
      {"d NS x", "example.zone:1:1: NS of d.example.org. points to x.example.org., which does not exist\n"},
      {"d NS x\nx TXT y", "example.zone:1:1: NS of d.example.org. points to x.example.org., which has no address\n"},
      {"d NS x.y\n*.y A 192.0.2.1", ""},
      {"d NS www", ""},
      {"d NS d\nd A 192.0.2.1", ""},
      {"a MX 0 .", ""},
      {"a MX 10 www", ""},
      {"a MX 10 b\nb CNAME www", "example.zone:1:1: MX of a.example.org. points to b.example.org., which is a CNAME\n"},
      {"a SRV 0 0 1 b\nb CNAME www",
       "example.zone:1:1: SRV of a.example.org. points to b.example.org., which is a CNAME\n"},
      {"a MX 10 b", "example.zone:1:1: MX of a.example.org. points to b.example.org., which does not exist\n"},
      {"a MX 10 mail.d\nd NS ns.example.net.", ""},
      {"a A 192.0.2.1\na 5 A 192.0.2.2", "example.zone:1:1: the TTLs of a.example.org. A differ: all get 5 s\n"},
      {"a 5 A 192.0.2.1\n\na 5 A 192.0.2.1", "example.zone:3:1: this record is there twice\n"},
      {"a.*.b A 192.0.2.1",
       "example.zone:1:1: the * in a.*.b.example.org. stands for itself: only a first label is a wildcard\n"},
      {"*.b A 192.0.2.1", ""},
      {"d NS ns.example.net.\nx.d TXT y",
       "example.zone:2:1: TXT below the delegation of d.example.org. is never answered: it belongs into that zone\n"},
  };
  for (const Oddity& oddity : oddities) {
    const ScratchFolder folder;
    ZoneSpec spec = example_spec();
    spec.services = {service("www", true, true)};
    spec.records = {record("ns1", "A", "192.0.2.53")};
    spec.files.push_back({folder.write("example.zone", oddity.text), {}});
    EXPECT_EQ(warnings_of(spec), oddity.warning) << oddity.text;
  }
}

TEST(ZoneBuilder, WarnsOfOddTimesInTheSoa) {
  ZoneSpec spec = example_spec();
  spec.records = {record("ns1", "A", "192.0.2.53")};
  spec.soa.retry = 3600;
  spec.soa.expire = 7000;
  spec.soa.minimum = 86401;
  EXPECT_EQ(warnings_of(spec),
            "soa: SOA: retry, 3600 s, is not below refresh, 3600 s\n"
            "soa: SOA: expire, 7000 s, is below refresh and retry together: a copy would end too soon\n"
            "soa: SOA: minimum, 86401 s, is more than a day: so long is a name missed that is added\n");
}

TEST(ZoneBuilder, TellsOfAHundredWarningsAndNoMore) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a" + std::to_string(i) + " MX 10 b\n";
  const ScratchFolder folder;
  ZoneSpec spec = example_spec();
  spec.files.push_back({folder.write("example.zone", text), {}});
  base::ErrorList errors;
  EXPECT_NE(build_zone(spec, errors), nullptr);
  EXPECT_EQ(errors.warnings().size(), 100U);
}

TEST(ZoneBuilder, IncludesFilesAndQuotesTheirLines) {
  const ScratchFolder folder;
  ZoneSpec spec = example_spec();
  spec.soa.serial.reset();
  folder.write("more.zone", "\nalias CNAME b\n");
  spec.files.push_back({folder.write("a.zone", "$INCLUDE more.zone\nalias TXT x\n"), {}});
  EXPECT_THAT(errors_of(spec),
              HasSubstr("more.zone:2:1: alias.example.org. has a CNAME beside TXT\n    2 | alias CNAME b\n"));
}

// DESIGN section 10: the newest of all input files, included ones too.
TEST(ZoneBuilder, NumbersAZoneByItsIncludedFilesToo) {
  const ScratchFolder folder;
  ZoneSpec spec = example_spec();
  spec.soa.serial.reset();
  const auto touch = [](const std::string& path, int seconds) {
    const auto at = std::chrono::sys_seconds(std::chrono::seconds(seconds));
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(at));
  };
  const std::string more = folder.write("more.zone", "a A 192.0.2.1\n");
  spec.files.push_back({folder.write("a.zone", "$INCLUDE more.zone\n"), {}});
  touch(spec.files[0].value, 1'700'000'500);
  touch(more, 1'700'000'700);
  EXPECT_EQ(build(spec)->serial(), 1'700'000'700U);
  EXPECT_EQ(build(spec)->serial(), 1'700'000'700U);
}

TEST(ZoneBuilder, NeedsAnSoaInAFileThatIsTheWholeZone) {
  ZoneSpec spec = spec_without_ns();
  spec.files_are_whole = true;
  EXPECT_THAT(errors_of(spec, "@ NS ns1\n"), HasSubstr("the zone example.org. has no SOA record"));
}

TEST(ZoneBuilder, ReportsAllErrorsAtOnce) {
  ZoneSpec spec = example_spec();
  spec.services = {service("www", true, false), service("WWW", true, false), service("a..b", true, false),
                   service("x.example.net.", true, false)};
  spec.records = {record("a..b", "A", "192.0.2.1"), record("a", "AA", "192.0.2.1"),
                  record("a", "A", "192.0.2"),      record("b", "CNAME", "c"),
                  record("b", "TXT", "x"),          record("y.example.net.", "A", "192.0.2.1")};
  spec.records.push_back(record("t", "A", "192.0.2.1"));
  spec.records.back().ttl = 0x80000000U;
  const ScratchFolder folder;
  spec.files.push_back({folder.path("missing.zone"), {}});
  spec.files.push_back({folder.write("bad.zone", "a BAD\nb BAD\n"), {}});
  const std::string errors = errors_of(spec);
  for (const char* expected :
       {"missing.zone: cannot open", "bad.zone:1:3: ", "bad.zone:2:3: ", "records.a..b.A: \"a..b\" is no domain name",
        "records.a.AA: \"AA\" is no record type", "records.a.A: A: ", "records.b.CNAME: b.example.org. has a CNAME",
        "records.y.example.net..A: y.example.net. is not in the zone", "records.t.A: the TTL is more than",
        "services.WWW: another service has this name", "services.a..b: \"a..b\" is no domain name",
        "services.x.example.net.: x.example.net. is not in the zone"})
    EXPECT_THAT(errors, HasSubstr(expected));
}

TEST(ZoneBuilder, QuotesTheLineOfAFileAnErrorIsAbout) {
  EXPECT_THAT(errors_of(example_spec(), "; one\n\nalias CNAME b\nalias TXT x\n"),
              HasSubstr("example.zone:3:1: alias.example.org. has a CNAME beside TXT\n    3 | alias CNAME b\n"));
}

TEST(ZoneBuilder, RefusesTtlsThatDoNotExist) {
  ZoneSpec spec = example_spec();
  spec.default_ttl = spec.ns_ttl = spec.soa.ttl = 0x80000000U;
  const std::string errors = errors_of(spec);
  for (const char* expected : {"default_ttl: ", "ns_ttl: ", "soa.ttl: "}) EXPECT_THAT(errors, HasSubstr(expected));
}

TEST(ZoneBuilder, RefusesAnRrsetThatFillsAMessage) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "a TXT \"" + std::to_string(i) + std::string(240, 'x') + "\"\n";
  EXPECT_THAT(errors_of(example_spec(), text), HasSubstr("too many: 76690 octets in a message; 40960 is the most"));
}

TEST(ZoneBuilder, NeedsNameServers) {
  EXPECT_THAT(errors_of(spec_without_ns(), "@ SOA ns1 hostmaster 1 2 3 4 5\n"),
              HasSubstr("ns: the zone example.org. has no name servers"));
  EXPECT_THAT(errors_of(spec_without_ns()), HasSubstr("ns: the zone example.org. has no name servers"));
}

TEST(ZoneBuilder, TakesSoaAndNsFromAFileThatIsTheWholeZone) {
  const auto zone = build(spec_without_ns(), R"($TTL 1h
@ SOA ns1 admin 42 1h 10m 1w 60
@ NS ns1
@ NS ns2.example.net.
ns1 A 192.0.2.53
)");
  EXPECT_EQ(zone->serial(), 42U);
  EXPECT_THAT(ask(*zone, "example.org.", Rtype::SOA).lines,
              ElementsAre("SOA 3600 ns1.example.org. admin.example.org. 42 3600 600 604800 60"));
  EXPECT_THAT(ask(*zone, "example.org.", Rtype::NS).lines,
              ElementsAre("NS 3600 ns1.example.org.", "NS 3600 ns2.example.net."));
  EXPECT_EQ(zone->negative_soa().ttl, 60U);
}

TEST(ZoneBuilder, PrefersTheSerialOfTheConfiguration) {
  ZoneSpec spec = spec_without_ns();
  spec.soa.serial = 9;
  EXPECT_EQ(build(spec, "@ SOA ns1 admin 42 1h 10m 1w 60\n@ NS ns1\n")->serial(), 9U);
}

TEST(ZoneBuilder, RefusesASecondSoa) {
  EXPECT_THAT(errors_of(spec_without_ns(), "@ NS ns1\n@ SOA ns1 a 1 2 3 4 5\n@ SOA ns1 a 2 2 3 4 5\n"),
              HasSubstr("example.zone:3:1: a second SOA"));
}

TEST(ZoneBuilder, AcceptsNameServersThatAFileRepeats) {
  EXPECT_THAT(ask(*build(example_spec(), "@ 5 NS NS1\n"), "example.org.", Rtype::NS).lines,
              ElementsAre("NS 3600 ns1.example.org."));
}

TEST(ZoneBuilder, MakesTheSoaFromWhatIsGiven) {
  ZoneSpec spec = example_spec();
  spec.soa.mname = name("primary.example.net.");
  spec.soa.rname = name("admin.example.net.");
  EXPECT_THAT(ask(*build(spec), "example.org.", Rtype::SOA).lines,
              ElementsAre("SOA 3600 primary.example.net. admin.example.net. 7 3600 600 604800 30"));
}

TEST(ZoneBuilder, NumbersAZoneByTheNewestOfItsFiles) {
  const ScratchFolder folder;
  ZoneSpec spec = example_spec();
  spec.soa.serial.reset();
  spec.modified = 1'700'000'000;
  EXPECT_EQ(build(spec)->serial(), 1'700'000'000U);
  spec.files.push_back({folder.write("a.zone", "a A 192.0.2.1\n"), {}});
  const auto at = std::chrono::sys_seconds(std::chrono::seconds(1'700'000'500));
  std::filesystem::last_write_time(spec.files[0].value, std::chrono::file_clock::from_sys(at));
  EXPECT_EQ(build(spec)->serial(), 1'700'000'500U);
  spec.modified = 1'700'000'900;
  EXPECT_EQ(build(spec)->serial(), 1'700'000'900U);
}

// RFC 2181 section 5 and 5.2.
TEST(ZoneBuilder, CountsDuplicatesOnceAndTakesTheLowestTtl) {
  const auto zone = build(example_spec(), "a 60 A 192.0.2.2\na 30 A 192.0.2.1\na 90 A 192.0.2.2\n");
  EXPECT_THAT(ask(*zone, "a.example.org.", Rtype::A).lines, ElementsAre("A 30 192.0.2.1", "A 30 192.0.2.2"));
}

TEST(ZoneBuilder, JoinsFilesAndRecords) {
  const ScratchFolder folder;
  ZoneSpec spec = example_spec();
  spec.files.push_back({folder.write("a.zone", "a A 192.0.2.1\n"), {}});
  spec.files.push_back({folder.write("b.zone", "a A 192.0.2.2\n"), {}});
  spec.records.push_back(record("a", "A", "192.0.2.3"));
  spec.records.push_back(record("@", "MX", "10 a"));
  const auto zone = build(spec);
  EXPECT_THAT(ask(*zone, "a.example.org.", Rtype::A).lines,
              ElementsAre("A 3600 192.0.2.1", "A 3600 192.0.2.2", "A 3600 192.0.2.3"));
  EXPECT_THAT(additionals(*zone, *ask(*zone, "example.org.", Rtype::MX).answer.rrset).size(), 3U);
}

TEST(ZoneBuilder, CountsAFallbackAddressAsAnAddressOfTheService) {
  ZoneSpec spec = example_spec();
  spec.services.push_back(service("www", true, false));
  EXPECT_EQ(ask(*build(spec), "www.example.org.", Rtype::AAAA).outcome, Outcome::nodata);
  spec.services[0].fallback.push_back(*base::parse_address("2001:db8::9"));
  EXPECT_EQ(ask(*build(spec), "www.example.org.", Rtype::AAAA).outcome, Outcome::service);
}

TEST(ZoneBuilder, PutsAServiceAtTheApex) {
  ZoneSpec spec = example_spec();
  spec.services.push_back(service("@", true, false));
  const auto zone = build(spec);
  EXPECT_EQ(ask(*zone, "example.org.", Rtype::A).outcome, Outcome::service);
  EXPECT_EQ(ask(*zone, "example.org.", Rtype::NS).outcome, Outcome::answer);
}

// Equal input, equal image: nodes of one zone can be compared.
TEST(ZoneBuilder, DoesNotDependOnTheOrderOfRecordsInAnRrset) {
  const auto one = build(example_spec(), "a A 192.0.2.1\na A 192.0.2.2\na TXT x\n");
  const auto other = build(example_spec(), "a TXT x\na A 192.0.2.2\na A 192.0.2.1\n");
  EXPECT_EQ(ask(*one, "a.example.org.", Rtype::A).lines, ask(*other, "a.example.org.", Rtype::A).lines);
  EXPECT_EQ(one->octets(), other->octets());
}

TEST(ZoneBuilder, KeepsScatteredRecordsOfManyNamesTogether) {
  std::string text;
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 20000; ++i)
      text += "n" + std::to_string(i) + ".ent" + std::to_string(i % 100) + " A 192.0.2." + std::to_string(round) + "\n";
  const auto zone = build(example_spec(), text);
  EXPECT_EQ(zone->names(), 20000U + 100U + 1U);
  for (const int i : {0, 1, 777, 19999}) {
    const std::string parent = "ent" + std::to_string(i % 100) + ".example.org.";
    EXPECT_EQ(ask(*zone, "n" + std::to_string(i) + "." + parent, Rtype::A).lines.size(), 3U);
    EXPECT_EQ(ask(*zone, parent, Rtype::A).outcome, Outcome::nodata);
  }
}

}  // namespace
}  // namespace gslb::zones
