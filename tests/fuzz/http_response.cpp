// Octets from a server through the client's parser. The first octet chooses the limits and how much comes at once.
#include <algorithm>
#include <cstdlib>

#include "net/http_parser.hpp"

using gslb::net::HttpParser;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  constexpr std::size_t header_limit = 2048, body_limit = 512;
  HttpParser parser({.header_limit = header_limit,
                     .body_limit = body_limit,
                     .body_limit_is_error = (choice & 1) != 0,
                     .done_after_header = (choice & 2) != 0,
                     .answers_head = (choice & 4) != 0});
  const std::size_t step = (choice & 8) != 0 ? 1 + (choice >> 4) : size;
  for (std::size_t at = 1; at < size;) {
    const auto room = parser.prepare();
    const std::size_t part = std::min({step, room.size(), size - at});
    std::copy_n(data + at, part, room.begin());
    at += part;
    const auto progress = parser.commit(part);
    if (progress == HttpParser::Progress::done || progress == HttpParser::Progress::failed) break;
  }
  const auto progress = parser.end_of_stream();
  std::size_t header = 0;
  for (const auto& [name, value] : parser.message().headers) header += name.size() + value.size();
  const bool over = progress == HttpParser::Progress::done || progress == HttpParser::Progress::failed;
  const bool said = (progress == HttpParser::Progress::failed) == !parser.problem().empty();
  if (!over || !said || parser.message().body.size() > body_limit || header > header_limit) std::abort();
  return 0;
}
