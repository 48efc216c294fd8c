#include "server/connection_table.hpp"

#include <gmock/gmock.h>

#include <map>
#include <thread>

namespace gslb::server {

/// Only its address matters to the table.
struct StreamConnection {
  ConnectionTable::Handle place;
  base::IpAddress client;
  base::SteadyTime last;
};

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr base::SteadyTime start{1h};

base::IpAddress address(std::string_view text) { return base::parse_address(text).value(); }

class Table : public ::testing::Test {
 protected:
  void make(const ConnectionLimits& limits, unsigned workers = 1) {
    table = std::make_unique<ConnectionTable>(limits, workers);
  }
  StreamConnection& open(std::string_view client, unsigned worker = 0) {
    StreamConnection& out = connections.emplace_back();
    now += 1s;
    out.client = address(client);
    out.last = now;
    const auto taken = table->take(out.client, worker, &out, now);
    out.place = taken.place;
    loser = taken.loser;
    return out;
  }
  void query(StreamConnection& connection) {
    now += 1s;
    connection.last = now;
    connection.place->touch(now);
  }

  base::SteadyTime now = start;
  std::unique_ptr<ConnectionTable> table;
  std::list<StreamConnection> connections;
  std::optional<unsigned> loser;
};

TEST_F(Table, NobodyGoesWhileThereIsRoom) {
  make({.connections = 3, .per_prefix = 3});
  for (int i = 0; i < 3; ++i) {
    open("192.0.2.1");
    EXPECT_FALSE(loser);
  }
  EXPECT_EQ(table->size(), 3U);
  EXPECT_EQ(table->evictions(), 0U);
  EXPECT_THAT(table->evicted(0), IsEmpty());
}

TEST_F(Table, ANewConnectionAlwaysGetsInAndTheLimitHoldsAtOnce) {
  make({.connections = 2, .per_prefix = 2});
  StreamConnection& first = open("192.0.2.1");
  open("198.51.100.1");
  open("203.0.113.1");
  EXPECT_EQ(loser, 0U);
  EXPECT_EQ(table->size(), 2U) << "the loser no longer counts, though it has not given its place back";
  EXPECT_THAT(table->evicted(0), ElementsAre(&first));
  table->give_back(first.place);
  EXPECT_THAT(table->evicted(0), IsEmpty());
  EXPECT_EQ(table->size(), 2U);
}

TEST_F(Table, InAPrefixTheOneLongestWithoutACompleteQueryGoes) {
  make({.connections = 100, .per_prefix = 3});
  StreamConnection& first = open("192.0.2.1");
  StreamConnection& second = open("192.0.2.2");
  StreamConnection& third = open("192.0.2.3");
  query(first);
  query(third);
  open("192.0.2.255");
  EXPECT_THAT(table->evicted(0), ElementsAre(&second));
  query(first);
  open("192.0.2.4");
  EXPECT_THAT(table->evicted(0), ElementsAre(&second, &third));
}

TEST_F(Table, TheLargestPrefixGivesUpItsConnectionsFirst) {
  make({.connections = 5, .per_prefix = 5});
  StreamConnection& alone = open("198.51.100.1");  // the oldest of all
  StreamConnection& crowd1 = open("192.0.2.1");
  StreamConnection& crowd2 = open("192.0.2.2");
  open("192.0.2.3");
  open("192.0.2.4");
  open("203.0.113.1");
  EXPECT_THAT(table->evicted(0), ElementsAre(&crowd1));
  open("203.0.113.2");
  EXPECT_THAT(table->evicted(0), ElementsAre(&crowd1, &crowd2));
  // Now 2, 2 and 1: of the two largest, the one with the older connection.
  StreamConnection& crowd3 = *std::next(connections.begin(), 3);
  open("2001:db8::1");
  EXPECT_THAT(table->evicted(0), ElementsAre(&crowd1, &crowd2, &crowd3));
  table->give_back(alone.place);
  EXPECT_EQ(table->size(), 4U) << "the oldest of all was alone in its prefix, and stayed";
}

TEST_F(Table, PrefixesAreAsLongAsConfiguredForEachFamily) {
  make({.connections = 100, .per_prefix = 1, .prefix_length = {24, 56}});
  open("192.0.2.1");
  open("192.0.3.1");
  open("2001:db8:0:100::1");
  open("2001:db8:0:200::1");
  EXPECT_EQ(table->size(), 4U);
  open("192.0.2.200");
  EXPECT_EQ(loser, 0U);
  open("2001:db8:0:1ff::1");
  EXPECT_EQ(loser, 0U);
  EXPECT_EQ(table->size(), 4U);
}

TEST_F(Table, TheWorkerOfTheLoserIsTold) {
  make({.connections = 2, .per_prefix = 2}, 3);
  StreamConnection& first = open("192.0.2.1", 2);
  StreamConnection& second = open("192.0.2.1", 1);
  open("192.0.2.1", 0);
  EXPECT_EQ(loser, 2U);
  open("192.0.2.1", 0);
  EXPECT_EQ(loser, 1U);
  EXPECT_THAT(table->evicted(0), IsEmpty());
  EXPECT_THAT(table->evicted(1), ElementsAre(&second));
  EXPECT_THAT(table->evicted(2), ElementsAre(&first));
}

TEST_F(Table, AConnectionBehindAProxyCountsForItsClient) {
  make({.connections = 100, .per_prefix = 2});
  StreamConnection& first = open("192.0.2.1");
  open("192.0.2.1");
  EXPECT_FALSE(table->move(first.place, address("198.51.100.1")));
  open("192.0.2.1");
  EXPECT_FALSE(loser) << "one of the two has left the prefix of the proxy";
  StreamConnection& second = open("198.51.100.2");
  StreamConnection& third = open("203.0.113.1");
  EXPECT_EQ(table->move(third.place, address("198.51.100.3")), 0U);
  EXPECT_THAT(table->evicted(0), ElementsAre(&first));
  EXPECT_FALSE(table->move(first.place, address("203.0.113.9"))) << "who lost his place has none to move";
  table->give_back(first.place);
  table->give_back(second.place);
  table->give_back(third.place);
  EXPECT_EQ(table->size(), 2U);
}

TEST_F(Table, WithoutAPlaceForTwoTheNewestStays) {
  make({.connections = 0, .per_prefix = 0});
  open("192.0.2.1");
  open("198.51.100.1");
  open("198.51.100.1");
  EXPECT_EQ(table->size(), 1U);
  EXPECT_EQ(table->evictions(), 2U);
}

/// What the table promises, said in the slowest way.
StreamConnection* expected_loser(const std::vector<StreamConnection*>& alive, const base::IpAddress& client,
                                 const ConnectionLimits& limits) {
  const auto prefix = [&](const base::IpAddress& a) { return base::masked(a, limits.prefix_length[0]); };
  std::map<base::IpAddress, std::size_t> sizes;
  for (const auto* c : alive) ++sizes[prefix(c->client)];
  std::size_t largest = 0;
  for (const auto& [key, size] : sizes) largest = std::max(largest, size);
  const bool own = sizes[prefix(client)] >= limits.per_prefix;
  if (!own && alive.size() < limits.connections) return nullptr;
  StreamConnection* out = nullptr;
  for (auto* c : alive) {
    const bool may = own ? prefix(c->client) == prefix(client) : sizes[prefix(c->client)] == largest;
    if (may && (out == nullptr || c->last < out->last)) out = c;
  }
  return out;
}

TEST_F(Table, ManyRandomStepsFollowTheRule) {
  const ConnectionLimits limits{.connections = 40, .per_prefix = 12};
  make(limits);
  std::vector<StreamConnection*> alive;
  std::uint32_t random = 1;
  const auto below = [&](std::size_t n) { return (random = random * 1664525 + 1013904223) / 65536 % n; };
  for (int step = 0; step < 20'000; ++step) {
    const auto what = below(4);
    if (what == 0 && !alive.empty()) {
      const auto at = below(alive.size());
      table->give_back(alive[at]->place);
      alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (what == 1 && !alive.empty()) {
      query(*alive[below(alive.size())]);
    } else {
      // Eight prefixes of unequal weight.
      const auto prefix = std::min(below(8), below(8));
      const std::string client = "192.0." + std::to_string(prefix) + "." + std::to_string(below(256));
      StreamConnection* loses = expected_loser(alive, address(client), limits);
      alive.push_back(&open(client));
      ASSERT_EQ(loser.has_value(), loses != nullptr) << step;
      if (loses == nullptr) continue;
      ASSERT_THAT(table->evicted(0), ElementsAre(loses)) << step;
      table->give_back(loses->place);
      std::erase(alive, loses);
    }
    ASSERT_EQ(table->size(), alive.size());
  }
  EXPECT_GT(table->evictions(), 1000U);
}

// Workers take and give back at once, and touch without the lock.
TEST_F(Table, WorkersMayUseItTogether) {
  constexpr unsigned workers = 4;
  make({.connections = 16, .per_prefix = 8}, workers);
  const auto work = [&](unsigned worker) {
    std::list<StreamConnection> own;
    for (unsigned i = 0; i < 2000; ++i) {
      StreamConnection& c = own.emplace_back();
      const base::SteadyTime time = start + std::chrono::milliseconds(i);
      c.place = table->take(base::IpAddress::v4(0xc0000200U + (i % 5) * 256), worker, &c, time).place;
      for (auto& other : own) other.place->touch(time);
      for (StreamConnection* lost : table->evicted(worker)) {
        table->give_back(lost->place);
        own.remove_if([&](const StreamConnection& o) { return &o == lost; });
      }
    }
    for (auto& c : own) table->give_back(c.place);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < workers; ++i) threads.emplace_back(work, i);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(table->size(), 0U);
  for (unsigned i = 0; i < workers; ++i) EXPECT_THAT(table->evicted(i), IsEmpty());
}

}  // namespace
}  // namespace gslb::server
