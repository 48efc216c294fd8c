#include "engine/compile.hpp"

#include <gmock/gmock.h>

#include "engine/probe_targets.hpp"

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

// What a prober, which compiles nothing, has to probe is just what the name servers do.
TEST(ProbeTargets, AreThoseOfTheSnapshot) {
  const health::HostAddresses hosts{
      {"lb.example.net", {base::parse_address("192.0.2.70").value(), base::parse_address("192.0.2.71").value()}}};
  base::ErrorList errors;
  const auto config = config::load_text("t.yaml", R"(
sites: { fra: { at: [50, 8] }, iad: { at: [39, -77] } }
monitors: { web: { http: /, port: 80 }, slow: { http: /, port: 80, interval: 9s }, other: { tcp: 443 } }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      www: { monitor: web, endpoints: { fra: [192.0.2.1, "2001:db8::1"], iad: 192.0.2.2 } }
      shop: { monitor: slow, endpoints: { fra: 192.0.2.1 }, canary: { share: 5%, endpoints: { iad: 192.0.2.9 } } }
      both: { endpoints: [{ service: www }, { site: iad, address: 192.0.2.3 }], monitor: other }
      bare: { endpoints: { fra: 192.0.2.4 } }
      cdn: { monitor: web, endpoints: [{ site: fra, host: lb.example.net. }] }
)",
                                        errors);
  for (const auto& error : errors.all()) ADD_FAILURE() << base::to_string(error);
  ASSERT_TRUE(config);
  CompileOptions options;
  options.hosts = hosts;
  const auto snapshot = compile(*config, options, errors);
  ASSERT_NE(snapshot, nullptr);
  const auto keys = [](const std::vector<health::Target>& targets) {
    std::vector<std::string> out;
    for (const health::Target& target : targets) out.push_back(target.probe_key());
    std::ranges::sort(out);
    return out;
  };
  EXPECT_GE(snapshot->targets.size(), 7U);
  EXPECT_EQ(keys(probe_targets(*config, hosts)), keys(snapshot->targets));
  EXPECT_THAT(probed_hosts(*config), testing::ElementsAre("lb.example.net"));
}

}  // namespace
}  // namespace gslb::engine
