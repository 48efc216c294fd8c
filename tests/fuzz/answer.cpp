// Octets from the network to the reply, over both transports. ldns must understand every reply: we are its peer, not
// its judge.
#include <cstdlib>

#include "tests/conformance/zone_fixture.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb;
  if (size > 65535) return 0;
  static std::vector<std::uint8_t> reply(65535);
  test::TestServer& server = test::sample_server();
  for (const auto transport : {engine::Transport::datagram, engine::Transport::stream}) {
    const std::size_t octets =
        server.handler().handle({base::IpAddress::v4(0xc0000201), 5353}, {data, size}, reply, transport);
    if (octets == 0) continue;
    if (transport == engine::Transport::datagram && octets > dns::udp_payload_limit) std::abort();
    const test::Reply decoded({reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(octets)});
  }
  return 0;
}
