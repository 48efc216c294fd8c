// Keys in the control API and in `gslbctl key`'s words.
#include "control/key_json.hpp"

#include <gmock/gmock.h>

#include "control/api.hpp"
#include "tests/control/fake_instance.hpp"

namespace gslb::control {
namespace {

using testing::HasSubstr;

ZoneKeysView zone() {
  ZoneKeysView out;
  out.zone = "example.org.";
  out.maker = out.is_signed = true;
  out.warnings = {"a warning"};
  KeyView& key = out.keys.emplace_back();
  key.tag = 4711;
  key.algorithm = "ECDSAP256SHA256";
  key.role = "CSK";
  key.does = "signs everything";
  key.waits = "waits until caches have it";
  key.until = at(1'790'000'000);
  key.created = at(1'780'000'000);
  key.file = "/var/lib/gslb/keys/Kexample.org.+013+04711";
  key.ds_wanted = true;
  key.ds = {"example.org. IN DS 4711 13 2 AA", "example.org. IN DS 4711 13 4 BB"};
  return out;
}

TEST(KeyJson, SaysEverythingBothWays) {
  const auto back = zone_keys_from_json(to_json({zone()}));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 1U);
  const ZoneKeysView& got = back->front();
  const KeyView want = zone().keys[0];
  EXPECT_EQ(got.zone, "example.org.");
  EXPECT_TRUE(got.maker && got.is_signed && !got.awaits_keys);
  EXPECT_EQ(got.warnings, zone().warnings);
  ASSERT_EQ(got.keys.size(), 1U);
  const KeyView& key = got.keys[0];
  EXPECT_EQ(std::tie(key.tag, key.algorithm, key.role, key.does, key.waits, key.until, key.created, key.file,
                     key.ds_wanted, key.ds),
            std::tie(want.tag, want.algorithm, want.role, want.does, want.waits, want.until, want.created, want.file,
                     want.ds_wanted, want.ds));
}

TEST(KeyJson, SaysOfAZoneThatIsNotAnsweredWhatItAwaits) {
  ZoneKeysView waiting;
  waiting.zone = "example.org.";
  waiting.awaits_keys = true;
  const auto back = zone_keys_from_json(to_json({waiting}));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 1U);
  EXPECT_TRUE(back->front().awaits_keys && !back->front().is_signed);
}

class KeyApi : public testing::Test {
 protected:
  net::ServerResponse ask(const std::string& method, const std::string& target) {
    net::ServerResponse out;
    make_api(instance)({.method = method, .target = target, .headers = {}, .body = {}},
                       [&](net::ServerResponse response) { out = std::move(response); });
    return out;
  }
  FakeInstance instance;
};

TEST_F(KeyApi, ShowsOneZoneOrAll) {
  instance.keys = {zone(), zone()};
  instance.keys[1].zone = "example.net.";
  EXPECT_EQ(zone_keys_from_json(ask("GET", "/v1/keys").body)->size(), 2U);
  EXPECT_EQ(zone_keys_from_json(ask("GET", "/v1/keys?zone=Example.NET").body)->size(), 1U);
  const auto unknown = ask("GET", "/v1/keys?zone=example.nett");
  EXPECT_EQ(unknown.status, 404U);
  EXPECT_THAT(unknown.body, HasSubstr("did you mean \\\"example.net\\\"?"));
}

TEST_F(KeyApi, PassesOrdersOn) {
  for (const char* target :
       {"/v1/keys/generate?zone=example.org&role=zsk", "/v1/keys/import?zone=example.org&path=%2Fk&path=%2Fz",
        "/v1/keys/ds-seen?zone=example.org", "/v1/keys/ds-gone?zone=example.org",
        "/v1/keys/retire?zone=example.org&tag=4711"})
    EXPECT_EQ(ask("POST", target).status, 200U) << target;
  ASSERT_EQ(instance.key_orders.size(), 5U);
  EXPECT_TRUE(instance.key_orders[0].zsk);
  EXPECT_THAT(instance.key_orders[1].paths, testing::ElementsAre("/k", "/z"));
  EXPECT_EQ(instance.key_orders[2].tag, 0U);
  EXPECT_EQ(instance.key_orders[3].verb, KeyOrder::Verb::ds_gone);
  EXPECT_EQ(instance.key_orders[4].tag, 4711U);
}

TEST_F(KeyApi, RefusesOrdersThatSayTooLittle) {
  for (const char* target :
       {"/v1/keys/generate", "/v1/keys/generate?zone=example.org&role=csk", "/v1/keys/import?zone=example.org",
        "/v1/keys/import?zone=example.org&path=%2Fk&path=", "/v1/keys/ds-seen?zone=example.org&tag=x",
        "/v1/keys/retire?zone=example.org", "/v1/keys/retire?zone=example.org&tag=65536"})
    EXPECT_EQ(ask("POST", target).status, 400U) << target;
  EXPECT_TRUE(instance.key_orders.empty());
  EXPECT_EQ(ask("GET", "/v1/keys/generate?zone=example.org").status, 405U);
}

TEST_F(KeyApi, SaysWhyAnOrderWasNotCarriedOut) {
  instance.key_outcome = {false, "no key has tag 1", "gslbctl key status shows them"};
  const auto refused = ask("POST", "/v1/keys/retire?zone=example.org&tag=1");
  EXPECT_EQ(refused.status, 409U);
  EXPECT_THAT(refused.body, HasSubstr("no key has tag 1"));
  EXPECT_THAT(refused.body, HasSubstr("gslbctl key status shows them"));
}

}  // namespace
}  // namespace gslb::control
