#include "config/report.hpp"

#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// The sample of the design: two files, two mistakes, both shown with a caret and what to do.
TEST(Report, ShowsWhatIsWrongWhereAndWhatToDo) {
  base::ErrorList errors;
  EXPECT_FALSE(
      load_text("zones/shop.yaml",
                R"(sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] }, sin: { at: [1.36, 103.99] } }
monitors:
  web: { https: /healthz, interval: 2s, timeout: 3s }
zones:
  shop.example.org:
    ns: [ns1.example.org.]
    services:
      www:
        monitor: web
        endpoints:
          - { site: fra, address: 192.0.2.10 }
          - { site: fraa, address: 192.0.2.11 }
)",
                errors));
  EXPECT_EQ(report(errors), R"(zones/shop.yaml:3:50: monitors.web.timeout: 3s is longer than the interval of 2s
    3 |   web: { https: /healthz, interval: 2s, timeout: 3s }
                                                         ^^  at most 2s
zones/shop.yaml:12:21: services.www.endpoints[1].site: no site is named "fraa"
   12 |           - { site: fraa, address: 192.0.2.11 }
                            ^^^^  did you mean "fra"?  (sites: fra, iad, sin)
2 errors, nothing was loaded.
)");
}

TEST(Report, CountsOne) {
  base::ErrorList errors;
  errors.add({}, "", "is wrong");
  EXPECT_EQ(report(errors), "is wrong\n1 error, nothing was loaded.\n");
}

TEST(Report, SaysNothingOfNothing) { EXPECT_EQ(report({}), ""); }

TEST(Report, ShowsAHundredAndCountsTheRest) {
  base::ErrorList errors;
  for (int i = 0; i < 1234; ++i) errors.add({}, "", "wrong " + std::to_string(i));
  const std::string text = report(errors);
  EXPECT_THAT(text, HasSubstr("wrong 99\n"));
  EXPECT_THAT(text, Not(HasSubstr("wrong 100")));
  EXPECT_THAT(text, EndsWith("… and 1,134 more\n1,234 errors, nothing was loaded.\n"));
}

TEST(Report, HidesControlCharactersOfNames) {
  base::ErrorList errors;
  EXPECT_FALSE(load_text("t.yaml", "\"a\\e[31m\": 1\n", errors));
  EXPECT_THAT(report(errors), Not(HasSubstr("\x1b")));
}

TEST(Report, DoesNotShowSecrets) {
  base::ErrorList errors;
  EXPECT_FALSE(load_text("t.yaml", "tls: { certificat: a.pem, key: hunter2 }\netcd:\n  password: hunter2\n", errors));
  EXPECT_THAT(report(errors), HasSubstr("tls.certificat: there is no key"));
  EXPECT_THAT(report(errors), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace gslb::config
