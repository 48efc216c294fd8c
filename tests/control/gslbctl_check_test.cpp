// gslbctl check: what it says of a file, and how it ends.
#include "tests/control/gslbctl_program.hpp"

namespace gslb::control {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class GslbctlCheck : public Gslbctl {};

constexpr const char* good = R"(sites: { fra: { at: [50.11, 8.68] } }
zones:
  gslb.example.org:
    ns: [ns1.example.org.]
    services:
      www: { monitor: { http: /healthz }, endpoints: { fra: 192.0.2.10 } }
)";

TEST_F(GslbctlCheck, AGoodFileIsOk) {
  const std::string path = write("gslb.yaml", good);
  const Outcome outcome = run("check " + path);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith(path + ": ok, 1 zone, 1 service, 1 site, 1 monitor, "));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(GslbctlCheck, ABadFileEndsWith4AndAllItsErrors) {
  std::string text = good;
  text.replace(text.find("{ fra: 192"), 6, "{ fraa:");
  const std::string path = write("gslb.yaml", text + "colour: blue\n");
  const Outcome outcome = run("check " + path);
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("no site is named \"fraa\""));
  EXPECT_THAT(outcome.err, HasSubstr("colour"));
  EXPECT_THAT(outcome.err, EndsWith("2 errors, nothing was loaded.\n"));
  const Outcome json = run("--json check " + path);
  EXPECT_EQ(json.code, 4);
  EXPECT_THAT(json.out, StartsWith("{\"file\":\"" + path + "\",\"ok\":false,\"errors\":[{"));
}

TEST_F(GslbctlCheck, WarningsRefuseNothing) {
  const std::string path = write("gslb.yaml", std::string(good) + "    records: { a: { MX: 10 nowhere } }\n");
  const Outcome outcome = run("check " + path);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, StartsWith("warning: " + path + ":7:"));
  EXPECT_THAT(outcome.err, HasSubstr("points to nowhere.gslb.example.org., which does not exist\n"));
  EXPECT_THAT(outcome.out, EndsWith("; 1 warning\n"));
  const Outcome json = run("--json check " + path);
  EXPECT_THAT(json.out, HasSubstr("\"ok\":true,\"errors\":[],\"warnings\":[{"));
}

TEST_F(GslbctlCheck, AFileThatIsNotThereIsNamed) {
  const Outcome outcome = run("check /nonexistent/gslb.yaml");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/gslb.yaml"));
}

}  // namespace
}  // namespace gslb::control
