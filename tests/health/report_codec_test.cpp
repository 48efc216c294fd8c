#include "health/sharing/report_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/hash.hpp"
#include "health/sharing/bits.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Report small() {
  Report report;
  report.vantage = "fra-1";
  report.incarnation = 1'700'000'000'000;
  report.sequence = 42;
  report.configuration = 0xfeedfacecafebeef;
  report.settled = true;
  report.references = 5;
  report.references_up = 3;
  report.opinions = {
      {.target = 0, .verdict = Verdict::unknown},
      {.target = 7, .verdict = Verdict::up, .latency = 1230us, .failed = 250, .returned = 90s},
      {.target = 0xffffffffffffffff,
       .verdict = Verdict::down,
       .in_motion = true,
       .until_change = 400ms,
       .failed = 1000},
  };
  report.shared = {{.key = 9, .value = 3, .age = 1024ms}};
  return report;
}

/// As many opinions as there may be; their targets' numbers are spread, or all next to each other at one end.
Report large(bool spread) {
  std::mt19937_64 random(1);
  Report report = small();
  report.vantage = std::string(longest_vantage, 'x');
  report.opinions.clear();
  std::vector<std::uint64_t> targets;
  for (std::size_t i = 0; i < most_opinions; ++i) targets.push_back(spread ? random() : 0xffffffffffffffff - i);
  std::ranges::sort(targets);
  for (const std::uint64_t target : targets)
    report.opinions.push_back({.target = target, .verdict = Verdict::up, .latency = 12ms, .returned = 30s});
  report.shared.assign(most_shared, {.key = 1, .value = 2, .age = 3s});
  return report;
}

std::string with_checksum(std::string octets) {
  std::uint64_t sum = base::hash_bytes(octets);
  for (int i = 0; i < 8; ++i, sum >>= 8) octets += static_cast<char>(sum);
  return octets;
}

std::string problem_of(const Report& report) {
  const auto written = write_report(report);
  return written ? "" : written.error().what;
}

TEST(ReportCodec, WhatIsWrittenIsRead) {
  const auto octets = write_report(small());
  ASSERT_TRUE(octets) << octets.error().what;
  const auto read = parse_report(*octets);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, rounded(small()));
  EXPECT_EQ(read->opinions[1].latency, 1230us);
  EXPECT_EQ(read->opinions[2].until_change, 400ms);
  EXPECT_EQ(read->opinions[1].returned, 89856ms) << "rounded down by less than 0.4 %";
  EXPECT_EQ(write_report(*read).value(), *octets);
}

TEST(ReportCodec, AnEmptyReportIsOneToo) {
  Report report;
  report.vantage = "a";
  EXPECT_EQ(parse_report(write_report(report).value()).value(), report);
}

TEST(ReportCodec, TwentyThousandTargetsFitInto256KiBHoweverTheirNumbersLie) {
  for (const bool spread : {true, false}) {
    const Report report = large(spread);
    const auto octets = write_report(report);
    ASSERT_TRUE(octets) << octets.error().what;
    EXPECT_LE(octets->size(), longest_report);
    EXPECT_EQ(parse_report(*octets).value(), rounded(report));
  }
}

// The quotients of all distances add up to at most 2^64 over 2^49, whatever the distances are.
TEST(ReportCodec, TheWorstNumbersFitToo) {
  Report report = large(false);
  report.opinions.back().target = 0xffffffffffffffff;
  for (std::size_t i = 0; i + 1 < report.opinions.size(); ++i) report.opinions[i].target = (i + 1) << 49;
  EXPECT_LE(write_report(report).value().size(), longest_report);
}

// Constant work: what a day is like shows in the octets, not in how many they are.
TEST(ReportCodec, IsAsLongWhenAllIsDownAsWhenAllIsUp) {
  Report report = large(true);
  const std::size_t size = write_report(report).value().size();
  for (Opinion& opinion : report.opinions)
    opinion = {
        .target = opinion.target, .verdict = Verdict::down, .in_motion = true, .until_change = 9s, .failed = 999};
  EXPECT_EQ(write_report(report).value().size(), size);
}

TEST(ReportCodec, AnyOctetCutOffChangedOrAddedIsNoticed) {
  const std::string octets = write_report(small()).value();
  for (std::size_t i = 0; i < octets.size(); ++i) {
    EXPECT_FALSE(parse_report(octets.substr(0, i))) << i;
    std::string changed = octets;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_FALSE(parse_report(changed)) << i;
  }
  EXPECT_FALSE(parse_report(octets + '\0'));
}

