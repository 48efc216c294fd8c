// A zone as a static copy: what it holds, and whether other people's programs take it.
#include "engine/export.hpp"

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"
#include "zones/zone_builder.hpp"

namespace gslb::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string with_dnssec(std::string yaml) {
  const std::string anchor = "    ttl: 300s\n";
  yaml.insert(yaml.find(anchor), "    dnssec: on\n");
  return yaml;
}

engine::ExportOptions of(std::string_view apex) { return {apex, std::nullopt, {std::time(nullptr), false}}; }

std::string exported(const engine::Generation& generation, const engine::ExportOptions& options) {
  zones::SignatureStore store;
  const auto text = engine::export_zone(generation, options, store);
  return text ? *text : "error: " + text.error().what;
}

/// Its records of one owner and type, as "TTL rdata".
std::vector<std::string> records(const std::string& text, const std::string& owner, const std::string& type) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name, ttl, in_class, its_type, rdata;
    words >> name >> ttl >> in_class >> its_type >> std::ws;
    std::getline(words, rdata);
    if (name == owner && its_type == type) out.push_back(ttl + " " + rdata);
  }
  return out;
}

/// A file that is gone with it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gslb-export-XXXXXX").string();
    ::close(::mkstemp(pattern.data()));
    path_ = pattern;
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What a program says of a zone file; "" if it accepts it.
std::string refusal(const std::string& program, const std::string& text) {
  const TemporaryFile zone(text), said("");
  const std::string command = "PATH=$PATH:/usr/sbin " + program + " " + zone.path() + " >" + said.path() + " 2>&1";
  if (std::system(command.c_str()) == 0) return "";
  std::ostringstream out;
  out << program << ": " << std::ifstream(said.path()).rdbuf();
  return out.str();
}

TEST(Export, IsAMasterFileThatGivesTheSameAnswersAgain) {
  TestServer server(sample_zone);
  const TemporaryFile file(exported(server.generation(), of("example.org")));
  TestServer copy("control: { socket: none }\nzones: { example.org: { files: [" + file.path() + "] } }\n");
  for (const char* name : {"example.org.", "ns2.example.org.", "mail.example.org.", "second-alias.example.org.",
                           "deep.empty.below.example.org.", "below.example.org.", "x.y.wild.example.org.",
                           "known.wild.example.org.", "host.moved.example.org.", "x.child.example.org.",
                           "bare.example.org.", "big.example.org.", "nothing.example.org."}) {
    for (const unsigned type : {type_a, type_aaaa, type_ns, type_soa, type_mx, type_txt, type_ds, type_cname}) {
      Ask ask;
      ask.name = name;
      ask.type = type;
      ask.transport = engine::Transport::stream;
      const Reply first = server.ask(ask), again = copy.ask(ask);
      EXPECT_EQ(first.rcode(), again.rcode()) << name << " " << type;
      EXPECT_EQ(first.answer(), again.answer()) << name << " " << type;
      EXPECT_EQ(first.authority(), again.authority()) << name << " " << type;
    }
  }
}

TEST(Export, IsAcceptedByTheCheckersOfBindAndNsd) {
  TestServer server(sample_zone);
  const std::string text = exported(server.generation(), of("example.org."));
  EXPECT_EQ(refusal("named-checkzone example.org", text), "");
  EXPECT_EQ(refusal("nsd-checkzone example.org", text), "");
  EXPECT_NE(refusal("named-checkzone example.org", text + "example.org. 30 IN CNAME a.\n"), "") << "it can refuse";
}

TEST(Export, OfASignedZoneIsAcceptedByTheVerifiersOfBindAndLdns) {
  const std::string one_key = "dnssec-verify -q -z -o example.org", two_keys = "dnssec-verify -q -o example.org";
  for (const auto& [keys, verify] :
       {std::pair{csk(), one_key}, {ksk_and_zsk(dns::DnssecAlgorithm::ed25519), two_keys}}) {
    SignedServer server("example.org.", with_dnssec(sample_zone), keys, std::time(nullptr));
    const std::string text = exported(server.server().generation(), of("example.org"));
    EXPECT_EQ(refusal(verify, text), "");
    EXPECT_EQ(refusal("ldns-verify-zone", text), "");
    EXPECT_EQ(refusal("named-checkzone example.org", text), "");
    EXPECT_EQ(refusal("nsd-checkzone example.org", text), "");
    EXPECT_NE(refusal(verify, text + "mail.example.org. 300 IN A 192.0.2.26\n"), "") << "it can refuse";
  }
}

TEST(Export, OfASignedZoneAsAClientGetsItVerifiesToo) {
  SignedServer server("example.org.", with_dnssec(sample_zone), ksk_and_zsk(), std::time(nullptr));
  engine::ExportOptions options = of("example.org");
  options.client = base::parse_address("85.214.132.1");
  const std::string text = exported(server.server().generation(), options);
  EXPECT_THAT(records(text, "www.example.org.", "A"), ElementsAre("30 192.0.2.10"));
  EXPECT_EQ(refusal("dnssec-verify -q -o example.org", text), "");
  EXPECT_EQ(refusal("ldns-verify-zone", text), "");
}

TEST(Export, OfASignedZoneTwiceSignsNothingTheSecondTime) {
  SignedServer server("example.org.", with_dnssec(sample_zone));
  const auto once =
      engine::export_zone(server.server().generation(), {"example.org", {}, {signing_time, false}}, server.store());
  const auto made = server.store().made();
  const auto again =
      engine::export_zone(server.server().generation(), {"example.org", {}, {signing_time, false}}, server.store());
  EXPECT_EQ(*once, *again);
  EXPECT_EQ(server.store().made(), made);
}

