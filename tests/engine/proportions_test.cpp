// Weights, scopes and large services, through the whole query handler.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.hpp"
#include "tests/geo/mmdb_writer.hpp"
#include "tests/support/test_server.hpp"

namespace gslb::test {
namespace {

constexpr const char* head = R"(
control: { socket: none }
listen: 127.0.0.1:5300
sites: { fra: { at: [50.11, 8.68] }, iad: { at: [39.04, -77.49] }, gru: { at: [-23.55, -46.63] } }
)";

/// Asks with client subnets of IPv4, without decoding what does not matter here.
class Asker {
 public:
  Asker(TestServer& server, const std::string& name) : server_(server) {
    Ask ask;
    ask.name = name;
    ask.subnet = "203.0.113.255/32";
    wire_ = query_wire(ask);
    // The option is the last: its source, its scope and four octets.
    source_ = wire_.size() - 6;
    reply_.resize(4096);
  }

  struct Answer {
    std::vector<std::uint8_t> records;  ///< the answer section as it came
    unsigned scope = 0;
  };
  Answer ask(std::uint32_t client, unsigned source) {
    auto wire = wire_;
    const unsigned octets = (source + 7) / 8;
    const std::size_t option = source_ - 6;  // code, length, family
    wire[source_] = static_cast<std::uint8_t>(source);
    for (unsigned i = 0; i < octets; ++i) wire[source_ + 2 + i] = static_cast<std::uint8_t>(client >> (24 - 8 * i));
    wire.resize(source_ + 2 + octets);
    wire[option + 3] = static_cast<std::uint8_t>(4 + octets);
    const std::size_t rdlength = option - 2;
    wire[rdlength + 1] = static_cast<std::uint8_t>(wire.size() - option);
    server_.handler().set_now({1'700'000'000, 1});
    const std::size_t size =
        server_.handler().handle({base::IpAddress::v4(0x7f000001), 5353}, wire, reply_, engine::Transport::stream);
    const std::size_t question = rdlength - 9 - 12;  // OPT is the only other record
    const std::size_t answers = std::size_t{reply_[6]} << 8 | reply_[7];
    Answer out;
    out.records.assign(reply_.begin() + 12 + static_cast<std::ptrdiff_t>(question),
                       reply_.begin() + 12 + static_cast<std::ptrdiff_t>(question + 16 * answers));
    out.scope = reply_[size - octets - 1];
    return out;
  }
  /// The last octet pair of the first address answered.
  unsigned first(std::uint32_t client) {
    const auto answer = ask(client, 24);
    return answer.records.size() < 16 ? 0 : answer.records[14] << 8 | answer.records[15];
  }

 private:
  TestServer& server_;
  std::vector<std::uint8_t> wire_;
  std::vector<std::uint8_t> reply_;
  std::size_t source_ = 0;
};

TEST(Proportions, OfAMillionClientsAreThoseOfTheWeights) {
  TestServer server(std::string(head) + R"(
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      www:
        policy: [weighted, take: 1]
        endpoints:
          - { site: fra, address: 192.0.2.1, weight: 50 }
          - { site: iad, address: 192.0.2.2, weight: 30 }
          - { site: iad, address: 192.0.2.3, weight: 15 }
          - { site: gru, address: 192.0.2.4, weight: 5 }
)");
  Asker asker(server, "www.example.org.");
  std::map<unsigned, double> found;
  constexpr int clients = 1'000'000;
  for (std::uint32_t i = 0; i < clients; ++i) found[asker.first(0x14000000U + (i << 8)) & 0xff] += 1;
  double chi_square = 0;
  const double weights[] = {0.5, 0.3, 0.15, 0.05};
  for (unsigned e = 0; e < 4; ++e) {
    const double expected = weights[e] * clients;
    chi_square += (found[e + 1] - expected) * (found[e + 1] - expected) / expected;
  }
  RecordProperty("chi_square", std::to_string(chi_square));
  EXPECT_LT(chi_square, 16.27) << "three degrees of freedom, 0.1 %";
}

TEST(Proportions, WhenASiteLeavesOnlyItsClientsMove) {
  TestServer server(std::string(head) + R"(
monitors: { web: { http: / } }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      www:
        monitor: web
        policy: [weighted, take: 1]
        endpoints: { fra: 192.0.2.1, iad: 192.0.2.2, gru: 192.0.2.3 }
)");
  for (auto& state : server.states()) state.verdict = health::Verdict::up;
  server.publish();
  Asker asker(server, "www.example.org.");
  std::vector<unsigned> before;
  for (std::uint32_t i = 0; i < 20000; ++i) before.push_back(asker.first(0x14000000U + (i << 8)));
  server.set("192.0.2.2", health::Verdict::down);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const unsigned after = asker.first(0x14000000U + (i << 8));
    if ((before[i] & 0xff) != 2) {
      ASSERT_EQ(after, before[i]);
    } else {
      ASSERT_NE(after & 0xff, 2U);
    }
  }
}

// RFC 7871 section 7.3.1: what is answered for a scope is answered to everybody inside it.
TEST(Scopes, OfAHundredThousandAnswersHoldForAnyTwoClientsInside) {
  std::string yaml = head;
  base::Random random(41);
  yaml += "geo:\n  location: []\n  places:\n";
  const char* countries[] = {"DE", "FR", "US", "BR", "ZA", "JP"};
  std::set<base::Prefix> seen;
  while (seen.size() < 250) {
    const unsigned length = 9 + random.below(20);
    const auto prefix = base::make_prefix(base::IpAddress::v4(0x14000000U | random.below(1U << 22)), length);
    if (!seen.insert(prefix).second) continue;
    yaml += "    - { prefix: " + base::to_string(prefix) + ", at: [" +
            std::to_string(static_cast<int>(random.below(120)) - 60) + ", " +
            std::to_string(static_cast<int>(random.below(360)) - 180) + "], country: \"" + countries[random.below(6)] +
            "\" }\n";
  }
  std::string times = "prefix,site,ms\n";
  for (std::set<base::Prefix> networks; networks.size() < 100;) {
    const unsigned length = 9 + random.below(20);
    const auto network = base::make_prefix(base::IpAddress::v4(0x14000000U | random.below(1U << 22)), length);
    if (!networks.insert(network).second) continue;
    times += base::to_string(network) + ",fra," + std::to_string(random.below(50)) + "\n" + base::to_string(network) +
             ",gru," + std::to_string(random.below(50)) + "\n";
  }
  const geo::testing::TemporaryFile table(times);
  yaml += R"(
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      fast:
        policy: [fastest: { within: 5ms, table: TABLE }, nearest, take: 1]
        endpoints: { fra: 192.0.2.1, iad: 192.0.2.2, gru: 192.0.2.3 }
      near: { policy: [nearest: { within: 300km }, take: 1], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2, gru: 192.0.2.3 } }
      weighted: { policy: [weighted, take: 2], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2, gru: 192.0.2.3 } }
      all: { policy: [all], endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } }
      fenced:
        hash_prefix: { v4: 20 }
        policy: [fence: { outside: [gru] }, nearest, weighted, take: 1]
        endpoints:
          - { site: fra, address: 192.0.2.1, serves: { continents: [EU, AF], except: { countries: ["FR"], prefixes: [20.1.0.0/18] } } }
          - { site: iad, address: 192.0.2.2, serves: { countries: ["US", "FR"] } }
          - { site: gru, address: 192.0.2.3, serves: { prefixes: [20.1.0.0/20] } }
      canary:
        policy: [nearest: { within: 9000km }, weighted, take: 1]
        endpoints: { fra: 192.0.2.1, iad: 192.0.2.2, gru: 192.0.2.3 }
        canary: { share: 10%, networks: [20.2.0.0/17, 20.2.64.0/26], endpoints: { fra: 192.0.2.9 } }
      nested: { policy: [nearest, take: 1], endpoints: [{ service: weighted }, { service: fenced }] }
)";
  yaml.replace(yaml.find("TABLE"), 5, table.path());
  TestServer server(yaml);
  constexpr int answers = 100'000;
  int shorter = 0;
  const char* names[] = {"fast", "near", "weighted", "all", "fenced", "canary", "nested"};
  std::vector<Asker> askers;
  for (const char* name : names) askers.emplace_back(server, std::string(name) + ".example.org.");
  for (int i = 0; i < answers; ++i) {
    Asker& asker = askers[random.below(7)];
    const unsigned source = 12 + random.below(21);
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - source);
    const std::uint32_t client = (0x14000000U | random.below(1U << 22)) & mask;
    const auto answer = asker.ask(client, source);
    ASSERT_LE(answer.scope, source);
    if (answer.scope == source) continue;
    ++shorter;
    for (int other = 0; other < 2; ++other) {
      const std::uint32_t inside =
          answer.scope == 0 ? ~std::uint32_t{0} : (std::uint32_t{1} << (32 - answer.scope)) - 1;
      const std::uint32_t neighbor = (client & ~inside) | (static_cast<std::uint32_t>(random.next()) & inside);
      // Outside of the places clients are nowhere; a scope of 0 reaches there too.
      ASSERT_EQ(asker.ask(neighbor, 32).records, answer.records)
          << base::to_string(base::IpAddress::v4(client)) << "/" << source << " scope " << answer.scope;
    }
  }
  EXPECT_GT(shorter, answers / 10);
}

