#include "net/ticket_keys.hpp"

#include <gtest/gtest.h>

namespace gslb::net {
namespace {

using namespace std::chrono_literals;

constexpr base::SteadyTime start{1h};

// RFC 8446 section 4.6.1 and RFC 5077 section 5.5: keys change, and old tickets end with them.
TEST(TicketKeys, AreReplacedEveryPeriodAndOpenTicketsForOneMore) {
  TicketKeys keys;
  const auto first = keys.current(start);
  ASSERT_TRUE(first);
  EXPECT_EQ(keys.current(start + 59min)->name, first->name);
  EXPECT_FALSE(keys.find(first->name.data(), start + 59min)->old);
  const auto second = keys.current(start + 60min);
  EXPECT_NE(second->name, first->name);
  EXPECT_NE(second->cipher, first->cipher);
  EXPECT_NE(second->mac, first->mac);
  const auto found = keys.find(first->name.data(), start + 119min);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->old);
  EXPECT_EQ(found->key.cipher, first->cipher);
  EXPECT_FALSE(keys.find(first->name.data(), start + 120min));
}

TEST(TicketKeys, ArePutOutOfMindThoughNobodyAsksForNewOnes) {
  TicketKeys keys;
  const auto first = keys.current(start);
  EXPECT_FALSE(keys.find(first->name.data(), start + 5h));
  EXPECT_NE(keys.current(start + 5h)->name, first->name);
}

TEST(TicketKeys, OfSomebodyElseAreNotFound) {
  TicketKeys keys;
  TicketKeys others;
  EXPECT_FALSE(keys.find(others.current(start)->name.data(), start));
  EXPECT_TRUE(keys.current(start));
  EXPECT_FALSE(keys.find(others.current(start)->name.data(), start));
}

}  // namespace
}  // namespace gslb::net
