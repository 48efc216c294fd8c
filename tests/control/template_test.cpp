// Templates: which names there are, and that a wrong one is told.
#include "control/template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/control/fake_instance.hpp"

namespace gslb::control {
namespace {

using testing::HasSubstr;

std::vector<ServiceView> two_sites() {
  FakeInstance fake;
  std::vector<ServiceView> services = fake.services();
  services[0].endpoints.push_back(endpoint("198.51.100.1", "iad", health::Verdict::down));
  services[0].endpoints[0].weight = 1;
  services[0].endpoints[1].weight = 0;
  return services;
}

std::string made(const std::string& text) {
  const auto out = expand(text, two_sites());
  return out ? *out : "error: " + out.error().what;
}

TEST(Template, ListsServicesAndTheirEndpoints) {
  EXPECT_EQ(made("{{#services}}{{label}} {{name}}\n{{/services}}"),
            "www www.gslb.example.org\nwww www.eu.gslb.example.org\napi api.gslb.example.org\n");
  EXPECT_EQ(
      made("{{#service.www.endpoints}}\nserver s{{index}} {{address}}:443 weight {{percent}}{{^up}} disabled{{/up}}\n"
           "{{/service.www.endpoints}}\n"),
      "server s1 192.0.2.10:443 weight 33\nserver s2 198.51.100.1:443 weight 0 disabled\n");
}

TEST(Template, FindsEndpointsOfOneSite) {
  EXPECT_EQ(made("{{#service.www.at.iad}}{{address}} {{verdict}} {{weight}}/{{configured}}{{/service.www.at.iad}}"),
            "198.51.100.1 down 0/3");
}

TEST(Template, KnowsWhetherAnythingIsUsable) {
  EXPECT_EQ(made("{{#service.www.any_usable}}yes{{/service.www.any_usable}}"), "yes");
  std::vector<ServiceView> services = two_sites();
  services[0].endpoints[0].ordered = "drain";
  EXPECT_EQ(*expand("{{^service.www.any_usable}}none{{/service.www.any_usable}}", services), "none");
  services[0].endpoints[0].ordered = "down";
  EXPECT_EQ(*expand("{{#service.www.at.fra}}{{^up}}down{{/up}}{{/service.www.at.fra}}", services), "down");
}

TEST(Template, IsNoHtml) {
  std::vector<ServiceView> services = two_sites();
  services[0].mode = "a <b> & \"c\"";
  EXPECT_EQ(*expand("{{service.www.mode}}", services), "a <b> & \"c\"");
}

TEST(Template, TellsOfANameThatStandsForNothing) {
  EXPECT_EQ(made("a\n{{#services}}\n{{wieght}}{{/services}}"),
            "error: 3: there is no \"wieght\"; did you mean \"weight\"?");
  EXPECT_EQ(made("{{service.shop.mode}}"), "error: 1: no service begins with \"shop\"");
  EXPECT_EQ(made("{{#service.www.at.gru}}x{{/service.www.at.gru}}"),
            "error: 1: service www has no endpoint at \"gru\"");
  EXPECT_EQ(made("{{service.www.colour}}"), "error: 1: there is no \"colour\"");
  EXPECT_EQ(made("{{> other}}"), "error: 1: a template cannot include another");
}

TEST(Template, IsNotEmpty) {
  for (const std::string text : {"", " \n\t\n"})
    EXPECT_EQ(made(text), "error: 1: the template is empty, and so would be what it makes");
}

TEST(Template, TellsWhatIsNotClosed) {
  EXPECT_THAT(made("{{#services}}"), HasSubstr("error: "));
  EXPECT_THAT(made("{{name"), HasSubstr("error: "));
}

}  // namespace
}  // namespace gslb::control
