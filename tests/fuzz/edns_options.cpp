// Options inside packets that are otherwise right, one query after another to one server whose clock moves: the input
// is read as a list of (code, length, data), so that mutants reach the options and not the header. What is well formed
// is answered; over UDP nothing is larger than it may be.
#include <algorithm>
#include <cstdlib>

#include "tests/conformance/zone_fixture.hpp"
#include "tests/dns/query_builder.hpp"

using namespace gslb;

namespace {

test::TestServer& server() {
  static test::TestServer instance(std::string("nsid: fra-1\n") + test::sample_zone, [] {
    engine::CompileOptions options;
    options.cookies = *dns::parse_cookie_secrets("e5e973e5a6b2a43f48e7dc849e37bfcf");
    return options;
  }());
  return instance;
}

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr const char* names[] = {"www.example.org",     "half.example.org",    "big.example.org",
                                 "alias.example.org",   "nothing.example.org", "host.child.example.org",
                                 "x.moved.example.org", "example.net"};
constexpr dns::Rtype types[] = {dns::Rtype::A, dns::Rtype::AAAA, dns::Rtype::TXT, dns::Rtype::ANY};

/// RFC 7871 sections 6 and 7.1.2, RFC 7873 section 5.2.2, written down a second time.
bool is_well_formed(unsigned code, const dns::Bytes& data) {
  if (code == dns::option_cookie) return data.size() == 8 || (data.size() >= 16 && data.size() <= 40);
  if (code != dns::option_client_subnet) return true;
  if (data.size() < 4 || data[0] != 0 || (data[1] != 1 && data[1] != 2) || data[3] != 0) return false;
  const unsigned source = data[2], most = data[1] == 1 ? 32 : 128;
  if (source > most || data.size() != 4 + (source + 7) / 8) return false;
  return source % 8 == 0 || (data.back() & ((1U << (8 - source % 8)) - 1)) == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dns::operator+=;
  static std::vector<std::uint8_t> reply(65535);
  std::uint32_t second = 0;
  for (std::size_t at = 0; at + 4 <= size;) {
    const std::uint8_t what = data[at], payload = data[at + 1], clock = data[at + 2];
    unsigned options_left = data[at + 3] % 8;
    at += 4;
    dns::Bytes options;
    bool well_formed = true;
    unsigned subnets = 0, cookies = 0;
    for (; options_left > 0 && at + 2 <= size; --options_left) {
      const unsigned code = data[at] % 32;
      const std::size_t length = std::min<std::size_t>(data[at + 1] % 64, size - at - 2);
      const dns::Bytes content(data + at + 2, data + at + 2 + length);
      at += 2 + length;
      options += dns::option(code, content);
      if (code == dns::option_client_subnet)
        well_formed = well_formed && ++subnets == 1 && is_well_formed(code, content);
      if (code == dns::option_cookie && ++cookies == 1) well_formed = well_formed && is_well_formed(code, content);
    }
    const auto wire = dns::QueryBuilder()
                          .question(dns::wire_name(names[what % 8]), types[(what >> 3) % 4])
                          .add(dns::opt(options, payload * 8U, 0, (what & 0x20) != 0))
                          .bytes();
    const auto transport = static_cast<engine::Transport>((what >> 6) % 3);
    server().handler().set_now({1'700'000'000U + clock, second += clock % 2});
    const std::size_t octets =
        server().handler().handle({base::IpAddress::v4(0xc6336401), 5353}, wire, reply, transport);
    if (octets == 0) {
      require(transport == engine::Transport::datagram);  // limited
      continue;
    }
    if (transport == engine::Transport::datagram)
      require(octets <= std::clamp<std::size_t>(payload * 8U, 512, dns::udp_payload_limit));
    const test::Reply decoded({reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(octets)});
    require(decoded.has_edns());
    if (!decoded.truncated()) require((decoded.rcode() == 1) == !well_formed);
  }
  return 0;
}
