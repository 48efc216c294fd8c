// Octets from the network to the reply, over every transport, from an unsigned zone and from a signed one. ldns must
// understand every reply: we are its peer, not its judge.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

using namespace gslb;

namespace {

test::TestServer& signed_server() {
  static test::SignedServer server("example.org.", [] {
    std::string yaml = test::sample_zone;
    const std::string anchor = "    ttl: 300s\n";
    return yaml.insert(yaml.find(anchor), "    dnssec: on\n");
  }());
  return server.server();
}

void answer(test::TestServer& server, std::span<const std::uint8_t> packet) {
  static std::vector<std::uint8_t> reply(65535);
  static std::vector<std::uint8_t> decoded_last;  // the same over two transports is decoded once
  static std::uint32_t second = 0;
  server.handler().set_now(
      {1'700'000'000, ++second});  // no two packets in one: the rate limit is not what is asked here
  for (const auto transport : {engine::Transport::datagram, engine::Transport::stream, engine::Transport::tls}) {
    const std::size_t octets =
        server.handler().handle({base::IpAddress::v4(0xc0000201), 5353}, packet, reply, transport);
    if (octets == 0) continue;
    const bool datagram = transport == engine::Transport::datagram;
    if (datagram && octets > dns::udp_payload_limit) std::abort();
    if (!datagram && (reply[2] & 0x02) != 0) std::abort();  // TC
    const auto end = reply.begin() + static_cast<std::ptrdiff_t>(octets);
    if (std::equal(reply.begin(), end, decoded_last.begin(), decoded_last.end())) continue;
    decoded_last.assign(reply.begin(), end);
    const test::Reply decoded(decoded_last);
  }
}

}  // namespace

/// The servers are made before the clock of the first input starts.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  test::sample_server();
  signed_server();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65535) return 0;
  answer(test::sample_server(), {data, size});
  answer(signed_server(), {data, size});
  return 0;
}
