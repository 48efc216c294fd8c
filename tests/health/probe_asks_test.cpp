// What nodes ask other vantages, and what these answer, as text and back.
#include "health/sharing/probe_asks.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace gslb::health {
namespace {

using namespace std::chrono_literals;

TEST(ProbeAsks, AreReadAsTheyWereWritten) {
  const std::vector<ProbeAsk> asks{{1, {7, std::numeric_limits<std::uint64_t>::max()}}, {2, {}}};
  EXPECT_EQ(parse_probe_asks(to_text(asks)).value(), asks);
  EXPECT_TRUE(parse_probe_asks("{}")->empty()) << "another release may say other things";
  const ProbeAnswer answer{9, {{7, true, false, "passed", "http 200", 1500us}, {8, false, true, "", "cancelled", 0us}}};
  EXPECT_EQ(parse_probe_answer(to_text(answer)).value(), answer);
}

TEST(ProbeAsks, WhatATargetSaidIsMadePrintable) {
  const ProbeAnswer answer{9, {{7, false, false, "body", "no\xff\nbody", 1h + 1s}}};
  const auto read = parse_probe_answer(to_text(answer));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->outcomes.at(0).detail, "no??body");
  EXPECT_EQ(read->outcomes.at(0).latency, 1h);
}

TEST(ProbeAsks, WhatIsOfAnotherFormOrTooMuchIsRefused) {
  for (const char* text : {"", "[]", "{\"probe\":[1]}", "{\"probe\":[{}]}", "{\"probe\":[{\"id\":-1,\"targets\":[]}]}",
                           "{\"probe\":[{\"id\":1,\"targets\":[\"7\"]}]}", "{\"probe\":[{\"id\":1.5,\"targets\":[]}]}"})
    EXPECT_FALSE(parse_probe_asks(text)) << text;
  EXPECT_FALSE(parse_probe_asks(to_text(std::vector<ProbeAsk>(most_asks + 1, ProbeAsk{1, {7}}))));
  EXPECT_FALSE(parse_probe_asks(to_text({{1, std::vector<std::uint64_t>(most_asked_targets + 1, 7)}})));
  for (const char* text : {"", "{}", "{\"id\":1}", "{\"id\":1,\"outcomes\":[{}]}",
                           "{\"id\":1,\"outcomes\":[{\"target\":1,\"ok\":1,\"voided\":false,\"phase\":\"\",\"detail\":"
                           "\"\",\"latency_us\":1}]}"})
    EXPECT_FALSE(parse_probe_answer(text)) << text;
  ProbeAnswer many;
  many.outcomes.resize(most_asked_targets + 1);
  EXPECT_FALSE(parse_probe_answer(to_text(many)));
  EXPECT_FALSE(parse_probe_answer(std::string(longest_probe_answer + 1, ' ')));
}

}  // namespace
}  // namespace gslb::health
