#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace gslb::base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{std::to_string(number) + " is odd"};
  return number / 2;
}

TEST(Result, HoldsTheValueOrTheReason) {
  EXPECT_TRUE(half(4));
  EXPECT_EQ(*half(4), 2);
  EXPECT_FALSE(half(3));
  EXPECT_EQ(half(3).error().what, "3 is odd");
}

TEST(Result, ReadingTheWrongOneThrows) {
  EXPECT_THROW((void)half(3).value(), std::bad_variant_access);
  EXPECT_THROW((void)half(4).error(), std::bad_variant_access);
  EXPECT_THROW((void)Result<void>().error(), std::bad_optional_access);
}

TEST(Result, AValueCanBeMovedOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, OfNothingIsSuccessUnlessToldOtherwise) {
  EXPECT_TRUE(Result<void>());
  const Result<void> failed = Error{"no"};
  EXPECT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "no");
}

TEST(Result, OfATextIsNotMistakenForAnError) {
  const Result<std::string> text = "not an error";
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "not an error");
}

}  // namespace
}  // namespace gslb::base
