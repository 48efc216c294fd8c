#include "health/probes/redirect.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gslb::health {
namespace {

const base::IpAddress v4 = *base::parse_address("192.0.2.10");
const base::IpAddress v6 = *base::parse_address("2001:db8::10");

// RFC 9110 section 10.2.2, RFC 3986 section 5.2
TEST(Redirect, LeadsToOtherPathsPortsAndSchemesOfTheSameHost) {
  struct Case {
    std::string_view location;
    bool tls;
    std::uint16_t port;
    std::string_view path;
  };
  const std::vector<Case> cases{{"/ready", false, 8080, "/ready"},
                                {"ready?full=1", false, 8080, "/app/ready?full=1"},
                                {"?full=1", false, 8080, "/app/healthz?full=1"},
                                {"#top", false, 8080, "/app/healthz"},
                                {"https://www.example.org/ready", true, 443, "/ready"},
                                {"HTTPS://WWW.EXAMPLE.ORG/ready", true, 443, "/ready"},
                                {"http://www.example.org", false, 80, "/"},
                                {"http://www.example.org?x=1", false, 80, "/?x=1"},
                                {"http://www.example.org:8081/a#b", false, 8081, "/a"},
                                {"http://192.0.2.10/a", false, 80, "/a"},
                                {"//www.example.org/a", false, 80, "/a"},
                                {"http://www.example.org:/a", false, 80, "/a"}};
  const Place from{false, 8080, "/app/healthz?old=1"};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.location);
    const auto to = follow_location(c.location, from, "www.example.org:8080", v4);
    ASSERT_TRUE(to) << to.error().what;
    EXPECT_EQ(to->tls, c.tls);
    EXPECT_EQ(to->port, c.port);
    EXPECT_EQ(to->path, c.path);
  }
}

TEST(Redirect, UnderstandsAnIpv6Address) {
  const auto to = follow_location("https://[2001:db8::10]:8443/a", {}, "", v6);
  ASSERT_TRUE(to) << to.error().what;
  EXPECT_EQ(to->port, 8443);
}

TEST(Redirect, DoesNotLeaveTheAddress) {
  for (const std::string_view location :
       {"https://login.example.org/", "//login.example.org/", "http://192.0.2.11/", "http://user@www.example.org/",
        "http://www.example.org:99999/", "http://www.example.org:0/", "http://www.example.org:8o/",
        "ftp://www.example.org/", "mailto:root@example.org", "http:relative", "http://[2001:db8::10/", "/a b",
        "/a\r\nX: y", "http:///a"}) {
    EXPECT_FALSE(follow_location(location, {}, "www.example.org", v4)) << location;
  }
  EXPECT_FALSE(follow_location("/" + std::string(5000, 'a'), {}, "www.example.org", v4));
}

TEST(Redirect, SaysWhereItWouldHaveLed) {
  const auto to = follow_location("https://login.example.org/in", {}, "www.example.org", v4);
  ASSERT_FALSE(to);
  EXPECT_EQ(to.error().what, "leads to login.example.org");
}

}  // namespace
}  // namespace gslb::health
