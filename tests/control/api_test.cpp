#include "control/api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/acme_json.hpp"
#include "control/json.hpp"
#include "tests/control/fake_instance.hpp"

namespace gslb::control {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

class Api : public testing::Test {
 protected:
  net::ServerResponse ask(const std::string& method, const std::string& target) {
    net::ServerResponse out;
    int replies = 0;
    handler_({method, target, {}, {}}, [&](net::ServerResponse response) {
      out = std::move(response);
      ++replies;
    });
    EXPECT_EQ(replies, 1);
    EXPECT_EQ(out.content_type, out.body.starts_with(';') ? "text/dns" : "application/json");
    return out;
  }

  std::vector<std::string> names(const std::string& query) {
    const auto response = ask("GET", "/v1/states" + query);
    EXPECT_EQ(response.status, 200U) << response.body;
    std::vector<std::string> out;
    const auto services = services_from_json(response.body);
    for (const ServiceView& service : *services) out.push_back(service.name);
    return out;
  }

  FakeInstance instance_;
  net::HttpServer::Handler handler_ = make_api(instance_);
};

TEST_F(Api, AnswersTheStatus) {
  const auto response = ask("GET", "/v1/status");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(status_from_json(response.body).value().configuration, 7U);
  EXPECT_EQ(ask("HEAD", "/v1/status").status, 200U);
}

TEST_F(Api, AnswersWhatIsKnownOfAnAddress) {
  const auto response = ask("GET", "/v1/geo?address=2001%3Adb8%3A%3A1");
  EXPECT_EQ(response.status, 200U) << response.body;
  EXPECT_EQ(geo_from_json(response.body).value().address, "2001:db8::1");
}

TEST_F(Api, RefusesToTellOfWhatIsNoAddress) {
  const auto response = ask("GET", "/v1/geo?address=192.0.2.0/24");
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(error_from_json(response.body).error, "\"192.0.2.0/24\" is not an IP address");
  EXPECT_EQ(ask("GET", "/v1/geo").status, 400U);
}

TEST_F(Api, SaysThatAFileHasChangedSinceItWasLoaded) {
  instance_.geo_error = "city.mmdb: has changed since it was loaded; reload first";
  const auto response = ask("GET", "/v1/geo?address=192.0.2.1");
  EXPECT_EQ(response.status, 409U);
  EXPECT_EQ(error_from_json(response.body).error, instance_.geo_error);
}

TEST_F(Api, AReloadAcceptsDatabasesThatMoveManyClientsOnlyIfItIsToldTo) {
  instance_.outcome.ok = false;
  instance_.outcome.refused = true;
  instance_.outcome.errors = "geo: too many\n";
  const auto refused = ask("POST", "/v1/reload");
  EXPECT_EQ(refused.status, 409U);
  EXPECT_THAT(error_from_json(refused.body).hint, HasSubstr("gslbctl reload --accept-geo"));
  EXPECT_FALSE(instance_.accepted_geo);
  ask("POST", "/v1/reload?accept_geo=true");
  EXPECT_TRUE(instance_.accepted_geo);
  EXPECT_EQ(ask("POST", "/v1/reload?accept_geo=yes").status, 400U);
}

TEST_F(Api, AnswersTheStatesOfAllServicesInTheirOrder) {
  EXPECT_THAT(names(""),
              testing::ElementsAre("www.gslb.example.org", "www.eu.gslb.example.org", "api.gslb.example.org"));
}

TEST_F(Api, FindsServicesByFirstLabelRelativeAndAbsoluteName) {
  EXPECT_THAT(names("?service=api"), testing::ElementsAre("api.gslb.example.org"));
  EXPECT_THAT(names("?service=www"), testing::ElementsAre("www.gslb.example.org", "www.eu.gslb.example.org"));
  EXPECT_THAT(names("?service=www.eu"), testing::ElementsAre("www.eu.gslb.example.org"));
  EXPECT_THAT(names("?service=www.gslb.example.org"), testing::ElementsAre("www.gslb.example.org"));
  EXPECT_THAT(names("?service=WWW.GSLB.Example.org."), testing::ElementsAre("www.gslb.example.org"));
  EXPECT_THAT(names("?x=1&service=%61pi"), testing::ElementsAre("api.gslb.example.org"));
}

TEST_F(Api, AnUnknownServiceIsNotFoundAndTheNearOneIsNamed) {
  const auto response = ask("GET", "/v1/states?service=wwww");
  EXPECT_EQ(response.status, 404U);
  const ApiError error = error_from_json(response.body);
  EXPECT_EQ(error.error, "no service is named \"wwww\"");
  EXPECT_EQ(error.hint, "did you mean \"www\"?");
  EXPECT_EQ(ask("GET", "/v1/states?service=ww").status, 404U) << "a part of a label is not a name";
}

TEST_F(Api, AStrayPercentSignStandsForItself) {
  for (const char* query : {"%", "%4", "%zz", "a%"})
    EXPECT_EQ(ask("GET", std::string("/v1/states?service=") + query).status, 404U);
}

TEST_F(Api, ReloadsAndSaysHowItWent) {
  const auto good = ask("POST", "/v1/reload");
  EXPECT_EQ(good.status, 200U);
  EXPECT_EQ(reload_from_json(good.body).value().configuration, 8U);

  instance_.outcome = {false, 7, "gslb.yaml:3:4: no site is named \"fraa\"\n", {}};
  const auto bad = ask("POST", "/v1/reload");
  EXPECT_EQ(bad.status, 422U);
  EXPECT_THAT(error_from_json(bad.body).error, HasSubstr("no site is named \"fraa\""));
  EXPECT_EQ(error_from_json(bad.body).hint, "nothing was loaded; configuration 7 goes on");
}

// RFC 9110 section 15.5.6: Allow lists what the resource supports.
TEST_F(Api, AWrongMethodIsToldTheRightOneAndDoesNothing) {
  const auto response = ask("GET", "/v1/reload");
  EXPECT_EQ(response.status, 405U);
  EXPECT_THAT(response.headers, Contains(Pair("Allow", "POST")));
  EXPECT_EQ(error_from_json(response.body).hint, "use POST");
  EXPECT_EQ(instance_.reloads, 0);
  EXPECT_EQ(ask("DELETE", "/v1/status").status, 405U);
}

TEST_F(Api, AnUnknownPathIsToldTheKnownOnes) {
  const auto response = ask("GET", "/v1/stats?x");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(error_from_json(response.body).error, "there is nothing at /v1/stats");
  EXPECT_THAT(error_from_json(response.body).hint, testing::StartsWith("there are /v1/status, /v1/states, "));
}

// RFC 4027: the type of a master file.
TEST_F(Api, AZoneComesAsAMasterFileOrNotAtAll) {
  EXPECT_EQ(ask("GET", "/v1/zone?name=gslb.example.org").body, "; as all\n");
  EXPECT_EQ(ask("GET", "/v1/zone?name=gslb.example.org&client=192.0.2.1").body, "; as 192.0.2.1\n");
  EXPECT_EQ(ask("GET", "/v1/zone?name=example.net").status, 404U);
  EXPECT_EQ(ask("GET", "/v1/zone").status, 400U);
  EXPECT_EQ(ask("GET", "/v1/zone?name=gslb.example.org&client=nobody").status, 400U);
}

TEST_F(Api, ChallengesAreSetListedAndCleared) {
  const auto set = ask("POST", "/v1/acme/set?name=www.example.org&value=one&for=60");
  EXPECT_EQ(set.status, 200U);
  const auto outcome = challenge_outcome_from_json(set.body);
  EXPECT_EQ(outcome->name, "_acme-challenge.www.example.org");
  ASSERT_EQ(outcome->values.size(), 1U);
  EXPECT_EQ(rfc3339(outcome->values[0].expires), "2026-11-23T00:01:00.000Z");
  EXPECT_EQ(challenges_from_json(ask("GET", "/v1/acme").body)->at(0).value, "one");
  EXPECT_TRUE(challenge_outcome_from_json(ask("POST", "/v1/acme/clear?name=www.example.org").body)->values.empty());
}

TEST_F(Api, AChallengeLastsAnHourUnlessSaidOtherwise) {
  const auto outcome = challenge_outcome_from_json(ask("POST", "/v1/acme/set?name=www.example.org&value=one").body);
  EXPECT_EQ(rfc3339(outcome->values.at(0).expires), "2026-11-23T01:00:00.000Z");
  EXPECT_EQ(ask("POST", "/v1/acme/set?name=www.example.org&value=one&for=soon").status, 400U);
  EXPECT_EQ(ask("POST", "/v1/acme/set?value=one").status, 400U);
}

TEST_F(Api, AChallengeThatCannotBeSetIsAConflictWithItsReason) {
  const auto response = ask("POST", "/v1/acme/set?name=nowhere&value=one");
  EXPECT_EQ(response.status, 409U);
  EXPECT_EQ(error_from_json(response.body).hint, "try www");
}

TEST_F(Api, NameServersAreAskedForWhatWasSetOrIsGone) {
  instance_.lagging = 1;
  const auto servers = name_servers_from_json(
      ask("GET", "/v1/acme/servers?name=www.example.org&value=one&servers=192.0.2.1:53,%5b2001:db8::1%5d:54").body);
  ASSERT_EQ(servers->size(), 2U);
  EXPECT_TRUE(servers->at(0).agrees);
  EXPECT_EQ(servers->at(1).problem, "does not answer");
  EXPECT_TRUE(instance_.asked.present);
  ASSERT_EQ(instance_.asked.servers.size(), 2U);
  EXPECT_EQ(base::to_string(instance_.asked.servers[1]), "[2001:db8::1]:54");
  ask("GET", "/v1/acme/servers?name=www.example.org&gone=1");
  EXPECT_FALSE(instance_.asked.present);
  EXPECT_EQ(ask("GET", "/v1/acme/servers?name=www.example.org&servers=ns1").status, 400U);
}

TEST_F(Api, AStoreIsAcceptedWhereThereIsOne) {
  EXPECT_EQ(ask("POST", "/v1/store/accept").status, 404U);
  instance_.has_store = true;
  EXPECT_EQ(ask("POST", "/v1/store/accept").body, "{\"accepted\":true}\n");
  EXPECT_EQ(ask("GET", "/v1/store/accept").status, 405U);
}

}  // namespace
}  // namespace gslb::control
