// server/challenge_keeper.hpp: what people set, on the threads of a server, over restarts, until it expires.
#include "server/challenge_keeper.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>

#include "base/file.hpp"
#include "engine/compile.hpp"

namespace gslb::server {
namespace {

namespace asio = boost::asio;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t start = 1'790'000'000;

constexpr const char* configuration = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: {} }
zones:
  example.org:
    ns: [ns1.example.net.]
    soa: { serial: 1 }
    services: { www: { monitor: none, policy: [take: 1], endpoints: { fra: 192.0.2.10 } } }
)";

/// What a server has around a keeper. Its control thread is the test's.
class Running {
 public:
  explicit Running(const std::string& state, std::int64_t at = start) : now(at) {
    keeper.open(state);
    base::ErrorList errors;
    const auto config = config::load_text("test.yaml", configuration, errors);
    engine::CompileOptions options;
    options.challenges = keeper.list();
    served = engine::compile(*config, options, errors);
    if (served == nullptr) std::abort();
    republisher.start_from(served);
  }

  control::ChallengeOutcome order(const std::string& name, const std::string& value, base::Duration lasts) {
    std::optional<control::ChallengeOutcome> out;
    keeper.order({name, value, lasts}, [&](control::ChallengeOutcome outcome) { out = std::move(outcome); });
    while (!out) context.run_one();
    return *out;
  }
  std::vector<std::string> set() {
    std::optional<std::vector<std::string>> out;
    keeper.view([&](const std::vector<control::ChallengeView>& views) {
      out.emplace();
      for (const auto& view : views) out->push_back(view.value);
    });
    while (!out) context.run_one();
    return *out;
  }
  /// The values that workers answer with.
  std::vector<std::string> answered() const {
    std::vector<std::string> out;
    if (served->challenges[0] == nullptr) return out;
    for (const auto& rrset : served->challenges[0]->rrsets)
      for (const auto& rdata : rrset.rdatas) out.emplace_back(rdata.begin() + 1, rdata.end());
    return out;
  }

  std::atomic<std::int64_t> now;
  engine::SnapshotPtr served;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  Republisher republisher{builder, [this](engine::SnapshotPtr next, const std::function<void()>& done) {
                            asio::post(context, [this, next = std::move(next), done] {
                              if (next) served = next;
                              done();
                            });
                          }};
  SignatureKeeper signatures{context, republisher, [this] { return ClockTimes{now, now}; }};
  ChallengeKeeper keeper{context, republisher, signatures};
  Builder builder;  // ends first: what is under way there uses the others
};

class ChallengeKeeperTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gslb-challenges-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

TEST_F(ChallengeKeeperTest, WhatIsSetIsAnsweredWhenItIsDone) {
  Running server(folder_);
  const auto outcome = server.order("www.example.org", "one", 1h);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.name, "_acme-challenge.www.example.org");
  ASSERT_THAT(outcome.values, SizeIs(1));
  EXPECT_EQ(outcome.values[0].expires, base::WallTime(std::chrono::seconds(start + 3600)));
  EXPECT_THAT(server.answered(), ElementsAre("one"));
}

TEST_F(ChallengeKeeperTest, AllSpellingsOfANameMeanOnePlace) {
  Running server(folder_);
  for (const char* name :
       {"www.example.org", "WWW.example.org.", "*.www.example.org", "_acme-challenge.www.example.org"})
    EXPECT_EQ(server.order(name, "one", 1h).name, "_acme-challenge.www.example.org") << name;
  EXPECT_THAT(server.set(), ElementsAre("one"));
}

TEST_F(ChallengeKeeperTest, SettingAgainLastsFromNow) {
  Running server(folder_);
  server.order("example.org", "one", 100s);
  server.now = start + 50;
  EXPECT_EQ(server.order("example.org", "one", 100s).values[0].expires,
            base::WallTime(std::chrono::seconds(start + 150)));
}

