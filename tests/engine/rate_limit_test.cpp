// What the limits add up to: octets out against octets in.
#include "tests/conformance/zone_fixture.hpp"

namespace gslb::test {
namespace {

/// 44 octets, as the smallest query that gets a large answer.
std::vector<std::uint8_t> small_query() {
  Ask ask;
  ask.name = "big.example.org.";
  ask.type = type_txt;
  return query_wire(ask);
}

TEST(RateLimit, AFloodInAVictimsNameGetsNoMoreOctetsOutThanIn) {
  TestServer server(sample_zone);
  const auto wire = small_query();
  ASSERT_EQ(wire.size(), 44U);
  constexpr unsigned rate = 10'000;
  constexpr unsigned seconds = 12;
  std::array<std::size_t, seconds> in{};
  std::array<std::size_t, seconds> out{};
  for (unsigned second = 0; second < seconds; ++second) {
    server.set_now({1'700'000'000 + second, second});
    for (unsigned i = 0; i < rate; ++i) {
      in[second] += wire.size();
      out[second] += server.ask_wire(wire, "203.0.113." + std::to_string(i % 256)).size();
    }
  }
  for (unsigned begin = 1; begin + 10 <= seconds; ++begin) {
    std::size_t all_in = 0;
    std::size_t all_out = 0;
    for (unsigned second = begin; second < begin + 10; ++second) {
      all_in += in[second];
      all_out += out[second];
    }
    EXPECT_LE(all_out, all_in) << "from second " << begin;
  }
}

TEST(RateLimit, AReplyOverTheRateIsABareTcNoLongerThanItsQuery) {
  TestServer server(sample_zone);
  server.set_now({1'700'000'000, 1});
  Ask ask;
  ask.name = "www.example.org.";
  ask.subnet = "85.214.132.0/24";
  ask.options = {{10, {1, 2, 3, 4, 5, 6, 7, 8}}, {3, {}}};
  const auto wire = query_wire(ask);
  unsigned truncated = 0;
  unsigned nothing = 0;
  for (int i = 0; i < 400; ++i) {
    const Reply reply = server.ask_wire(wire);
    if (!reply.sent()) {
      ++nothing;
    } else if (reply.truncated()) {
      ++truncated;
      EXPECT_LE(reply.size(), wire.size());
      EXPECT_EQ(reply.question(), "www.example.org. A");
      EXPECT_TRUE(reply.answer().empty());
    }
  }
  EXPECT_EQ(truncated, 100U);
  EXPECT_EQ(nothing, 100U);
  EXPECT_EQ(server.counters().slipped.read(), 100U);
  EXPECT_EQ(server.counters().limited.read(), 100U);
}

TEST(RateLimit, AValidCookieTcpAndListedNetworksAreNotLimited) {
  engine::CompileOptions options;
  options.cookies = *dns::parse_cookie_secrets("e5e973e5a6b2a43f48e7dc849e37bfcf");
  TestServer server(std::string("rate_limit: { replies: 10, networks: { 198.51.100.0/24: none } }\n") + sample_zone,
                    options);
  server.set_now({1'700'000'000, 1});
  Ask ask;
  ask.name = "mail.example.org.";
  ask.options = {{10, {1, 2, 3, 4, 5, 6, 7, 8}}};
  ask.options[0].second = server.ask(ask).option(10).value();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(server.ask(ask).answer().size(), 1U) << i;
  ask.options.clear();
  ask.transport = engine::Transport::stream;
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(server.ask(ask).answer().size(), 1U) << i;
  ask.transport = engine::Transport::datagram;
  ask.client = "198.51.100.7";
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(server.ask(ask).answer().size(), 1U) << i;
}

TEST(RateLimit, ANetworkOverHalfItsRateGetsAtMost512Octets) {
  TestServer server(sample_zone);
  server.set_now({1'700'000'000, 1});
  const auto wire = small_query();
  for (int i = 0; i < 100; ++i) ASSERT_GT(server.ask_wire(wire).size(), 512U) << i;
  for (int i = 0; i < 100; ++i) ASSERT_LE(server.ask_wire(wire).size(), 512U) << i;
}

}  // namespace
}  // namespace gslb::test
