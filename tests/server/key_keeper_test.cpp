#include "server/key_keeper.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <filesystem>

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using control::KeyOrder;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class AllKeys : public testing::Test {
 protected:
  ~AllKeys() override {
    keeper.reset();
    std::filesystem::remove_all(folder);
  }
  SignedZone zone(const char* name) const {
    SignedZone out;
    out.apex = *dns::Name::parse(name);
    out.dnssec.keys.value = folder;
    return out;
  }
  /// Runs the control thread's work until a condition holds.
  template <class Condition>
  void until(Condition holds) {
    const auto deadline = base::steady_now() + 60s;
    while (!holds() && base::steady_now() < deadline) {
      context.restart();
      context.run_one_for(10ms);
    }
    ASSERT_TRUE(holds());
  }
  void keep(std::vector<SignedZone> zones) {
    keeper->keep(std::move(zones));
    until([&] { return keeper->settled(); });
  }
  control::KeyOutcome order(KeyOrder::Verb verb, const std::string& name) {
    std::optional<control::KeyOutcome> out;
    keeper->order({verb, name, false, 0, {}}, [&](const control::KeyOutcome& outcome) { out = outcome; });
    until([&] { return out.has_value(); });
    return *out;
  }
  std::vector<control::ZoneKeysView> view() {
    std::optional<std::vector<control::ZoneKeysView>> out;
    keeper->view([&](auto zones) { out = std::move(zones); });
    until([&] { return out.has_value(); });
    return *out;
  }

  const std::string folder =
      (std::filesystem::temp_directory_path() / ("gslb-keeper-" + std::to_string(::getpid()))).string();
  boost::asio::io_context context{1};
  Builder builder;
  std::map<std::string, zones::ZoneKeysPtr> served;
  bool works = true;
  unsigned published = 0;
  std::unique_ptr<KeyKeeper> keeper = std::make_unique<KeyKeeper>(
      context, builder, [this](const dns::Name& apex, zones::ZoneKeysPtr keys, std::function<void(bool)> done) {
        boost::asio::post(context, [this, apex, keys = std::move(keys), done = std::move(done)] {
          ++published;
          if (works) served[apex.to_string()] = keys;
          done(works);
        });
      });
};

TEST_F(AllKeys, AreMadeAndServedForEachZoneBeforeTheKeeperIsSettled) {
  keep({zone("example.org."), zone("example.net.")});
  EXPECT_THAT(served, SizeIs(2));
  for (const auto& [apex, keys] : served) EXPECT_THAT(keys->dnskeys, SizeIs(1));
  EXPECT_THAT(view(), SizeIs(2));
  EXPECT_THAT(keeper->warnings(), IsEmpty());
}

TEST_F(AllKeys, OfAnOrderAreServedAtOnce) {
  keep({zone("example.org.")});
  EXPECT_TRUE(order(KeyOrder::Verb::generate, "Example.ORG").ok);
  until([&] { return served.begin()->second->dnskeys.size() == 2; });
}

TEST_F(AllKeys, OfAZoneThatIsNotSignedCannotBeOrdered) {
  keep({zone("example.org.")});
  const auto outcome = order(KeyOrder::Verb::generate, "exmaple.org");
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.hint, "did you mean \"example.org.\"?");
}

// What a configuration that is loaded meanwhile signs with is what workers have, not what files say.
TEST_F(AllKeys, StayThoseThatAreServedWhenTheConfigurationIsLoadedAgain) {
  keep({zone("example.org.")});
  zones::ZoneSpec spec;
  spec.apex.value = *dns::Name::parse("example.org.");
  spec.dnssec = zone("example.org.").dnssec;
  std::filesystem::remove_all(folder);
  base::ErrorList errors;
  EXPECT_EQ(keeper->keys_of(spec, errors), served.begin()->second);
  spec.dnssec->keys.value = folder + "/elsewhere";
  spec.dnssec->maker = false;
  EXPECT_EQ(keeper->keys_of(spec, errors), nullptr);
  EXPECT_FALSE(errors.empty());
}

// A maker would make new ones there, which no DS speaks of.
TEST_F(AllKeys, AreNotLeftBehindWhereTheFolderChanges) {
  keep({zone("example.org.")});
  zones::ZoneSpec spec;
  spec.apex.value = *dns::Name::parse("example.org.");
  spec.dnssec = zone("example.org.").dnssec;
  spec.dnssec->keys.value = folder + "/elsewhere";
  base::ErrorList errors;
  EXPECT_EQ(keeper->keys_of(spec, errors), nullptr);
  ASSERT_THAT(errors.all(), SizeIs(1));
  EXPECT_THAT(errors.all()[0].what, HasSubstr("none of its keys is in " + folder + "/elsewhere"));
  std::filesystem::copy(folder, spec.dnssec->keys.value);
  base::ErrorList none;
  EXPECT_TRUE(same_keys(keeper->keys_of(spec, none), served.begin()->second));
  EXPECT_THAT(none.all(), IsEmpty());
}

TEST_F(AllKeys, AreAwaitedUntilTheFirstIsServed) {
  SignedZone waiting = zone("example.org.");
  waiting.awaits_keys = true;
  works = false;
  keeper->keep({waiting});
  until([&] { return published > 0; });
  EXPECT_TRUE(view()[0].awaits_keys && !view()[0].is_signed);
  works = true;
  keep({waiting});
  EXPECT_TRUE(!view()[0].awaits_keys && view()[0].is_signed);
}

TEST_F(AllKeys, ThatCannotBeServedAreTriedAgain) {
  works = false;
  SignedZone restless = zone("example.org.");
  restless.dnssec.dnskey_ttl = 1s;
  keeper->keep({restless});
  until([&] { return published >= 2; });
  EXPECT_FALSE(keeper->settled());
  works = true;
  until([&] { return keeper->settled(); });
  EXPECT_THAT(served, SizeIs(1));
}

TEST_F(AllKeys, WarnOfWhatNobodyCanSee) {
  SignedZone two = zone("example.org.");
  two.name_servers = 2;
  keep({two});
  ASSERT_THAT(keeper->warnings(), SizeIs(1));
  EXPECT_THAT(keeper->warnings()[0], HasSubstr("example.org."));
  EXPECT_THAT(keeper->warnings()[0], HasSubstr("dnssec.servers"));
}

}  // namespace
}  // namespace gslb::server
