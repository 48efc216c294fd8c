#include "config/octodns.hpp"

#include <gmock/gmock.h>

#include "base/file.hpp"
#include "tests/conformance/zone_fixture.hpp"

namespace gslb::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Outcome {
  std::string yaml;
  std::vector<std::string> lost;
  std::vector<std::string> errors;
};

Outcome import(const std::string& text, const OctodnsOptions& options = {"example.org", {"ns1.example.net."}}) {
  base::ErrorList errors;
  const auto yaml = import_octodns("example.org.yaml", text, options, errors);
  Outcome out{yaml.value_or(""), {}, {}};
  for (const auto& one : errors.warnings()) out.lost.push_back(base::headline(one));
  for (const auto& one : errors.all()) out.errors.push_back(base::headline(one));
  return out;
}

/// A server of the imported configuration, in a small world.
test::TestServer serve(const std::string& yaml) {
  return test::TestServer(R"(control: { socket: none }
listen: 127.0.0.1:5300
geo:
  location: []
  places:
    - { prefix: 11.0.0.0/16, country: "DE" }
    - { prefix: 11.1.0.0/16, country: "JP" }
    - { prefix: 11.2.0.0/16, country: "US", subdivision: US-CA }
    - { prefix: 11.3.0.0/16, country: "US", subdivision: US-NY }
    - { prefix: 11.4.0.0/16, country: "BR" }
)" + yaml);
}

std::vector<std::string> ask(test::TestServer& server, const std::string& subnet,
                             const std::string& name = "www.example.org") {
  test::Ask what;
  what.name = name;
  what.subnet = subnet;
  std::vector<std::string> out;
  for (const std::string& record : server.ask(what).answer())
    out.push_back(record.substr(record.find_last_of(" \t") + 1));
  return out;
}

std::string sample() { return base::read_file("tests/engine/data/octodns/example.org.yaml").value(); }

TEST(Octodns, SendsEachClientWhereItsRuleDoes) {
  const Outcome outcome = import(sample(), {"example.org", {}});
  EXPECT_THAT(outcome.errors, IsEmpty());
  test::TestServer server = serve(outcome.yaml);
  EXPECT_THAT(ask(server, "11.0.1.0/24"), ElementsAre("192.0.2.20"));    // Germany: eu
  EXPECT_THAT(ask(server, "11.1.1.0/24"), ElementsAre("192.0.2.10"));    // Japan: apac
  EXPECT_THAT(ask(server, "11.2.1.0/24"), ElementsAre("192.0.2.32"));    // California: west
  EXPECT_THAT(ask(server, "11.3.1.0/24"), ElementsAre("192.0.2.30"));    // New York: na
  EXPECT_THAT(ask(server, "11.4.1.0/24"), ElementsAre("192.0.2.30"));    // Brazil: whatever is left
  EXPECT_THAT(ask(server, "198.18.0.0/24"), ElementsAre("192.0.2.30"));  // nowhere
}

TEST(Octodns, FallsBackAlongThePoolsAndThenToTheValuesOfTheRecord) {
  test::TestServer server = serve(import(sample(), {"example.org", {}}).yaml);
  server.set("192.0.2.10", health::Verdict::down);
  EXPECT_THAT(ask(server, "11.1.1.0/24"), ElementsAre("192.0.2.20"));  // apac falls back to eu
  server.set("192.0.2.20", health::Verdict::down);
  EXPECT_THAT(ask(server, "11.1.1.0/24"), ElementsAre("192.0.2.30"));  // eu to na
  server.set("192.0.2.30", health::Verdict::down);
  EXPECT_THAT(ask(server, "11.1.1.0/24"), ElementsAre("192.0.2.99"));
  EXPECT_THAT(ask(server, "11.2.1.0/24"), ElementsAre("192.0.2.32"));
}

TEST(Octodns, CarriesPlainRecords) {
  const Outcome outcome = import(sample(), {"example.org", {}});
  EXPECT_THAT(outcome.yaml, HasSubstr("ns: [\"ns1.example.net.\", \"ns2.example.net.\"]"));
  test::TestServer server = serve(outcome.yaml);
  EXPECT_THAT(server.ask("example.org", test::type_mx).answer(), ElementsAre(HasSubstr("10 mail.example.org.")));
  EXPECT_THAT(server.ask("example.org", test::type_txt).answer(), ElementsAre(HasSubstr("v=DMARC1; p=none")));
  EXPECT_THAT(server.ask("mail.example.org", test::type_a).answer(), ElementsAre(HasSubstr("192.0.2.5")));
}

TEST(Octodns, NamesWhatItCouldNotCarryAndWhereItStands) {
  EXPECT_THAT(import(sample(), {"example.org", {}}).lost,
              ElementsAre(HasSubstr("old.URLFWD: records of this type have no counterpart")));
  EXPECT_THAT(import("www:\n  type: A\n  geo: { NA: [192.0.2.1] }\n  values: [192.0.2.2]\n").lost,
              ElementsAre(HasSubstr("example.org.yaml:3:")));
  EXPECT_THAT(import("www:\n  type: CNAME\n  value: a.example.net.\n  dynamic: { pools: {}, rules: [] }\n").lost,
              ElementsAre(HasSubstr("pools of host names")));
}

TEST(Octodns, LeavesOutARecordWhosePoolsGoInACircle) {
  const Outcome outcome = import(
      "www:\n  type: A\n  value: 192.0.2.9\n  dynamic:\n    pools:\n"
      "      a: { fallback: b, values: [192.0.2.1] }\n      b: { fallback: a, values: [192.0.2.2] }\n"
      "    rules: [{ pool: a }]\n");
  EXPECT_THAT(outcome.lost, ElementsAre(HasSubstr("each other's fallback")));
  EXPECT_THAT(outcome.yaml, HasSubstr("A: { data: [\"192.0.2.9\"] }"));
}

TEST(Octodns, RefusesWhatIsNoZone) {
  EXPECT_THAT(import("- a\n").errors, ElementsAre(HasSubstr("no mapping of names to records")));
  EXPECT_THAT(import("{}\n", {"example.org", {}}).errors, ElementsAre(HasSubstr("no NS record at its root")));
  EXPECT_THAT(import("{}\n", {"", {}}).errors, ElementsAre(HasSubstr("not the name of a zone")));
  EXPECT_THAT(import("a: [\n").errors, ElementsAre(HasSubstr("example.org.yaml:")));
}

}  // namespace
}  // namespace gslb::config