TEST_F(ChallengeKeeperTest, ClearingTakesOneOrAll) {
  Running server(folder_);
  for (const char* value : {"one", "two", "three"}) server.order("example.org", value, 1h);
  server.order("www.example.org", "four", 1h);
  EXPECT_THAT(server.order("example.org", "two", 0s).values, SizeIs(2));
  EXPECT_THAT(server.order("example.org", "", 0s).values, IsEmpty());
  EXPECT_THAT(server.answered(), ElementsAre("four"));
  EXPECT_EQ(server.order("example.org", "two", 0s).error, "") << "it is not there, as was asked";
}

TEST_F(ChallengeKeeperTest, WhatExpiresIsAnsweredNoMore) {
  Running server(folder_);
  server.order("example.org", "short", 10s);
  server.order("example.org", "long", 1h);
  server.now = start + 10;
  server.keeper.start();
  EXPECT_THAT(server.set(), ElementsAre("long"));
  EXPECT_THAT(server.answered(), ElementsAre("long"));
}

TEST_F(ChallengeKeeperTest, ARestartKeepsWhatHasNotExpired) {
  {
    Running server(folder_);
    server.order("example.org", "short", 10s);
    server.order("www.example.org", "long", 1h);
  }
  Running server(folder_, start + 11);
  EXPECT_THAT(server.answered(), ElementsAre("long"));
  EXPECT_THAT(server.set(), ElementsAre("long"));
}

TEST_F(ChallengeKeeperTest, ADamagedFileCostsOnlyItsDamagedLines) {
  const std::string good = std::to_string(start + 60) + " _acme-challenge.www.example.org. kept\n";
  for (const std::string bad :
       {"", " ", "x _acme-challenge.example.org. v", "1790000060 a..b v", "1790000060 www.example.org.",
        "1790000060 _acme-challenge.example.org. a b", "99999999999999999999 example.org. v",
        "1790000060 _acme-challenge.example.org. \x01"}) {
    ASSERT_TRUE(base::write_file_atomically(folder_ + "/challenges", bad + "\n" + good));
    EXPECT_THAT(Running(folder_).answered(), ElementsAre("kept")) << bad;
  }
}

TEST_F(ChallengeKeeperTest, WithoutAStateDirectoryItLastsAsLongAsTheProcess) {
  Running server("");
  server.order("example.org", "one", 1h);
  EXPECT_THAT(server.answered(), ElementsAre("one"));
}

TEST_F(ChallengeKeeperTest, WhatCannotBeSetChangesNothingAndSaysWhy) {
  Running server(folder_);
  server.order("example.org", "one", 1h);
  const auto why = [&](const std::string& name, const std::string& value, base::Duration lasts = 1h) {
    const auto outcome = server.order(name, value, lasts);
    return outcome.error + "; " + outcome.hint;
  };
  EXPECT_THAT(why("ww.example.org", "v"), HasSubstr("did you mean \"www.example.org\"?"));
  EXPECT_THAT(why("example.net", "v"), HasSubstr("no challenge can be set at _acme-challenge.example.net"));
  EXPECT_THAT(why("a..b", "v"), HasSubstr("is no domain name"));
  EXPECT_THAT(why(".", "v"), HasSubstr("is no domain name"));
  EXPECT_THAT(why("example.org", "two words"), HasSubstr("is no challenge"));
  EXPECT_THAT(why("example.org", ""), HasSubstr("is no challenge"));
  EXPECT_THAT(why("example.org", std::string(256, 'a')), HasSubstr("is no challenge"));
  EXPECT_THAT(why("example.org", "v", 24h * 8), HasSubstr("7 days at most"));
  EXPECT_THAT(server.answered(), ElementsAre("one"));
}

TEST_F(ChallengeKeeperTest, ValuesAtANameAreBounded) {
  Running server(folder_);
  for (std::size_t i = 0; i < ChallengeKeeper::most_values; ++i)
    EXPECT_EQ(server.order("example.org", "v" + std::to_string(i), 1h).error, "");
  EXPECT_THAT(server.order("example.org", "more", 1h).error, HasSubstr("has 16 values already"));
  EXPECT_EQ(server.order("example.org", "v3", 1h).error, "") << "that one is there already";
}

}  // namespace
}  // namespace gslb::server
