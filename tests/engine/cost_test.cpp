// What one packet can cost, in instructions: the child runs the handler step by step under ptrace, so the count is
// exact and the same on every run of one build, whatever else the machine does.
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): raise and kill are POSIX
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "tests/conformance/zone_fixture.hpp"
#include "tests/dns/query_builder.hpp"
#include "tests/geo/mmdb_writer.hpp"
#include "tests/support/signed_server.hpp"

namespace gslb::test {
namespace {

using dns::Bytes;
using dns::operator+=;

/// Instructions that handle() takes for this packet on a warm server.
/// Over UDP rate limiting counts it, too. @return none where ptrace is not allowed
std::optional<std::uint64_t> cost_of(const Bytes& wire, engine::Transport transport = engine::Transport::stream,
                                     TestServer& server = sample_server()) {
  std::vector<std::uint8_t> reply(65535);
  const engine::Client client{*base::parse_address("192.0.2.1"), 5353};
  const auto handle = [&] { return server.handler().handle(client, wire, reply, transport); };
  static_cast<void>(handle());
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(1);
    ::raise(SIGSTOP);
    static_cast<void>(handle());
    ::raise(SIGUSR1);
    ::_exit(0);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return std::nullopt;
  std::uint64_t steps = 0;
  while (WIFSTOPPED(status) && WSTOPSIG(status) != SIGUSR1) {
    if (::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) break;
    if (::waitpid(child, &status, 0) != child) break;
    ++steps;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return steps;
}

/// A bound that CI does not measure would be no bound.
bool is_ci() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

#define ASSERT_COST(variable, ...)                         \
  const auto variable##_cost = cost_of(__VA_ARGS__);       \
  if (!variable##_cost) {                                  \
    ASSERT_FALSE(is_ci()) << "ptrace is not allowed here"; \
    GTEST_SKIP() << "ptrace is not allowed here";          \
  }                                                        \
  const std::uint64_t variable = *variable##_cost

TEST(Cost, TheCounterCountsTheSameTwice) {
  const Bytes wire = dns::full_query();
  ASSERT_COST(once, wire);
  ASSERT_COST(twice, wire);
  EXPECT_EQ(once, twice);
  EXPECT_GT(once, 100U);
}

// Each record costs a fixed number of instructions, so the whole is linear in the octets.
TEST(Cost, RecordsCostLinearly) {
  const auto with_records = [](std::size_t octets) {
    dns::QueryBuilder many = dns::ask("mail.example.org");
    while (many.body.size() + 12 < octets) {
      ++many.answers;
      many.body += dns::record({0xc0, 12}, dns::Rtype::A, 1, {});
    }
    return many.bytes();
  };
  ASSERT_COST(small, with_records(1000));
  ASSERT_COST(large, with_records(8000));
  EXPECT_LT(large, small * 8 + 5000);
  EXPECT_LT(large, std::uint64_t{10} * 8000 + 10000) << "ten instructions an octet";
}

TEST(Cost, LabelsAndOptionsCostLinearly) {
  std::string name;
  for (int i = 0; i < 127; ++i) name += "a.";
  const Bytes owner = dns::wire_name(name);
  dns::QueryBuilder labels = dns::ask("mail.example.org");
  while (labels.body.size() < 8000) {  // owners of one-octet labels
    ++labels.additional;
    labels.body += dns::record(owner, dns::Rtype::A, 1, {});
  }
  ASSERT_COST(of_labels, labels.bytes());
  EXPECT_LT(of_labels, std::uint64_t{10} * 8000 + 10000);
  Bytes options;
  while (options.size() < 8000) options += dns::option(65001, {});
  ASSERT_COST(of_options, dns::ask("mail.example.org").add(dns::opt(options)).bytes());
  EXPECT_LT(of_options, std::uint64_t{10} * 8000 + 10000);
}

/// The dearest look-ups: the deepest name, the longest chain, the largest answer.
const std::vector<Bytes>& dearest_names() {
  static const std::vector<Bytes> names = [] {
    std::vector<Bytes> out;
    std::string deep;
    for (int i = 0; i < 118; ++i) deep += "a.";
    for (const std::string& name :
         {deep + "example.org", deep + "wild.example.org", deep + "moved.example.org", deep + "child.example.org",
          std::string("loop1.example.org"), std::string("big.example.org"), std::string("www.example.org")})
      out.push_back(dns::wire_name(name));
    return out;
  }();
  return names;
}

constexpr dns::Rtype dearest_types[] = {dns::Rtype::A, dns::Rtype::TXT, dns::Rtype::ANY, dns::Rtype::HTTPS};

TEST(Cost, NoQuestionCostsMoreThanAFewThousandInstructions) {
  std::uint64_t dearest = 0;
  for (const Bytes& name : dearest_names()) {
    for (const auto type : dearest_types) {
      ASSERT_COST(cost, dns::QueryBuilder().question(name, type).bytes());
      EXPECT_LT(cost, 30000U) << dns::to_string(name);
      dearest = std::max(dearest, cost);
    }
  }
  std::printf("the dearest: %llu instructions\n", static_cast<unsigned long long>(dearest));
}

TEST(Cost, WithDoAnswersAndDenialsAreLookedUpAndNeverSigned) {
  std::string yaml = sample_zone;
  const std::string anchor = "    ttl: 300s\n";
  SignedServer server("example.org.", yaml.insert(yaml.find(anchor), "    dnssec: on\n"));
  std::uint64_t dearest = 0;
  for (const Bytes& name : dearest_names()) {
    for (const auto type : dearest_types) {
      const Bytes wire = dns::QueryBuilder().question(name, type).add(dns::opt({}, 1232, 0, true)).bytes();
      ASSERT_COST(cost, wire, engine::Transport::stream, server.server());
      EXPECT_LT(cost, 40000U) << dns::to_string(name) << " (a signature is ten times that)";
      dearest = std::max(dearest, cost);
    }
  }
  std::printf("the dearest with DO: %llu instructions\n", static_cast<unsigned long long>(dearest));
}

// Beside copying its octets.
TEST(Cost, ASignatureBesideAnAnswerCostsLittle) {
  std::string yaml = sample_zone;
  const std::string anchor = "    ttl: 300s\n";
  SignedServer with("example.org.", yaml.insert(yaml.find(anchor), "    dnssec: on\n"));
  for (const char* name : {"mail.example.org", "half.example.org"}) {
    const Bytes wire = dns::ask(name).add(dns::opt({}, 1232, 0, true)).bytes();
    ASSERT_COST(bare, wire);
    ASSERT_COST(with_signature, wire, engine::Transport::stream, with.server());
    std::printf("%s: %llu instructions, %llu with its signature\n", name, static_cast<unsigned long long>(bare),
                static_cast<unsigned long long>(with_signature));
    EXPECT_LE(with_signature, bare + 150);
  }
}

// Chains are run when a plan is made; a query only finds its class and draws.
TEST(Cost, AChainOfManyFiltersCostsAQueryWhatAShortOneDoes) {
  const geo::testing::TemporaryFile table("prefix,site,ms\n85.0.0.0/8,fra,10\n85.0.0.0/8,iad,90\n");
  std::string yaml = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] } }
geo:
  location: []
  places:
    - { prefix: 85.0.0.0/8, at: [52.52, 13.40], country: "DE" }
    - { prefix: 86.0.0.0/8, at: [40.71, -74.01], country: "US" }
monitors: { web: { http: / } }
defaults: { monitor: web }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      two:
        policy: [nearest: { within: 20000km }, weighted]
        endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 }
      six:
        policy: [fence, fastest: { within: 1s, table: TABLE }, nearest: { within: 20000km }, priority: [[fra, iad]], weighted, take: 1]
        spill_above: 80%
        keep: 1
        failback: manual
        canary: { share: 10%, endpoints: { fra: 192.0.2.9 } }
        endpoints:
          - { site: fra, address: 192.0.2.1, serves: { continents: [EU] } }
          - { site: iad, address: 192.0.2.2, serves: { continents: [EU, NA] } }
)";
  yaml.replace(yaml.find("TABLE"), 5, table.path());
  TestServer server(yaml);
  const auto wire = [](const char* name) {
    const Bytes subnet = dns::option(dns::option_client_subnet, dns::subnet_data(1, 24, 0, {85, 214, 132}));
    return dns::ask(name).add(dns::opt(subnet)).bytes();
  };
  ASSERT_COST(two, wire("two.example.org"), engine::Transport::stream, server);
  ASSERT_COST(six, wire("six.example.org"), engine::Transport::stream, server);
  std::printf("steered with two filters: %llu instructions; with six and every guard: %llu\n",
              static_cast<unsigned long long>(two), static_cast<unsigned long long>(six));
  EXPECT_LE(six, two + two / 50);
}

