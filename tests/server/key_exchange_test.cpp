// When keys take effect, from their maker through a store to a follower.
#include "server/key_exchange.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "tests/server/memory_store.hpp"

namespace gslb::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

/// A name server, as far as keys go.
struct Node {
  Node(const std::string& name_, const fs::path& folder_, bool maker, MemoryStore& store)
      : name(name_), folder(folder_), exchange(*keeper, [&store] { return &store; }) {
    SignedZone zone;
    zone.apex = *dns::Name::parse("example.org.");
    zone.dnssec.keys.value = folder.string();
    zone.dnssec.maker = maker;
    keeper->keep({zone});
    until([this] { return keeper->settled(); });
  }
  template <class Condition>
  void until(Condition holds) {
    const auto deadline = base::steady_now() + 60s;
    while (!holds() && base::steady_now() < deadline) {
      context.restart();
      context.run_one_for(10ms);
    }
    ASSERT_TRUE(holds());
  }
  std::vector<dns::KeyRecord> known() {
    std::optional<std::vector<KeyKeeper::Known>> out;
    keeper->known(name, [&](auto zones) { out = std::move(zones); });
    until([&] { return out.has_value(); });
    return out->at(0).keys;
  }
  void read(const MemoryStore& store) {
    exchange.read(store.listing(), name);
    known();  // whatever was asked before has been answered by then
  }

  std::string name;
  fs::path folder;
  boost::asio::io_context context{1};
  Builder builder;
  std::unique_ptr<KeyKeeper> keeper = std::make_unique<KeyKeeper>(
      context, builder, [](const dns::Name&, const zones::ZoneKeysPtr&, const auto& done) { done(true); });
  KeyExchange exchange;
};

class KeyExchangeTest : public testing::Test {
 protected:
  KeyExchangeTest() { maker.read(store); }
  ~KeyExchangeTest() override { fs::remove_all(folder); }
  std::string key() const { return "/gslb/keys/example.org./" + key_record_name(of_maker); }

  const fs::path folder = fs::temp_directory_path() / ("gslb-key-exchange-" + std::to_string(::getpid()));
  MemoryStore store;
  Node maker{"fra-1", folder / "maker", true, store};
  dns::KeyRecord of_maker = maker.known().at(0);
};

TEST_F(KeyExchangeTest, TheMakerWritesWhenItsKeysTakeEffect) {
  ASSERT_EQ(store.listing().values.size(), 1U);
  EXPECT_EQ(store.listing().values[0].key, key());
  EXPECT_EQ(store.listing().values[0].value, to_text(of_maker));
  const std::uint64_t revision = store.listing().revision;
  maker.read(store);
  EXPECT_EQ(store.listing().revision, revision) << "nothing is written twice";
}

TEST_F(KeyExchangeTest, AFollowerTakesThemIntoItsFiles) {
  fs::copy(maker.folder, folder / "follower");
  Node follower("iad-1", folder / "follower", false, store);
  dns::KeyRecord later = of_maker;
  later.times.sync_delete = *later.times.created + 24h;
  store.set(key(), to_text(later));
  follower.read(store);
  later.by = "iad-1";
  EXPECT_EQ(follower.known().at(0), later);
  EXPECT_EQ(store.listing().values.size(), 1U) << "a follower writes nothing";
}

TEST_F(KeyExchangeTest, TheMakersWordStandsAndItsOldKeysGo) {
  dns::KeyRecord wrong = of_maker;
  wrong.times.remove = *wrong.times.created;
  store.set(key(), to_text(wrong));
  wrong.tag ^= 1;
  store.set("/gslb/keys/example.org./" + key_record_name(wrong), to_text(wrong));
  store.set("/gslb/keys/example.org./13+5", "by=another");
  store.set("/gslb/keys/example.org./13+6", "damaged");
  maker.read(store);
  EXPECT_EQ(maker.known().at(0), of_maker);
  std::map<std::string, std::string> there;
  for (const auto& value : store.listing().values) there[value.key] = value.value;
  EXPECT_EQ(there[key()], to_text(of_maker));
  EXPECT_EQ(there.size(), 3U) << "its own that is gone was removed; what is not its own is left";
  maker.until([&] { return !maker.keeper->warnings().empty(); });
  EXPECT_THAT(maker.keeper->warnings(), Contains(HasSubstr("another makes keys of this zone, too")));
}

}  // namespace
}  // namespace gslb::server
