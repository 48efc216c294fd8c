#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using ::testing::ElementsAre;
using testing::errors_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::loaded;

std::string service(const std::string& https, const std::string& defaults = "ttl: 30s") {
  return "sites: { fra: {} }\ndefaults: { " + defaults + " }\nzones:\n  example.org:\n    ns: [ns1]\n    services:\n" +
         "      www:\n        policy: [weighted]\n        endpoints: { fra: 192.0.2.1 }\n" +
         (https.empty() ? "" : "        https: " + https + "\n");
}

std::optional<policy::HttpsSpec> spec(const std::string& https, const std::string& defaults = "ttl: 30s") {
  return loaded(service(https, defaults)).zones.at(0).services.at(0).https;
}

TEST(Https, IsOffUnlessSomebodyWantsIt) {
  EXPECT_FALSE(spec(""));
  EXPECT_FALSE(spec("off"));
}

TEST(Https, OneLineIsEnough) {
  EXPECT_THAT(spec("on")->alpn, IsEmpty());
  EXPECT_THAT(spec("h2")->alpn, ElementsAre("h2"));
  EXPECT_THAT(spec("[h2, h3]")->alpn, ElementsAre("h2", "h3"));
  EXPECT_FALSE(spec("[h2, h3]")->port);
}

TEST(Https, ReadsEverything) {
  const auto https = spec("{ alpn: [h2, http/1.1], no_default_alpn: true, port: 8443, ech: AAQAAAAA }");
  ASSERT_TRUE(https);
  EXPECT_THAT(https->alpn, ElementsAre("h2", "http/1.1"));
  EXPECT_TRUE(https->no_default_alpn);
  EXPECT_EQ(https->port, 8443);
  EXPECT_THAT(https->ech, ElementsAre(0, 4, 0, 0, 0, 0));
}

TEST(Https, OfTheDefaultsHoldsForEveryServiceThatSaysNothingElse) {
  EXPECT_THAT(spec("", "https: { alpn: h2, port: 8443 }")->alpn, ElementsAre("h2"));
  EXPECT_FALSE(spec("off", "https: [h2]"));
  EXPECT_FALSE(spec("[h3]", "https: { alpn: h2, port: 8443 }")->port);
}

TEST(Https, OfTheDefaultsIsNotForServicesThatReflect) {
  const Config config = loaded(
      "defaults: { https: [h2] }\nzones:\n  example.org:\n    ns: [ns1]\n    services: { me: { reflect: both } }\n");
  EXPECT_FALSE(config.zones.at(0).services.at(0).https);
}

TEST(Https, EveryMistakeIsReportedWithItsPlaceAndWhatToWrite) {
  const auto error = [](const std::string& https) { return errors_of(service(https)); };
  EXPECT_THAT(
      error("{ alpn: http2 }"),
      ElementsAre(HasSubstr("10:24: services.www.https.alpn: \"http2\" is not what clients know this protocol by")));
  EXPECT_THAT(error("[h2, h2]"), ElementsAre(HasSubstr("10:21: services.www.https[1]: is in the list already")));
  EXPECT_THAT(error("[\"h 2\"]"), ElementsAre(HasSubstr("services.www.https[0]: \"h 2\" is not a protocol")));
  EXPECT_THAT(error("{ port: 0 }"), ElementsAre(HasSubstr("services.www.https.port: must be 1 to 65535, is 0")));
  EXPECT_THAT(error("{ ech: \"!\" }"),
              ElementsAre(HasSubstr("services.www.https.ech: is not a list of configurations in base64")));
  EXPECT_THAT(error("{ ech: \"AAQAAAAA port=1\" }"), ElementsAre(HasSubstr("services.www.https.ech: is not a list")));
  EXPECT_THAT(error("{ no_default_alpn: true }"),
              ElementsAre(HasSubstr("services.www.https: \"no_default_alpn\" leaves no protocol")));
  EXPECT_THAT(error("{ alpns: h2 }"), ElementsAre(HasSubstr("services.www.https.alpns: there is no key \"alpns\"")));
}

}  // namespace
}  // namespace gslb::config