constexpr const char* steered = R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo:
  location: []
  places:
    - { prefix: 85.214.0.0/16, at: [52.52, 13.4], country: "DE" }
    - { prefix: 12.0.0.0/8, at: [38.9, -77.04], country: "US" }
sites:
  fra: { at: [50.11, 8.68] }
  iad: { at: [39.04, -77.49] }
monitors:
  web: { http: /healthz, interval: 2s, timeout: 1s }
defaults: { ttl: 20s }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      near: { monitor: web, endpoints: { fra: 192.0.2.10, iad: [192.0.2.20, "2001:db8::20"] } }
      standby: { monitor: web, policy: [priority: [fra, iad], take: 1], endpoints: { fra: 192.0.2.11, iad: 192.0.2.21 } }
      both: { monitor: none, policy: [all], endpoints: { fra: 192.0.2.31, iad: 192.0.2.30 } }
      fenced:
        monitor: web
        policy: [fence, weighted]
        endpoints: [{ site: fra, address: 192.0.2.12, serves: { continents: [EU] } }]
      you: { reflect: resolver }
)";

TEST(Export, HoldsEveryEndpointThatSomeClientGetsWhileAllAreUp) {
  TestServer server(steered);
  const std::string text = exported(server.generation(), of("example.org"));
  EXPECT_THAT(records(text, "near.example.org.", "A"), ElementsAre("20 192.0.2.10", "20 192.0.2.20"));
  EXPECT_THAT(records(text, "near.example.org.", "AAAA"), ElementsAre("20 2001:db8::20"));
  EXPECT_THAT(records(text, "standby.example.org.", "A"), ElementsAre("20 192.0.2.11")) << "not what stands by";
  EXPECT_THAT(records(text, "fenced.example.org.", "A"), ElementsAre("20 192.0.2.12"));
  EXPECT_THAT(records(text, "both.example.org.", "A"), ElementsAre("20 192.0.2.30", "20 192.0.2.31"));
  EXPECT_THAT(records(text, "you.example.org.", "A"), ElementsAre());
  EXPECT_THAT(text, HasSubstr("; you.example.org. is steered: it answers the address of who asks"));
}

// RFC 9460: an HTTPS record for each endpoint.
TEST(Export, HoldsHttpsRecordsOfWholeEndpoints) {
  SignedServer server("example.org.", R"(
control: { socket: none }
listen: 127.0.0.1:5300
geo: { location: [], places: [{ prefix: 85.214.0.0/16, at: [52.52, 13.4], country: "DE" }] }
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
zones:
  example.org:
    dnssec: on
    ns: [ns1.example.net.]
    services:
      www: { monitor: none, https: [h2], endpoints: { fra: 192.0.2.10, iad: [192.0.2.20, "2001:db8::20"] } }
)",
                      ksk_and_zsk(), std::time(nullptr));
  engine::ExportOptions options = of("example.org");
  const std::string all = exported(server.server().generation(), options);
  options.client = base::parse_address("85.214.132.1");
  const std::string one = exported(server.server().generation(), options);
  EXPECT_THAT(records(all, "www.example.org.", "HTTPS"), testing::SizeIs(2));
  EXPECT_THAT(records(one, "www.example.org.", "HTTPS"), ElementsAre(HasSubstr("192.0.2.10")));
  for (const std::string& text : {all, one})
    for (const char* program : {"dnssec-verify -q -o example.org", "ldns-verify-zone", "named-checkzone example.org"})
      EXPECT_EQ(refusal(program, text), "");
}

TEST(Export, DoesNotDependOnHealth) {
  TestServer server(steered);
  const std::string before = exported(server.generation(), of("example.org"));
  server.set("192.0.2.11", health::Verdict::down);
  EXPECT_EQ(exported(server.generation(), of("example.org")), before);
}

TEST(Export, AsAClientIsWhatThatClientGetsNow) {
  TestServer server(steered);
  const auto as = [&](const char* client, const char* name) {
    return records(exported(server.generation(), {"example.org", base::parse_address(client), {}}), name, "A");
  };
  EXPECT_THAT(as("85.214.132.1", "near.example.org."), ElementsAre("20 192.0.2.10"));
  server.set("192.0.2.10", health::Verdict::down);
  EXPECT_THAT(as("85.214.132.1", "near.example.org."), ElementsAre("20 192.0.2.20"));
}

TEST(Export, AsAClientWhomNothingServesIsRefused) {
  TestServer server(steered);
  EXPECT_EQ(exported(server.generation(), {"example.org", base::parse_address("12.0.0.1"), {}}),
            "error: fenced.example.org has no answer for 12.0.0.1: it gets SERVFAIL");
}

TEST(Export, OfAZoneThatIsNotThereNamesTheNearest) {
  TestServer server(steered);
  EXPECT_EQ(exported(server.generation(), of("exmaple.org")),
            "error: there is no zone \"exmaple.org\"; did you mean \"example.org.\"?");
  EXPECT_EQ(exported(server.generation(), of("a..b")), "error: there is no zone \"a..b\"");
}

TEST(Export, AsIfAllUpIsWhatAConfigurationMeansWithoutProbes) {
  TestServer server(steered);
  server.set("192.0.2.11", health::Verdict::down);
  const auto up = engine::as_if_all_up(server.generation().snapshot);
  EXPECT_THAT(
      records(exported(*up, {"example.org", base::parse_address("85.214.132.1"), {}}), "standby.example.org.", "A"),
      ElementsAre("20 192.0.2.11"));
}

}  // namespace
}  // namespace gslb::test
