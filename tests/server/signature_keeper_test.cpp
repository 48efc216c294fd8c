// server/signature_keeper.hpp: signatures over restarts, renewals and clocks that are wrong, on the threads of a
// server.
#include "server/signature_keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>

#include "base/file.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::server {
namespace {

namespace asio = boost::asio;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t day = 86400;
constexpr std::int64_t start = test::signing_time;

constexpr const char* configuration = R"(
state: /nonexistent
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: {} }
zones:
  example.org:
    ns: [ns1.example.net.]
    soa: { serial: 1 }
    dnssec: on
    services: { www: { monitor: none, policy: [take: 1], endpoints: { fra: 192.0.2.10 } } }
)";

/// What a server has around a keeper, with clocks that a test sets. Its control thread is the test's.
class Running {
 public:
  explicit Running(const std::string& state, std::int64_t now = start, zones::ZoneKeysPtr keys = test::csk())
      : now_(now) {
    keeper.open(state);
    base::ErrorList errors;
    const auto config = config::load_text("test.yaml", configuration, errors);
    engine::CompileOptions options;
    options.store = &keeper.store();
    options.clock = keeper.clock();
    options.keys_of = [keys](const zones::ZoneSpec&, base::ErrorList&) { return keys; };
    served = engine::compile(*config, options, errors);
    if (served == nullptr) std::abort();
    republisher.start_from(served);
    look();
  }

  /// Looks, and waits until it is done.
  void look() {
    keeper.look();
    wait_for_publish();
  }
  /// Time passes, by both clocks.
  void pass(std::int64_t seconds) {
    now_ += seconds;
    passed_ += seconds;
    look();
  }
  /// The clock is set.
  void set_clock(std::int64_t now) {
    now_ = now;
    look();
  }
  bool sign(const std::string& apex, zones::ZoneKeysPtr keys) {
    std::optional<bool> outcome;
    keeper.sign(*dns::Name::parse(apex), std::move(keys), [&](bool published) { outcome = published; });
    wait_for_publish();
    wait_for_publish();  // the look that follows
    return outcome.value();
  }

  engine::SnapshotPtr served;

 private:
  void wait_for_publish() {
    const unsigned before = published_;
    while (published_ == before) context_.run_one();
  }

  std::int64_t now_;
  std::int64_t passed_ = 1000;
  unsigned published_ = 0;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  Republisher republisher{builder_, [this](engine::SnapshotPtr next, std::function<void()> done) {
                            asio::post(context_, [this, next = std::move(next), done = std::move(done)] {
                              if (next) served = next;
                              done();
                              ++published_;
                            });
                          }};

 public:
  SignatureKeeper keeper{context_, republisher, [this] { return ClockTimes{now_, passed_}; }};

 private:
  Builder builder_;
};

class KeptSignatures : public testing::Test {
 protected:
  KeptSignatures() { std::filesystem::create_directories(folder); }
  ~KeptSignatures() override { std::filesystem::remove_all(folder); }
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("gslb-kept-signatures-" + std::to_string(::getpid()))).string();
};

TEST_F(KeptSignatures, ARestartMakesNone) {
  const std::uint64_t made = Running(folder).keeper.made();
  EXPECT_GT(made, 0U);
  Running again(folder, start + day);
  EXPECT_EQ(again.keeper.made(), 0U);
  EXPECT_EQ(again.keeper.store().size(), made);
  EXPECT_THAT(again.keeper.warnings(), IsEmpty());
}

TEST_F(KeptSignatures, WithoutAStateDirectoryARestartMakesAll) {
  const std::uint64_t made = Running("").keeper.made();
  EXPECT_EQ(Running("").keeper.made(), made);
}

TEST_F(KeptSignatures, ADamagedFileIsSignedAfresh) {
  const std::uint64_t made = Running(folder).keeper.made();
  std::string content = *base::read_file(folder + "/signatures");
  content[40] ^= 1;
  ASSERT_TRUE(base::write_file_atomically(folder + "/signatures", content).has_value());
  EXPECT_EQ(Running(folder).keeper.made(), made);
}

TEST_F(KeptSignatures, AreRenewedWhileTheServerRunsAndWrittenAgain) {
  std::int64_t now = start;
  {
    Running server(folder);
    const auto at_once = server.keeper.made();
    for (; now < start + 30 * day; now += day / 4) server.pass(day / 4);
    EXPECT_GT(server.keeper.made(), at_once);
    EXPECT_GT(server.served->signatures[0]->first_expiration(), now + 4 * day);
    EXPECT_THAT(server.keeper.warnings(), IsEmpty());
  }
  EXPECT_EQ(Running(folder, now).keeper.made(), 0U);
}

TEST_F(KeptSignatures, AreWrittenLaterIfTheyCannotBeNow) {
  const std::string state = folder + "/gone";
  Running server(state);
  EXPECT_THAT(server.keeper.warnings(), ElementsAre(HasSubstr("signatures are not kept for the next start: ")));
  std::filesystem::create_directories(state);
  server.look();
  EXPECT_THAT(server.keeper.warnings(), IsEmpty());
  EXPECT_EQ(Running(state).keeper.made(), 0U);
}

TEST_F(KeptSignatures, StandWhileTheClockIsWrongAndAreRenewedWhenItIsRightAgain) {
  Running server(folder);
  const auto made = server.keeper.made();
  for (const std::int64_t wrong : {std::int64_t{0}, start - day, start + 2 * day, start + 400 * day}) {
    server.set_clock(wrong);
    EXPECT_EQ(server.keeper.made(), made) << wrong;
    EXPECT_THAT(server.keeper.warnings(), Contains(HasSubstr("existing signatures are kept"))) << wrong;
  }
  server.set_clock(start);
  EXPECT_THAT(server.keeper.warnings(), IsEmpty());
  server.pass(9 * day);
  EXPECT_GT(server.keeper.made(), made);
  EXPECT_THAT(server.keeper.warnings(), IsEmpty());
}

TEST_F(KeptSignatures, SurviveAPauseOfTheMachineOfSomeDays) {
  Running server(folder);
  server.set_clock(start + 2 * day);
  EXPECT_THAT(server.keeper.warnings(), ElementsAre(HasSubstr("jumped ahead")));
  for (int hour = 0; hour < 14 * 24; ++hour) {
    server.pass(3600);
    EXPECT_GT(server.served->signatures[0]->first_expiration(), start + 2 * day + (hour + 1) * 3600 + 2 * day);
  }
  EXPECT_THAT(server.keeper.warnings(), IsEmpty());
}

TEST_F(KeptSignatures, OtherKeysArePublished) {
  Running server(folder);
  const auto keys = test::ksk_and_zsk();
  EXPECT_TRUE(server.sign("example.org.", keys));
  EXPECT_EQ(server.served->signatures[0]->keys(), keys);
  EXPECT_TRUE(server.sign("example.org.", nullptr));
  EXPECT_EQ(server.served->signatures[0], nullptr);
  EXPECT_TRUE(server.sign("example.org.", test::csk()));
  EXPECT_FALSE(server.sign("example.net.", keys));
}

TEST_F(KeptSignatures, AZoneThatCannotBeSignedIsServedAsBefore) {
  Running server("", start, nullptr);
  EXPECT_EQ(server.served->signatures[0], nullptr);
  server.set_clock(0);
  EXPECT_FALSE(server.sign("example.org.", test::csk()));
  EXPECT_EQ(server.served->signatures[0], nullptr);
}

}  // namespace
}  // namespace gslb::server
