// Any octets as the header of a proxy: bounded, the same however it comes in, and asked for what it needs.
#include <cstdlib>

#include "net/proxy_header.hpp"

using gslb::net::parse_proxy_header;
using gslb::net::ProxyHeader;
using Outcome = ProxyHeader::Outcome;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ProxyHeader whole = parse_proxy_header({data, size});
  require(whole.size <= ProxyHeader::longest);
  require((whole.outcome == Outcome::incomplete) == (whole.size > size));
  require((whole.outcome == Outcome::malformed) == (whole.size == 0));
  require(whole.outcome == Outcome::proxied || whole.client.port == 0);

  // As a connection reads it: never an octet more than it was asked for.
  std::size_t have = 0;
  ProxyHeader parsed = parse_proxy_header({data, have});
  for (unsigned steps = 0; parsed.outcome == Outcome::incomplete; ++steps) {
    require(steps < 3 && parsed.size > have);
    if (parsed.size > size) return 0;
    have = parsed.size;
    parsed = parse_proxy_header({data, have});
  }
  require(parsed.outcome == whole.outcome && parsed.client == whole.client);
  require(parsed.outcome == Outcome::malformed || parsed.size == have);
  return 0;
}