std::string ten_thousand(const std::string& policy) {
  std::string yaml =
      std::string(head) +
      "monitors: { web: { http: / } }\nzones:\n  example.org:\n    ns: [ns1.example.net.]\n    services:\n"
      "      www:\n        monitor: web\n        policy: " +
      policy + "\n        endpoints:\n";
  for (unsigned i = 0; i < 10'000; ++i) {
    yaml += "          - { site: fra, address: 10.1." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250) +
            " }\n";
  }
  return yaml;
}

TEST(LargeService, OfTenThousandEndpointsAnswersWithAllOfThem) {
  TestServer server(ten_thousand("[weighted, take: 1]"));
  const policy::Plan& plan = *server.generation().plans[0];
  EXPECT_LE(plan.under(base::Family::v4).slots.size(), 131'072U);
  Asker asker(server, "www.example.org.");
  std::set<unsigned> found;
  for (std::uint32_t i = 0; i < 200'000; ++i) found.insert(asker.first(0x14000000U + (i << 8)));
  EXPECT_EQ(found.size(), 10'000U);
}

// The planner remembers what it has made before; its plans are those made from nothing.
TEST(LargeService, OfTenThousandEndpointsLosesOneAndOnlyItsClientsMove) {
  for (const char* policy : {"[weighted, take: 1]", "[weighted, take: 3]"}) {
    SCOPED_TRACE(policy);
    TestServer server(ten_thousand(policy));
    const auto& steered = server.generation().snapshot->services[0];
    const auto& classes = server.generation().snapshot->classes[steered.signature];
    const auto first_of = [&] {
      const policy::AspectPlan& plan = server.generation().plans[0]->under(base::Family::v4);
      std::vector<policy::EndpointIndex> out;
      for (const std::uint32_t set : plan.slots) out.push_back(plan.set(set).front());
      return out;
    };
    const auto all = first_of();
    for (const char* address : {"10.1.7.9", "10.1.0.1"}) {
      server.set(address, health::Verdict::down);
      const auto without = first_of();
      const policy::Plan again = policy::make_plan(steered.service, classes, server.generation().plans[0]->states);
      EXPECT_EQ(server.generation().plans[0]->under(base::Family::v4).slots, again.under(base::Family::v4).slots);
      std::size_t moved = 0;
      for (std::size_t slot = 0; slot < all.size(); ++slot) moved += all[slot] != without[slot] ? 1 : 0;
      EXPECT_LE(moved, 14U) << "of 131,072, of which it had 13 or 14";
      server.set(address, health::Verdict::up);
      EXPECT_EQ(first_of(), all);
    }
  }
}

TEST(LargeService, OfOneEndpointAnswersWithIt) {
  TestServer server(std::string(head) +
                    "zones:\n  example.org:\n    ns: [ns1.example.net.]\n    services:\n"
                    "      www: { policy: [weighted, take: 5], endpoints: { fra: 192.0.2.1 } }\n");
  EXPECT_THAT(server.ask("www.example.org.", 1).answer(), testing::ElementsAre("www.example.org. 30 A 192.0.2.1"));
}

}  // namespace
}  // namespace gslb::test