TEST(ReportCodec, SaysWhatIsWrong) {
  EXPECT_THAT(parse_report("").error().what, HasSubstr("it is not a report"));
  EXPECT_THAT(parse_report("GET / HTTP/1.1").error().what, HasSubstr("it is not a report"));
  EXPECT_THAT(parse_report("gslR\1").error().what, HasSubstr("cut short"));
  EXPECT_THAT(parse_report(with_checksum("gslR\2")).error().what,
              HasSubstr("it is of version 2; this release knows version 1"));
  EXPECT_THAT(parse_report(std::string(longest_report + 1, 'x')).error().what, HasSubstr("more than 262144"));
  EXPECT_THAT(parse_report(with_checksum("gslR\1")).error().what, HasSubstr("it holds less than it says"));
  std::string damaged = write_report(small()).value();
  damaged[20] = static_cast<char>(damaged[20] ^ 1);
  EXPECT_THAT(parse_report(damaged).error().what, HasSubstr("checksum is wrong"));
  const std::string good = write_report(small()).value();
  EXPECT_THAT(parse_report(with_checksum(good.substr(0, good.size() - 8) + '\1')).error().what,
              HasSubstr("it holds more than it says"));
}

TEST(ReportCodec, MoreThanThereMayBeIsRefused) {
  Report report = large(true);
  report.opinions.push_back({.target = 0xffffffffffffffff});
  EXPECT_THAT(problem_of(report), HasSubstr("it has 20001 opinions, more than 20000"));
  report = small();
  report.shared.assign(most_shared + 1, {});
  EXPECT_THAT(problem_of(report), HasSubstr("it has 351 shared states, more than 350"));
  report = small();
  report.references = 0x10000;
  EXPECT_THAT(problem_of(report), HasSubstr("too many references"));
}

TEST(ReportCodec, WhatNoVantageWouldSayIsRefused) {
  const auto with = [](auto change) {
    Report report = small();
    change(report);
    return problem_of(report);
  };
  EXPECT_THAT(with([](Report& r) { r.vantage = ""; }), HasSubstr("name"));
  EXPECT_THAT(with([](Report& r) { r.vantage = "a b"; }), HasSubstr("name"));
  EXPECT_THAT(with([](Report& r) { r.vantage.assign(longest_vantage + 1, 'a'); }), HasSubstr("name"));
  EXPECT_THAT(with([](Report& r) { r.references_up = 6; }), HasSubstr("more references answer"));
  EXPECT_THAT(with([](Report& r) { std::swap(r.opinions[0], r.opinions[1]); }), HasSubstr("out of order"));
  EXPECT_THAT(with([](Report& r) { r.opinions[1].target = 0; }), HasSubstr("two are on one target"));
  EXPECT_THAT(with([](Report& r) { r.opinions[0].verdict = static_cast<Verdict>(3); }), HasSubstr("verdict"));
  EXPECT_THAT(with([](Report& r) { r.opinions[0].failed = 1001; }), HasSubstr("above 1"));
  EXPECT_THAT(with([](Report& r) { r.opinions[0].until_change = 1s; }), HasSubstr("at rest"));
  EXPECT_THAT(with([](Report& r) { r.opinions[2].returned = 1s; }), HasSubstr("came back"));
  EXPECT_THAT(with([](Report& r) { r.opinions[0].latency = -1s; }), HasSubstr("negative"));
  EXPECT_THAT(with([](Report& r) { r.shared[0].age = -1s; }), HasSubstr("negative"));
}

TEST(ReportCodec, LongTimesAreCappedNotWrapped) {
  Report report = small();
  report.opinions[1].latency = 24h;
  report.opinions[1].returned = 24h * 365 * 100;
  report.opinions[2].until_change = 24h;
  report.shared[0].age = 24h * 365 * 200;
  const Report read = parse_report(write_report(report).value()).value();
  EXPECT_GT(read.opinions[1].latency, 83s);
  EXPECT_LE(read.opinions[1].latency, 84s);
  EXPECT_GT(read.opinions[1].returned, 24h * 365 * 17);
  EXPECT_GT(read.opinions[2].until_change, 2h);
  EXPECT_GT(read.shared[0].age, 24h * 365 * 60);
}

TEST(ReportCodec, TimesAreNeverRoundedUpAndLoseLittle) {
  constexpr RoundedDown form{5, 8};
  std::uint64_t before = 0;
  for (std::uint64_t number = 0; number < 2'000'000; number += 1 + number / 100) {
    const std::uint64_t code = form.code(number);
    EXPECT_LE(form.value(code), number);
    EXPECT_LE(number - form.value(code), number / 256);
    EXPECT_EQ(form.code(form.value(code)), code);
    EXPECT_GE(code, before);
    before = code;
  }
}

}  // namespace
}  // namespace gslb::health
