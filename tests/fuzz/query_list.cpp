// tests/fuzz/query_list.cpp: no list of queries crashes the reader, and its networks have no bit behind their length.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/query_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = gslb::engine::parse_queries({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  for (const gslb::engine::ListedQuery& query : *read) {
    if (query.client && *query.client != gslb::base::make_prefix(query.client->address, query.client->length))
      std::abort();
  }
  return 0;
}
