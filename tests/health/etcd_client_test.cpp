// health/sharing/etcd_client.hpp against real etcd.
#include "health/sharing/etcd_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <thread>

#include "base/clock.hpp"
#include "health/sharing/etcd_check.hpp"
#include "health/sharing/store_fence.hpp"
#include "tests/health/etcd_cluster.hpp"

namespace gslb::health {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;
using testing::SizeIs;

/// A client whose calls are waited for.
class Asker {
 public:
  explicit Asker(EtcdSpec spec) : client_(context_, std::move(spec)) {}

  base::Result<std::uint64_t> put(const std::string& key, const std::string& value,
                                  std::optional<std::uint64_t> fence = {}) {
    return wait<std::uint64_t>([&](auto done) { client_.put(key, value, fence, done); });
  }
  base::Result<std::uint64_t> remove(const std::string& key, std::optional<std::uint64_t> fence = {}) {
    return wait<std::uint64_t>([&](auto done) { client_.remove(key, fence, done); });
  }
  base::Result<Listing> list(const std::string& prefix = "/gslb/") {
    return wait<Listing>([&](auto done) { client_.list(prefix, done); });
  }
  base::Result<bool> is_compacted(std::uint64_t young) {
    return wait<bool>([&](auto done) { client_.is_compacted(young, done); });
  }
  /// Until it answers; a cluster takes a while to begin.
  base::Result<Listing> list_at_last() {
    const auto end = base::steady_now() + 30s;
    for (;;) {
      auto out = list();
      if (out || base::steady_now() > end) return out;
      std::this_thread::sleep_for(50ms);
    }
  }
  EtcdClient& client() { return client_; }