// A cookie is checked against each secret, a client subnet looked up, its network's rate counted.
TEST(Cost, CookiesSubnetsAndRatesCostAFixedSum) {
  engine::CompileOptions secrets;
  secrets.cookies = *dns::parse_cookie_secrets(
      "e5e973e5a6b2a43f48e7dc849e37bfcf\ne5e973e5a6b2a43f48e7dc849e37bfce\ne5e973e5a6b2a43f48e7dc849e37bfcd\n");
  TestServer server(sample_zone, secrets);
  server.set_now({1'700'000'000, 1});
  Bytes forged{1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0};
  for (const unsigned shift : {24, 16, 8, 0}) forged.push_back(static_cast<std::uint8_t>(1'700'000'000U >> shift));
  forged.resize(24);
  Bytes options = dns::option(dns::option_cookie, forged);
  options += dns::option(dns::option_client_subnet, dns::subnet_data(1, 32, 0, {85, 214, 132, 1}));
  options += dns::option(dns::option_nsid, {});
  const auto wire = [](const Bytes& with) { return dns::ask("www.example.org").add(dns::opt(with)).bytes(); };
  ASSERT_COST(plain, wire({}), engine::Transport::stream, server);
  ASSERT_COST(full, wire(options), engine::Transport::datagram, server);
  EXPECT_GT(full, plain);
  EXPECT_LT(full, plain + 5000);
  std::printf("plain %llu, with all options over UDP %llu instructions\n", static_cast<unsigned long long>(plain),
              static_cast<unsigned long long>(full));
}

}  // namespace
}  // namespace gslb::test
