// What an order would do, before it is given: whom it reaches, who would move, which rule is against it.
#include "control/order_preview.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/engine/reasons_world.hpp"

namespace gslb::control {
namespace {

using testing::HasSubstr;

boost::json::object preview(const Present& present, const std::string& kind, const std::string& scope) {
  const auto told = tell_order(present, {{"kind", kind}, {"scope", scope}});
  EXPECT_TRUE(told) << told.error().what;
  return told ? boost::json::parse(*told).as_object() : boost::json::object();
}

std::string error_of(const std::string& kind, const std::string& scope) {
  const auto told = tell_order(test::present_of(test::world()), {{"kind", kind}, {"scope", scope}});
  return told ? "" : told.error().what;
}

TEST(OrderPreview, SaysWhomADrainReachesAndWhoWouldMove) {
  const auto told = preview(test::present_of(test::world()), "drain", "www/fra");
  EXPECT_TRUE(told.at("ok").as_bool());
  EXPECT_EQ(told.at("endpoints").as_int64(), 2) << "an IPv4 and an IPv6 address";
  EXPECT_EQ(told.at("services").as_int64(), 1);
  EXPECT_TRUE(told.at("broken_rule").is_null());
  const auto& first = told.at("measures").at(0).as_object();
  EXPECT_GT(first.at("moved").to_number<double>(), 0);
  EXPECT_LT(first.at("moved").to_number<double>(), 1);
  EXPECT_EQ(first.at("moves").at(0).at("from").as_string(), "fra");
  const std::string text(told.at("text").as_string());
  EXPECT_THAT(text, HasSubstr("would reach 2 addresses of 1 service; nothing is done yet\n"));
  EXPECT_THAT(text, HasSubstr("  fra -> "));
}

TEST(OrderPreview, NobodyMovesForWhatIsUpAnyway) {
  const auto told = preview(test::present_of(test::world()), "up", "www/fra");
  for (const auto& measure : told.at("measures").as_array())
    EXPECT_EQ(measure.at("moved").to_number<double>(), 0) << measure;
}

TEST(OrderPreview, SaysWhichRuleIsAgainstIt) {
  std::string yaml = test::world();
  const std::string service = "      www:\n";
  yaml.insert(yaml.find(service) + service.size(), "        assert: at least 4 other sites are up\n");
  const Present present = test::present_of(yaml);
  const auto told = preview(present, "drain", "www/fra");
  EXPECT_FALSE(told.at("ok").as_bool());
  EXPECT_EQ(told.at("broken_rule").at("service").as_string(), "www.example.org");
  EXPECT_EQ(told.at("broken_rule").at("rule").as_string(), "at least 4 other sites are up");
  EXPECT_THAT(std::string(told.at("text").as_string()), HasSubstr("it would be refused: the rule \"at least 4 other"));
  EXPECT_TRUE(preview(present, "up", "www/fra").at("ok").as_bool()) << "no rule is against what adds capacity";
}

TEST(OrderPreview, AMistakeIsTold) {
  EXPECT_EQ(error_of("hold", "www"), "kind is up, drain or down");
  EXPECT_EQ(error_of("", "www"), "kind is up, drain or down");
  EXPECT_THAT(error_of("drain", "nowhere"), HasSubstr("nowhere"));
}

}  // namespace
}  // namespace gslb::control
