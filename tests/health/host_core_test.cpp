#include "health/host_core.hpp"

#include <gmock/gmock.h>

#include "health/host_state.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

base::IpAddress address(const std::string& text) { return base::parse_address(text).value(); }

HostSaid said(std::vector<base::IpAddress> addresses, std::uint32_t ttl = 60) { return {false, addresses, ttl, ""}; }
HostSaid failed(const std::string& why = "no reply") { return {true, {}, 0, why}; }

const base::SteadyTime start = base::SteadyTime{} + 1h;

TEST(HostCore, TheFirstAnswerIsUsedAtOnce) {
  HostCore host;
  host.answered(start, said({address("192.0.2.2"), address("192.0.2.1")}), said({address("2001:db8::1")}));
  EXPECT_TRUE(host.take_change(start));
  EXPECT_THAT(host.in_use(), ElementsAre(address("192.0.2.1"), address("192.0.2.2"), address("2001:db8::1")));
  EXPECT_FALSE(host.take_change(start));
}

TEST(HostCore, IsAskedAgainAfterTheTtlWithinBounds) {
  HostCore host;
  const auto next = [&](std::uint32_t v4, std::uint32_t v6) {
    host.answered(start, said({address("192.0.2.1")}, v4), said({address("2001:db8::1")}, v6));
    return host.next_question() - start;
  };
  EXPECT_EQ(next(60, 40), 40s);
  EXPECT_EQ(next(0, 60), HostCore::soonest);
  EXPECT_EQ(next(86400, 86400), HostCore::latest);
}

TEST(HostCore, AFamilyThatIsNotThereHasNoSayInTheTtl) {
  HostCore host;
  host.answered(start, said({address("192.0.2.1")}, 60), said({}, 0));
  EXPECT_EQ(host.next_question() - start, 60s);
}

TEST(HostCore, NoFailureNoMissingNameAndNoEmptyAnswerTakesAwayWhatIsInUse) {
  HostCore host;
  host.answered(start, said({address("192.0.2.1")}), said({address("2001:db8::1")}));
  host.take_change(start);
  const auto before = host.in_use();
  for (const auto& [v4, v6] : {std::pair(failed(), failed()), std::pair(failed("the name does not exist"), said({})),
                               std::pair(said({}), said({}))}) {
    host.answered(start + 1min, v4, v6);
    EXPECT_FALSE(host.take_change(start + 1h));
    EXPECT_EQ(host.in_use(), before);
    EXPECT_NE(host.problem(), "");
  }
  host.answered(start + 2h, said({address("192.0.2.1")}), failed());
  EXPECT_FALSE(host.take_change(start + 2h));
}

TEST(HostCore, OfTwoFamiliesOneMayGo) {
  HostCore host;
  host.answered(start, said({address("192.0.2.1")}), said({address("2001:db8::1")}));
  host.take_change(start);
  host.answered(start + 1min, said({address("192.0.2.1")}), said({}));
  EXPECT_TRUE(host.take_change(start + 1min));
  EXPECT_THAT(host.in_use(), ElementsAre(address("192.0.2.1")));
  EXPECT_EQ(host.problem(), "");
}

TEST(HostCore, AfterFailuresItIsAskedLessAndLessOften) {
  HostCore host;
  base::Duration last{};
  for (int i = 0; i < 10; ++i) {
    host.answered(start, failed(), failed());
    EXPECT_GE(host.next_question() - start, last);
    last = host.next_question() - start;
  }
  EXPECT_EQ(last, HostCore::longest_retry);
  host.answered(start, said({address("192.0.2.1")}, 5), said({}));
  host.answered(start, failed(), failed());
  EXPECT_EQ(host.next_question() - start, HostCore::soonest);
}

TEST(HostCore, ChangesNoMoreOftenThanItMay) {
  HostCore host;
  host.answered(start, said({address("192.0.2.1")}), said({}));
  host.take_change(start);
  EXPECT_FALSE(host.next_change());
  host.answered(start + 1s, said({address("192.0.2.2")}), said({}));
  EXPECT_FALSE(host.take_change(start + 1s));
  EXPECT_EQ(host.next_change(), start + HostCore::between_changes);
  EXPECT_TRUE(host.take_change(start + HostCore::between_changes));
  EXPECT_THAT(host.in_use(), ElementsAre(address("192.0.2.2")));
}

TEST(HostCore, OfManyAddressesItKeepsThoseInUseWhateverTheOrder) {
  HostCore host;
  std::vector<base::IpAddress> many;
  for (std::uint32_t i = 0; i < 200; ++i) many.push_back(base::IpAddress::v4(0xc0000200 + i));
  host.answered(start, said(many), said({}));
  host.take_change(start);
  EXPECT_THAT(host.in_use(), SizeIs(HostCore::most_in_use));
  const auto before = host.in_use();
  std::ranges::reverse(many);
  host.answered(start + 1min, said(many), said({}));
  EXPECT_FALSE(host.take_change(start + 1min));
  std::erase(many, before[3]);
  host.answered(start + 2min, said(many), said({}));
  EXPECT_TRUE(host.take_change(start + 2min));
  EXPECT_THAT(host.in_use(), SizeIs(HostCore::most_in_use));
  std::size_t kept = 0;
  for (const auto& one : host.in_use()) kept += std::ranges::count(before, one);
  EXPECT_EQ(kept, HostCore::most_in_use - 1);
}

TEST(HostCore, WhatWasRestoredIsInUseUntilAResolverSaysOtherwise) {
  HostCore host;
  host.restore({address("2001:db8::1"), address("192.0.2.1")});
  EXPECT_THAT(host.in_use(), ElementsAre(address("192.0.2.1"), address("2001:db8::1")));
  EXPECT_FALSE(host.take_change(start));
  host.answered(start, failed(), failed());
  EXPECT_FALSE(host.take_change(start));
  host.answered(start, said({address("192.0.2.9")}), failed());
  EXPECT_TRUE(host.take_change(start));
  EXPECT_THAT(host.in_use(), ElementsAre(address("192.0.2.9"), address("2001:db8::1")));
}

TEST(HostState, IsReadAsItWasWrittenWithoutHostsThatHaveNoAddress) {
  const HostAddresses hosts{{"lb-1.example.net", {address("192.0.2.1"), address("2001:db8::1")}},
                            {"lb-2.example.net", {address("192.0.2.2")}},
                            {"lb-3.example.net", {}}};
  auto expected = hosts;
  expected.erase("lb-3.example.net");
  EXPECT_EQ(read_host_state(write_host_state(hosts)).value(), expected);
  EXPECT_THAT(read_host_state(write_host_state({})).value(), IsEmpty());
}

TEST(HostState, IsRefusedWholeIfAnOctetChangedOrIsMissing) {
  const std::string text = write_host_state({{"lb.example.net", {address("192.0.2.1")}}});
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(read_host_state(other)) << i;
    EXPECT_FALSE(read_host_state(text.substr(0, i))) << i;
  }
}

}  // namespace
}  // namespace gslb::health
