// Octets from a client through the server's parser: one request after another on a connection. The first octet chooses
// how much comes at once.
#include <algorithm>
#include <cstdlib>

#include "net/http_parser.hpp"

using gslb::net::HttpParser;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t header_limit = 2048, body_limit = 512;
  HttpParser parser({.request = true, .header_limit = header_limit, .body_limit = body_limit});
  const std::size_t step = (data[0] & 1) != 0 ? 1 + (data[0] >> 1) : size;
  for (std::size_t at = 1; at < size;) {
    const auto room = parser.prepare();
    const std::size_t part = std::min({step, room.size(), size - at});
    std::copy_n(data + at, part, room.begin());
    at += part;
    auto progress = parser.commit(part);
    while (progress == HttpParser::Progress::done) {
      const auto& message = parser.message();
      if (message.method.empty() || message.target.empty() || message.body.size() > body_limit) std::abort();
      if (!message.keep_alive) return 0;
      progress = parser.next();
    }
    if (progress == HttpParser::Progress::failed) {
      if (parser.fault() == HttpParser::Fault::none || parser.problem().empty()) std::abort();
      return 0;
    }
  }
  return 0;
}
