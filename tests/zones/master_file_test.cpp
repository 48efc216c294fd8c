#include "zones/master_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "dns/rdata.hpp"

namespace gslb::zones {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// "owner TTL TYPE data" of each record.
class Collector final : public MasterRecordSink {
 public:
  std::optional<std::string> add(const MasterRecord& record) override {
    if (record.type == dns::Rtype::PTR) return "no PTR here";
    records.push_back(dns::to_string(record.owner) + " " + std::to_string(record.ttl) + " " +
                      dns::to_string(record.type) + " " + dns::rdata_to_string(record.type, record.rdata));
    last_line = record.line;
    return std::nullopt;
  }
  base::Result<std::shared_ptr<const base::SourceFile>> open(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return base::Error{path + ": no such file"};
    return std::make_shared<const base::SourceFile>(base::SourceFile{path, found->second});
  }
  std::map<std::string, std::string> files;
  std::vector<std::string> records;
  int last_line = 0;
};

struct Scanned {
  std::vector<std::string> records;
  std::vector<std::string> errors;  ///< "line:column: what"
  int last_line = 0;
};

/// @param files  what can be included
Scanned scan(std::string text, std::map<std::string, std::string> files = {}) {
  const auto file = std::make_shared<const base::SourceFile>(base::SourceFile{"zones/t.zone", std::move(text)});
  Collector sink;
  sink.files = std::move(files);
  base::ErrorList errors;
  scan_master_file(file, *dns::Name::parse("example.org."), 3600, sink, errors);
  Scanned scanned{std::move(sink.records), {}, sink.last_line};
  for (const auto& error : errors.all())
    scanned.errors.push_back((error.where.file->path == "zones/t.zone" ? "" : error.where.file->path + ":") +
                             std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + ": " +
                             error.what + (error.hint.empty() ? "" : " (" + error.hint + ")"));
  return scanned;
}

struct Form {
  const char* text;
  const char* record;
};

// RFC 1035 section 5.1.
TEST(MasterFile, ReadsEveryFormOfAnEntry) {
  const Form forms[] = {
      {"a A 192.0.2.1", "a.example.org. 3600 A 192.0.2.1"},
      {"a A 192.0.2.1\n", "a.example.org. 3600 A 192.0.2.1"},
      {"a A 192.0.2.1\r\n", "a.example.org. 3600 A 192.0.2.1"},
      {"a\t300\tIN\tA\t192.0.2.1 \t", "a.example.org. 300 A 192.0.2.1"},
      {"a IN 300 A 192.0.2.1", "a.example.org. 300 A 192.0.2.1"},
      {"a in 300 a 192.0.2.1", "a.example.org. 300 A 192.0.2.1"},
      {"a CLASS1 A 192.0.2.1", "a.example.org. 3600 A 192.0.2.1"},
      {"a IN 1h A 192.0.2.1", "a.example.org. 3600 A 192.0.2.1"},
      {"a 1h IN A 192.0.2.1", "a.example.org. 3600 A 192.0.2.1"},
      {"a 1h30m A 192.0.2.1", "a.example.org. 5400 A 192.0.2.1"},
      {"a 1W2D3H4M5S A 192.0.2.1", "a.example.org. 788645 A 192.0.2.1"},
      {"a 0 A 192.0.2.1", "a.example.org. 0 A 192.0.2.1"},
      {"a 2147483647 A 192.0.2.1", "a.example.org. 2147483647 A 192.0.2.1"},
      {"@ A 192.0.2.1", "example.org. 3600 A 192.0.2.1"},
      {"A.Example.ORG. A 192.0.2.1", "a.example.org. 3600 A 192.0.2.1"},
      {"a.example.net. A 192.0.2.1", "a.example.net. 3600 A 192.0.2.1"},
      {"* A 192.0.2.1", "*.example.org. 3600 A 192.0.2.1"},
      {"a\\.b A 192.0.2.1", "a\\.b.example.org. 3600 A 192.0.2.1"},
      {"a\\032b A 192.0.2.1", "a\\032b.example.org. 3600 A 192.0.2.1"},
      {"a\\;b A 192.0.2.1", "a\\;b.example.org. 3600 A 192.0.2.1"},
      {"\\$TTL A 192.0.2.1", "\\$ttl.example.org. 3600 A 192.0.2.1"},
      {"a A 192.0.2.1; a comment", "a.example.org. 3600 A 192.0.2.1"},
      {"a A 192.0.2.1 ; ( \" \\", "a.example.org. 3600 A 192.0.2.1"},
      {"; only a comment\n\n   \na A 192.0.2.1", "a.example.org. 3600 A 192.0.2.1"},
      {"a A ( 192.0.2.1 )", "a.example.org. 3600 A 192.0.2.1"},
      {"a ( A\n192.0.2.1 )", "a.example.org. 3600 A 192.0.2.1"},
      {"a MX (10 ; preference\n\n  mail ) ; end", "a.example.org. 3600 MX 10 mail.example.org."},
      {"a MX 10 (mail)", "a.example.org. 3600 MX 10 mail.example.org."},
      {"a (\n1h (\nMX ) 10 @ )", "a.example.org. 3600 MX 10 example.org."},
      {"a TXT \"one; (two)\" three", "a.example.org. 3600 TXT \"one; (two)\" \"three\""},
      {"a TXT ( \"one\"\n \"two\" )", "a.example.org. 3600 TXT \"one\" \"two\""},
      {"a TXT \"a \\\" b\"", "a.example.org. 3600 TXT \"a \\\" b\""},
      {"a TXT \"\"", "a.example.org. 3600 TXT \"\""},
      {"a TYPE65280 \\# 2 abcd", "a.example.org. 3600 TYPE65280 \\# 2 abcd"},
      {"a CAA 0 issue \"ca.example.net\"", "a.example.org. 3600 CAA 0 issue \"ca.example.net\""},
      {"$TTL 60\na A 192.0.2.1", "a.example.org. 60 A 192.0.2.1"},
      {"$ttl 1h ; comment\na A 192.0.2.1", "a.example.org. 3600 A 192.0.2.1"},
      {"$TTL 60\na 61 A 192.0.2.1", "a.example.org. 61 A 192.0.2.1"},
      {"$ORIGIN sub\na CNAME b", "a.sub.example.org. 3600 CNAME b.sub.example.org."},
      {"$ORIGIN example.net.\n@ NS @", "example.net. 3600 NS example.net."},
      {"$ORIGIN .\na A 192.0.2.1", "a. 3600 A 192.0.2.1"},
  };
  for (const Form& form : forms) {
    const Scanned scanned = scan(form.text);
    EXPECT_THAT(scanned.errors, IsEmpty()) << form.text;
    EXPECT_THAT(scanned.records, ElementsAre(form.record)) << form.text;
  }
}

TEST(MasterFile, RepeatsTheOwnerWhereItIsBlank) {
  EXPECT_THAT(scan("a A 192.0.2.1\n  A 192.0.2.2\n\n\tTXT x\n").records,
              ElementsAre("a.example.org. 3600 A 192.0.2.1", "a.example.org. 3600 A 192.0.2.2",
                          "a.example.org. 3600 TXT \"x\""));
}

// RFC 1035 section 5.1 without $TTL, RFC 2308 section 4 with it.
TEST(MasterFile, RepeatsTheLastTtlUnlessTheFileHasADefault) {
  EXPECT_THAT(
      scan("a A 192.0.2.1\na 60 A 192.0.2.2\na A 192.0.2.3\n").records,
      ElementsAre("a.example.org. 3600 A 192.0.2.1", "a.example.org. 60 A 192.0.2.2", "a.example.org. 60 A 192.0.2.3"));
  EXPECT_THAT(scan("$TTL 5\na 60 A 192.0.2.2\na A 192.0.2.3\n").records,
              ElementsAre("a.example.org. 60 A 192.0.2.2", "a.example.org. 5 A 192.0.2.3"));
}

TEST(MasterFile, CountsLinesThroughParentheses) {
  EXPECT_EQ(scan("\na TXT (\n x\n y )\n\nb A 192.0.2.1\n").last_line, 6);
}

TEST(MasterFile, IsEmptyWithoutEntries) {
  for (const char* text : {"", "\n", " ", ";", "; x\n\n \t\n"}) {
    EXPECT_THAT(scan(text).records, IsEmpty());
    EXPECT_THAT(scan(text).errors, IsEmpty());
  }
}

struct Fault {
  const char* text;
  const char* error;  ///< how the only error starts
};

TEST(MasterFile, SaysWhatIsWrongAndWhere) {
  const Fault faults[] = {
      {"  A 192.0.2.1", "1:3: the first record of a file needs an owner name"},
      {"a", "1:1: a type and data must follow the owner name"},
      {"a 300", "1:1: a type and data must follow"},
      {"a A 300.1.2.3", "1:5: A: "},
      {"a  A", "1:5: A: "},
      {"a A 192.0.2.1 192.0.2.2", "1:5: A: "},
      {"a AAA 192.0.2.1", "1:3: \"AAA\" is no record type (did you mean A"},
      {"a CNMAE b", "1:3: \"CNMAE\" is no record type (did you mean CNAME?)"},
      {"a CH A 192.0.2.1", "1:3: the only class is IN"},
      {"a CLASS3 A 192.0.2.1", "1:3: the only class is IN"},
      {"a 1x A 192.0.2.1", "1:3: \"1x\" is no TTL"},
      {"a 2147483648 A 192.0.2.1", "1:3: \"2147483648\" is more than a TTL can be"},
      {"a 9999999999999999999999w A 192.0.2.1", "1:3: \"9999999999999999999999w\" is more than"},
      {"a 3551w A 192.0.2.1", "1:3: \"3551w\" is more than"},
      {"a..b A 192.0.2.1", "1:1: \"a..b\" is no domain name"},
      {"a\\400 A 192.0.2.1", "1:1: \"a\\400\" is no domain name"},
      {"a TXT \"open\nb A 192.0.2.1", "1:7: this quotation mark is not closed"},
      {"a TXT ( \"open\n)", "1:9: this quotation mark is not closed"},
      {"a TXT ( x", "1:7: this parenthesis is not closed"},
      {"a TXT x )", "1:9: this parenthesis closes nothing"},
      {"$INCLUDE", "1:1: $INCLUDE needs a value"},
      {"$INCLUDE other.zone", "1:10: zones/other.zone: no such file"},
      {"$INCLUDE other.zone a..b", "1:21: \"a..b\" is no domain name"},
      {"$INCLUDE other.zone a b", "1:23: \"b\" is one word too many"},
      {"$INCLUDE t.zone", "1:10: this includes without end: zones/t.zone includes zones/t.zone"},
      {"$INCLUDE ../zones/./t.zone", "1:10: this includes without end"},
      {"$GENERATE", "1:1: $GENERATE needs a range"},
      {"$GENERATE 1-9", "1:1: $GENERATE needs an owner"},
      {"$GENERATE 1-9 a$", "1:1: $GENERATE needs a type"},
      {"$GENERATE 1-9 a$ A", "1:19: for 1: A: "},
      {"$GENERATE 9-1 a$ A 192.0.2.$", "1:11: \"9-1\" is no range"},
      {"$GENERATE 1-9/0 a$ A 192.0.2.$", "1:11: \"1-9/0\" is no range"},
      {"$GENERATE 1-2147483648 a$ A 192.0.2.$", "1:11: \"1-2147483648\" is no range"},
      {"$GENERATE 0-65536 a$ A 192.0.2.$", "1:11: this makes more than 65,536 records"},
      {"$GENERATE 250-300 a$ A 192.0.2.$", "1:24: for 256: A: "},
      {"$GENERATE 1-9 a${0,3,z} A 192.0.2.$", "1:15: for 1: after ${ must come offset,width,base"},
      {"$GENERATE 1-9 a${0,256} A 192.0.2.$", "1:15: for 1: after ${ must come offset,width,base"},
      {"$GENERATE 1-9 a${ A 192.0.2.$", "1:15: for 1: after ${ must come offset,width,base"},
      {"$GENERATE 0-9 a${-1} A 192.0.2.$", "1:15: for 0: with this offset the number is below zero"},
      {"$GENERATE 1-9 a..$ A 192.0.2.$", "1:15: for 1: \"a..1\" is no domain name"},
      {"$GENERATE 1-9 a$ CH A 192.0.2.$", "1:18: the only class is IN"},
      {"$GENERATE 1-9 a$ PTR b", "1:15: for 1: no PTR here"},
      {"$TLT 5", "1:1: \"$TLT\" is not known"},
      {"$INCLUD x",
       "1:1: \"$INCLUD\" is not known: the directives are $GENERATE, $INCLUDE, $ORIGIN and $TTL (did you "
       "mean $INCLUDE?)"},
      {"$TTL", "1:1: $TTL needs a value"},
      {"$TTL 5 6", "1:8: \"6\" is one word too many"},
      {"$TTL x", "1:6: \"x\" is no TTL"},
      {"$ORIGIN a..b", "1:9: \"a..b\" is no domain name"},
      {"a PTR b", "1:1: no PTR here"},
      {"a A \\# 3 000000", "1:5: A: "},
  };
  for (const Fault& fault : faults) {
    const Scanned scanned = scan(fault.text);
    ASSERT_EQ(scanned.errors.size(), 1U) << fault.text;
    EXPECT_THAT(scanned.errors[0], ::testing::StartsWith(fault.error)) << fault.text;
  }
}

TEST(MasterFile, GoesOnWithTheNextEntryAfterAnError) {
  const Scanned scanned = scan("a BAD (\n x\n y )\nb A 192.0.2.1\nc A ( 1\n 2 )\nd TXT \"x\n  TXT y\n");
  EXPECT_THAT(scanned.errors, ElementsAre(HasSubstr("1:3: "), HasSubstr("5:7: "), HasSubstr("7:7: ")));
  EXPECT_THAT(scanned.records, ElementsAre("b.example.org. 3600 A 192.0.2.1", "d.example.org. 3600 TXT \"y\""));
}

TEST(MasterFile, DropsWhatFollowsABadOwner) {
  const Scanned scanned = scan("a A 192.0.2.1\nb..c A 192.0.2.2\n A 192.0.2.3\nd A 192.0.2.4\n");
  EXPECT_EQ(scanned.errors.size(), 1U);
  EXPECT_THAT(scanned.records, ElementsAre("a.example.org. 3600 A 192.0.2.1", "d.example.org. 3600 A 192.0.2.4"));
}

// RFC 1035 section 5.1: what an included file sets ends with it.
TEST(MasterFile, IncludesAFileAndGoesOnWhereItWas) {
  const Scanned scanned =
      scan("$TTL 60\n$ORIGIN sub\na A 192.0.2.1\n$INCLUDE more.zone ; comment\n A 192.0.2.4\nb A 192.0.2.5\n",
           {{"zones/more.zone", "c A 192.0.2.2\n$TTL 5\n$ORIGIN deeper\nd A 192.0.2.3\n"}});
  EXPECT_THAT(scanned.errors, IsEmpty());
  EXPECT_THAT(scanned.records, ElementsAre("a.sub.example.org. 60 A 192.0.2.1", "c.sub.example.org. 60 A 192.0.2.2",
                                           "d.deeper.sub.example.org. 5 A 192.0.2.3",
                                           "a.sub.example.org. 60 A 192.0.2.4", "b.sub.example.org. 60 A 192.0.2.5"));
}

TEST(MasterFile, IncludesWithAnOriginOfItsOwn) {
  EXPECT_THAT(scan("$INCLUDE \"a file.zone\" sub\n$INCLUDE /etc/x.zone x.example.org.\n",
                   {{"zones/a file.zone", "@ A 192.0.2.1\n"}, {"/etc/x.zone", "a A 192.0.2.2\n"}})
                  .records,
              ElementsAre("sub.example.org. 3600 A 192.0.2.1", "a.x.example.org. 3600 A 192.0.2.2"));
}

TEST(MasterFile, TakesPathsFromTheFolderOfTheIncludingFile) {
  EXPECT_THAT(scan("$INCLUDE in/a.zone\n", {{"zones/in/a.zone", "$INCLUDE b.zone\n$INCLUDE ../c.zone\n"},
                                            {"zones/in/b.zone", "b A 192.0.2.1\n"},
                                            {"zones/c.zone", "c A 192.0.2.2\n"}})
                  .records,
              ElementsAre("b.example.org. 3600 A 192.0.2.1", "c.example.org. 3600 A 192.0.2.2"));
}

TEST(MasterFile, NamesTheChainOfFilesThatIncludeOneAnother) {
  const Scanned scanned = scan("$INCLUDE a.zone\nend A 192.0.2.1\n",
                               {{"zones/a.zone", "\n$INCLUDE b.zone\n"}, {"zones/b.zone", "$INCLUDE a.zone\n"}});
  EXPECT_THAT(scanned.errors, ElementsAre("zones/b.zone:1:10: this includes without end: zones/a.zone includes "
                                          "zones/b.zone includes zones/a.zone"));
  EXPECT_THAT(scanned.records, ElementsAre("end.example.org. 3600 A 192.0.2.1"));
}

TEST(MasterFile, IncludesSixteenFilesDeepAndNoDeeper) {
  std::map<std::string, std::string> files;
  const auto name = [](int i) { return "f" + std::to_string(i) + ".zone"; };
  for (int i = 1; i <= 20; ++i)
    files["zones/" + name(i)] = "a" + std::to_string(i) + " A 192.0.2.1\n$INCLUDE " + name(i + 1) + "\n";
  const Scanned scanned = scan("$INCLUDE f1.zone\n", files);
  EXPECT_EQ(scanned.records.size(), 15U);
  EXPECT_THAT(scanned.errors, ElementsAre("zones/f15.zone:2:10: more than 16 files include one another"));
}

TEST(MasterFile, IncludesAThousandFilesAndNoMore) {
  std::map<std::string, std::string> files;
  for (int level = 0; level < 10; ++level) {  // each includes the next four times: 4^10 without a limit
    std::string text = "a A 192.0.2.1\n";
    for (int i = 0; i < 4; ++i) text += "$INCLUDE l" + std::to_string(level + 1) + "\n";
    files["zones/l" + std::to_string(level)] = text;
  }
  files["zones/l10"] = "";
  const Scanned scanned = scan("$INCLUDE l0\n", files);
  EXPECT_LE(scanned.records.size(), 1000U);
  EXPECT_THAT(scanned.errors.front(), HasSubstr("more than 1000 files are included"));
}

TEST(MasterFile, CountsTheErrorsOfAllFilesTogether) {
  std::string text;
  for (int i = 0; i < 15; ++i) text += "a BAD\n";
  const Scanned scanned = scan(text + "$INCLUDE more.zone\nend A 192.0.2.1\n", {{"zones/more.zone", text}});
  ASSERT_EQ(scanned.errors.size(), 21U);
  EXPECT_EQ(scanned.errors[20], "zones/more.zone:6:1: too many errors: the file was not read from here on");
  EXPECT_THAT(scanned.records, IsEmpty());
}

TEST(MasterFile, GeneratesRecords) {
  const struct {
    const char* text;
    std::vector<std::string> records;
  } cases[] = {
      {"$GENERATE 1-3 a$ A 192.0.2.$",
       {"a1.example.org. 3600 A 192.0.2.1", "a2.example.org. 3600 A 192.0.2.2", "a3.example.org. 3600 A 192.0.2.3"}},
      {"$generate 0-4/2 $ 60 IN A 192.0.2.$ ; comment",
       {"0.example.org. 60 A 192.0.2.0", "2.example.org. 60 A 192.0.2.2", "4.example.org. 60 A 192.0.2.4"}},
      {"$GENERATE 7-7 a IN 60 CNAME b${3}", {"a.example.org. 60 CNAME b10.example.org."}},
      {"$GENERATE 7-7 a CNAME b${-7}", {"a.example.org. 3600 CNAME b0.example.org."}},
      {"$GENERATE 7-7 a${0,3} CNAME b${0,3,d}", {"a007.example.org. 3600 CNAME b007.example.org."}},
      {"$GENERATE 171-171 a CNAME ${0,0,x}.${0,4,X}.${0,0,o}", {"a.example.org. 3600 CNAME ab.00ab.253.example.org."}},
      {"$GENERATE 298-298 ${0,0,n}.x CNAME ${0,7,n}.a.", {"a.2.1.x.example.org. 3600 CNAME a.2.1.0.a."}},
      {"$GENERATE 7-7 a MX 10 m$", {"a.example.org. 3600 MX 10 m7.example.org."}},
      {"$GENERATE 7-7 a MX \"10 m$\"", {"a.example.org. 3600 MX 10 m7.example.org."}},
      {"$GENERATE 7-7 a TXT \"\\\"no $\\\"\"", {"a.example.org. 3600 TXT \"no 7\""}},
      {"$GENERATE 7-7 a TXT \\$-$$-$", {"a.example.org. 3600 TXT \"$-$-7\""}},
      {"$GENERATE 7-7 a PTR2 x\n", {}},
  };
  for (const auto& one : cases) {
    const Scanned scanned = scan(one.text);
    EXPECT_EQ(scanned.errors.size(), one.records.empty() ? 1U : 0U) << one.text;
    EXPECT_EQ(scanned.records, one.records) << one.text;
  }
}

TEST(MasterFile, GeneratesAMillionRecordsAndNoMore) {
  std::string text;
  for (int i = 0; i < 17; ++i) text += "$GENERATE 0-65535 a$ PTR x\n";  // refused by the sink: nothing piles up
  const Scanned scanned = scan(text);
  EXPECT_THAT(scanned.errors.back(), "17:11: $GENERATE makes more than 1,048,576 records in all");
}

TEST(MasterFile, StopsAfterTwentyErrors) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a BAD\n";
  const Scanned scanned = scan(text);
  ASSERT_EQ(scanned.errors.size(), 21U);
  EXPECT_EQ(scanned.errors[20], "21:1: too many errors: the file was not read from here on");
}

}  // namespace
}  // namespace gslb::zones