 private:
  template <class T, class Start>
  base::Result<T> wait(Start start) {
    base::Result<T> out = base::Error{"not called"};
    start([&out](base::Result<T> result) { out = std::move(result); });
    context_.restart();
    context_.run();
    return out;
  }
  boost::asio::io_context context_{1};
  EtcdClient client_;
};

TEST(Etcd, KeepsListsAndForgets) {
  const EtcdCluster cluster(1);
  Asker asker(cluster.spec());
  const auto empty = asker.list_at_last();
  ASSERT_TRUE(empty) << empty.error().what;
  EXPECT_THAT(empty->values, SizeIs(0));
  const auto first = asker.put("/gslb/orders/1", std::string("down\0fra", 8));
  ASSERT_TRUE(first) << first.error().what;
  ASSERT_TRUE(asker.put("/gslb/orders/2", ""));
  ASSERT_TRUE(asker.put("/other", "x"));
  const auto listing = asker.list("/gslb/orders/").value();
  ASSERT_THAT(listing.values, SizeIs(2));
  EXPECT_EQ(listing.values[0], (StoredValue{"/gslb/orders/1", std::string("down\0fra", 8), *first}));
  EXPECT_EQ(listing.values[1].value, "");
  EXPECT_GT(listing.revision, *first);
  ASSERT_TRUE(asker.remove("/gslb/orders/1"));
  EXPECT_THAT(asker.list("/gslb/orders/")->values, SizeIs(1));
}

TEST(Etcd, ChangesNothingThatSomebodyElseHasChanged) {
  const EtcdCluster cluster(1);
  Asker asker(cluster.spec());
  ASSERT_TRUE(asker.list_at_last());
  const auto first = asker.put("/gslb/a", "1", 0);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_THAT(asker.put("/gslb/a", "2", 0).error().what, HasSubstr("somebody else"));
  ASSERT_TRUE(asker.put("/gslb/a", "2", *first));
  EXPECT_FALSE(asker.put("/gslb/a", "3", *first));
  EXPECT_FALSE(asker.remove("/gslb/a", *first));
  EXPECT_EQ(asker.list()->values.at(0).value, "2");
}

TEST(Etcd, AMemberThatIsKilledOrPausedIsGoneAround) {
  EtcdCluster cluster(3);
  Asker asker(cluster.spec());
  ASSERT_TRUE(asker.list_at_last());
  ASSERT_TRUE(asker.put("/gslb/a", "1"));
  cluster.kill(0);
  const auto killed = asker.list_at_last();
  ASSERT_TRUE(killed) << killed.error().what;
  EXPECT_EQ(killed->values.at(0).value, "1");
  cluster.start(0);
  Asker patient(cluster.spec());
  ASSERT_TRUE(patient.list_at_last());
  cluster.pause(1, true);
  const auto paused = asker.list_at_last();
  cluster.pause(1, false);
  ASSERT_TRUE(paused) << paused.error().what;
  EXPECT_EQ(paused->values.at(0).value, "1");
}

TEST(Etcd, WithoutAMajorityNothingIsReadOrWritten) {
  EtcdCluster cluster(3);
  Asker asker(cluster.spec());
  ASSERT_TRUE(asker.list_at_last());
  cluster.kill(0);
  cluster.kill(1);
  const auto begun = base::steady_now();
  const auto read = asker.list();
  EXPECT_FALSE(read);
  EXPECT_LT(base::steady_now() - begun, 10s) << "no request hangs";
  EXPECT_THAT(read.error().what, HasSubstr("no endpoint of etcd answers"));
  const auto at_once = base::steady_now();
  EXPECT_FALSE(asker.put("/gslb/a", "1"));
  EXPECT_LT(base::steady_now() - at_once, 8s);
  EXPECT_NE(asker.client().endpoints().at(0).problem, "");
  cluster.start(0);
  EXPECT_TRUE(asker.list_at_last());
}

TEST(Etcd, SpeaksTlsAndLogsInWithAPassword) {
  const EtcdCluster cluster(1, true);
  EtcdSpec spec = cluster.spec();
  Asker anybody(spec);
  ASSERT_TRUE(anybody.list_at_last());
  for (const auto& [path, body] :
       {std::pair("/v3/auth/user/add", R"({"name":"root","password":"secret"})"),
        std::pair("/v3/auth/role/add", R"({"name":"root"})"),
        std::pair("/v3/auth/user/grant", R"({"user":"root","role":"root"})"), std::pair("/v3/auth/enable", "{}")}) {
    const auto [status, answer] = cluster.post(path, body);
    ASSERT_EQ(status, 200U) << path << ": " << answer;
  }
  EXPECT_THAT(anybody.list().error().what, HasSubstr("etcd refuses: "));
  spec.user = "root";
  spec.password_file = cluster.folder() + "/password";
  EXPECT_THAT(Asker(spec).list().error().what, HasSubstr("password"));
  std::ofstream(spec.password_file) << "wrong\n";
  EXPECT_THAT(Asker(spec).list().error().what, HasSubstr("authentication failed"));
  std::ofstream(spec.password_file) << "secret\n";
  Asker root(spec);
  ASSERT_TRUE(root.put("/gslb/a", "1"));
  EXPECT_EQ(root.list()->values.at(0).value, "1");
  spec.name = "other.example.org";
  EXPECT_THAT(Asker(spec).list().error().what, HasSubstr("hostname mismatch"));
}

// What only a whole new cluster, or one put back from a copy, looks like.
TEST(Etcd, AStoreThatWasWipedOrRolledBackIsNotObeyed) {
  EtcdCluster cluster(1);
  Asker asker(cluster.spec());
  StoreFence fence;
  ASSERT_EQ(fence.judge(asker.list_at_last().value()), StoreFence::Verdict::fresh);
  ASSERT_TRUE(asker.put(std::string(StoreFence::identity_key), "c0ffee", 0));
  ASSERT_EQ(fence.judge(asker.list().value()), StoreFence::Verdict::trusted);
  cluster.kill(0);
  cluster.keep_copy(0);
  cluster.start(0);
  ASSERT_TRUE(asker.list_at_last());
  ASSERT_TRUE(asker.put("/gslb/orders/1", "down fra"));
  ASSERT_EQ(fence.judge(asker.list().value()), StoreFence::Verdict::trusted);

  cluster.kill(0);
  cluster.put_back(0);
  cluster.start(0);
  StoreFence rolled = fence;
  EXPECT_EQ(rolled.judge(asker.list_at_last().value()), StoreFence::Verdict::refused);
  EXPECT_THAT(rolled.problem(), HasSubstr("rolled back"));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(asker.put("/gslb/orders/2", "up fra"));
  EXPECT_EQ(rolled.judge(asker.list().value()), StoreFence::Verdict::refused)
      << "that it counts up again proves nothing";

  cluster.kill(0);
  cluster.wipe(0);
  cluster.start(0);
  EXPECT_EQ(fence.judge(asker.list_at_last().value()), StoreFence::Verdict::refused);
  EXPECT_THAT(fence.problem(), HasSubstr("the store is empty"));
}

TEST(Etcd, WithNothingToAskItSaysSoAtOnce) {
  EtcdSpec spec;
  spec.endpoints = {{base::parse_address("127.0.0.1").value(), 1}};
  Asker asker(spec);
  EXPECT_THAT(asker.list().error().what, HasSubstr("connect: connection refused"));
  EXPECT_THAT(asker.list().error().what, HasSubstr("connect: connection refused")) << "while it rests";
}

TEST(Etcd, AStoreThatKeepsEveryRevisionIsNoticed) {
  EtcdCluster cluster(1);
  Asker asker(cluster.spec());
  ASSERT_TRUE(asker.list_at_last());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(asker.put("/gslb/a", "1"));
  EXPECT_TRUE(asker.is_compacted(1000).value()) << "it is young";
  EXPECT_FALSE(asker.is_compacted(5).value());
  EXPECT_FALSE(store_warning(cluster.spec()));
  EXPECT_EQ(store_warning(cluster.spec(), 5).value_or(""), EtcdClient::grows);
  ASSERT_EQ(cluster.post("/v3/kv/compaction", R"({"revision":"8"})").first, 200U);
  EXPECT_TRUE(asker.is_compacted(5).value());
  EXPECT_FALSE(store_warning(cluster.spec(), 5));
  cluster.kill(0);
  EXPECT_THAT(store_warning(cluster.spec()).value_or(""), HasSubstr("is not known: no endpoint of etcd answers"));
  EXPECT_FALSE(store_warning({})) << "there is none";
}

}  // namespace
}  // namespace gslb::health
