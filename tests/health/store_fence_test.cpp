#include "health/sharing/store_fence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gslb::health {
namespace {

using testing::HasSubstr;
using Verdict = StoreFence::Verdict;

Listing store(const std::string& identity, std::uint64_t revision) {
  Listing out{revision, {{"/gslb/orders/1", "x", 1}}};
  if (!identity.empty()) out.values.push_back({std::string(StoreFence::identity_key), identity, 2});
  return out;
}

TEST(StoreFence, TrustsTheFirstAndThenOnlyThat) {
  StoreFence fence;
  EXPECT_EQ(fence.judge(store("", 5)), Verdict::fresh);
  EXPECT_EQ(fence.judge(store("aa", 6)), Verdict::trusted);
  EXPECT_EQ(fence.judge(store("aa", 6)), Verdict::trusted);
  EXPECT_EQ(fence.judge(store("bb", 900)), Verdict::refused);
  EXPECT_THAT(fence.problem(), HasSubstr("not the one of before; what was known stays"));
  EXPECT_EQ(fence.judge(store("", 901)), Verdict::refused);
  EXPECT_THAT(fence.problem(), HasSubstr("wiped"));
  EXPECT_EQ(fence.judge(store("not hex", 902)), Verdict::refused);
  EXPECT_EQ(fence.judge(store("aa", 903)), Verdict::trusted);
  EXPECT_EQ(fence.problem(), "");
  EXPECT_EQ(fence.revision(), 903U);
}

TEST(StoreFence, OneThatWasOnceOlderIsRefusedUntilAPersonAcceptsIt) {
  StoreFence fence;
  fence.judge(store("aa", 100));
  EXPECT_EQ(fence.judge(store("aa", 99)), Verdict::refused);
  EXPECT_THAT(fence.problem(), HasSubstr("it was at revision 100"));
  EXPECT_EQ(fence.judge(store("aa", 101)), Verdict::refused);
  StoreFence restarted;
  ASSERT_TRUE(restarted.restore(fence.state()));
  EXPECT_EQ(restarted.judge(store("aa", 102)), Verdict::refused);
  fence.accept();
  EXPECT_EQ(fence.judge(store("bb", 3)), Verdict::trusted);
}

TEST(StoreFence, OutlivesTheProgram) {
  StoreFence fence;
  EXPECT_EQ(fence.state(), "");
  EXPECT_TRUE(StoreFence().restore(""));
  fence.judge(store("0123456789abcdef", 77));
  StoreFence next;
  ASSERT_TRUE(next.restore(fence.state()));
  EXPECT_EQ(next.state(), fence.state());
  EXPECT_EQ(next.judge(store("", 78)), Verdict::refused);
}

TEST(StoreFence, ADamagedStateIsRefusedAndChangesNothing) {
  StoreFence fence;
  fence.judge(store("aa", 77));
  const std::string good = fence.state();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(StoreFence().restore(bad)) << i;
    EXPECT_EQ(StoreFence().restore(good.substr(0, i)).has_value(), i == 0) << i;
  }
}

}  // namespace
}  // namespace gslb::health
