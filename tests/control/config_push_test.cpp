// Another configuration, as gslbctl packs it, the API takes it, and both tell of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "control/api.hpp"
#include "control/config_json.hpp"
#include "control/json.hpp"
#include "control/pack.hpp"
#include "tests/control/fake_instance.hpp"

namespace gslb::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConfigApi : public testing::Test {
 protected:
  net::ServerResponse ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    net::ServerResponse out;
    make_api(instance)({method, target, {}, body, {"anna"}}, [&](net::ServerResponse response) { out = response; });
    return out;
  }
  FakeInstance instance;
};

TEST_F(ConfigApi, SaysWhichConfigurationRuns) {
  instance.config.pushed = "0123456789abcdef";
  instance.config.author = "anna";
  instance.config.when = at(1764216000);
  instance.config.soak_left = std::chrono::seconds(0);
  instance.config.last_trial = "kept";
  instance.config.shared = true;
  const auto response = ask("GET", "/v1/config");
  EXPECT_EQ(response.status, 200U);
  const auto read = config_view_from_json(response.body);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->pushed, "0123456789abcdef");
  EXPECT_EQ(read->author, "anna");
  EXPECT_EQ(read->when, at(1764216000));
  EXPECT_EQ(read->soak_left, base::Duration{}) << "its time is up, and it is not kept yet";
  EXPECT_EQ(read->last_trial, "kept");
  EXPECT_TRUE(read->shared);
  instance.config.soak_left.reset();
  EXPECT_FALSE(config_view_from_json(ask("GET", "/v1/config").body)->soak_left);
}

TEST_F(ConfigApi, TakesAPushWithAllThatWasSaid) {
  const auto response =
      ask("POST", "/v1/config/push?soak=300&max_move=5%25&reason=gru%20opens&force=1&share=0", "the bundle");
  EXPECT_EQ(response.status, 200U);
  ASSERT_EQ(instance.pushed.size(), 1U);
  const ConfigPush& push = instance.pushed[0];
  EXPECT_EQ(push.bundle, "the bundle");
  EXPECT_EQ(push.author, "anna");
  EXPECT_EQ(push.reason, "gru opens");
  EXPECT_EQ(push.max_move, 0.05);
  EXPECT_EQ(push.soak, std::chrono::seconds(300));
  EXPECT_TRUE(push.force);
  EXPECT_FALSE(push.share);
  EXPECT_FALSE(push.dry_run);
  const auto outcome = push_outcome_from_json(response.body);
  EXPECT_EQ(outcome->difference, "answers are the same\n");
  EXPECT_EQ(outcome->configuration, 8U);
}

TEST_F(ConfigApi, TellsMistakesFromRefusals) {
  instance.push_outcome = {false, true, "more moves than allowed\n", {}, 0.5, {}, {}, 7};
  EXPECT_EQ(ask("POST", "/v1/config/push?soak=0").status, 409U);
  instance.push_outcome.refused = false;
  EXPECT_EQ(ask("POST", "/v1/config/push?dry_run=1").status, 422U);
  EXPECT_EQ(push_outcome_from_json(ask("POST", "/v1/config/leave?reason=back").body)->errors,
            "more moves than allowed\n");
  EXPECT_EQ(instance.left.back().second, "back");
}

TEST_F(ConfigApi, WantsToKnowHowLongToWatch) {
  for (const char* wrong : {"", "soak=", "soak=5m", "soak=-1", "soak=86401", "soak=300&max_move=much"}) {
    const auto response = ask("POST", std::string("/v1/config/push?") + wrong);
    EXPECT_EQ(response.status, 400U) << wrong;
    EXPECT_FALSE(error_from_json(response.body).error.empty());
  }
  EXPECT_TRUE(instance.pushed.empty());
}

class Packing : public testing::Test {
 protected:
  Packing() {
    std::string name = testing::TempDir() + "pack-XXXXXX";
    folder = ::mkdtemp(name.data());
    std::filesystem::create_directories(folder + "/conf/zones");
  }
  ~Packing() override { std::filesystem::remove_all(folder); }
  void write(const std::string& path, const std::string& text) const { std::ofstream(folder + "/" + path) << text; }

  std::string folder;
  base::ErrorList errors;
};

TEST_F(Packing, TakesAllThatLiesInTheFolderAndIsRead) {
  write("elsewhere.zone", "@ 300 IN SOA ns1 h 1 2 3 4 5\n@ 300 NS ns1\nns1 300 A 192.0.2.1\n");
  write("conf/unused.yaml", "what: ever\n");
  write("conf/places.yaml", "- { prefix: 192.0.2.0/24, country: \"DE\" }\n");
  write("conf/rtt.csv", "prefix,site,ms\n192.0.2.0/24,fra,1\n");
  write("conf/zones/a.yaml",
        "zones: { example.org: { files: [a.zone] }, example.net: { files: [" + folder + "/elsewhere.zone] } }\n");
  write("conf/zones/a.zone", "$INCLUDE more.zone\n");
  write("conf/zones/more.zone", "@ 300 IN SOA ns1 h 1 2 3 4 5\n@ 300 NS ns1\nns1 300 A 192.0.2.1\n");
  write("conf/gslb.yaml",
        "include: zones/*.yaml\nsites: { fra: {} }\ngeo: { places_file: places.yaml, location: [] }\n"
        "policies: { quick: [fastest: { table: rtt.csv }] }\n");
  const std::string text = pack(folder + "/conf/gslb.yaml", errors);
  for (const auto& error : errors.all()) ADD_FAILURE() << base::to_string(error);
  const auto bundle = config::parse_bundle(text);
  ASSERT_TRUE(bundle);
  std::vector<std::string> paths;
  for (const auto& file : bundle->files) paths.push_back(file.path);
  EXPECT_THAT(paths,
              ElementsAre("gslb.yaml", "zones/a.yaml", "zones/a.zone", "zones/more.zone", "places.yaml", "rtt.csv"));
}

TEST_F(Packing, SaysWhereAMistakeIs) {
  write("conf/gslb.yaml", "zones: { example.org: { files: [missing.zone] } }\n");
  EXPECT_EQ(pack(folder + "/conf/gslb.yaml", errors), "");
  ASSERT_FALSE(errors.empty());
  EXPECT_THAT(errors.all()[0].what, HasSubstr("missing.zone"));
  base::ErrorList others;
  EXPECT_EQ(pack(folder + "/nothing.yaml", others), "");
  EXPECT_FALSE(others.empty());
}

}  // namespace
}  // namespace gslb::control
