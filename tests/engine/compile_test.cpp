#include "engine/compile.hpp"

#include <gmock/gmock.h>

namespace gslb::engine {
namespace {

std::vector<std::string> errors_of(const std::string& yaml) {
  base::ErrorList errors;
  const auto config = config::load_text("t.yaml", yaml, errors);
  if (config) {
    EXPECT_EQ(compile(*config, {}, errors), nullptr);
  }
  std::vector<std::string> out;
  for (const base::ConfigError& error : errors.all()) out.push_back(base::to_string(error));
  return out;
}

// For a check: what is to be served gets its keys from the server.
TEST(Compile, AcceptsAZoneThatIsToBeSignedWithoutItsKeys) {
  base::ErrorList errors;
  const auto config = config::load_text(
      "t.yaml",
      "state: /var/lib/gslb\nzones:\n  example.org: { ns: [ns1], dnssec: on, records: { ns1: { A: [192.0.2.1] } } }\n",
      errors);
  ASSERT_TRUE(config);
  EXPECT_NE(compile(*config, {}, errors), nullptr);
  EXPECT_TRUE(errors.empty());
}

TEST(Compile, NamesTheFileOfCookieSecretsThatCannotBeRead) {
  const auto errors =
      errors_of("cookies: { secrets: no-such-file }\nzones: { example.org: { ns: [ns1.example.net.] } }\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0], testing::HasSubstr("t.yaml:1:21: cookies.secrets:"));
  EXPECT_THAT(errors[0], testing::HasSubstr("no-such-file"));
}

}  // namespace
}  // namespace gslb::engine
