// Any octets through the query parser; what it says must hold of the octets.
#include <algorithm>
#include <cstdlib>

#include "dns/name_hash.hpp"
#include "dns/query.hpp"

using namespace gslb::dns;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Query query;
  const ParseOutcome outcome = parse_query({data, size}, query);
  if (outcome == ParseOutcome::drop) {
    require(size < header_size || (data[2] & 0x80) != 0);
    return 0;
  }
  require(query.labels <= max_labels && query.offset[query.labels] + 1 == query.name_size);
  require(query.hash[0] == hash_name(query.qname()));
  require(query.edns.payload >= 512);
  require(query.edns.cookie_at + query.edns.cookie_size <= size);
  require(query.edns.subnet.source <= gslb::base::bits(query.edns.subnet.family));
  if (query.has_question) {
    require(query.question_size == query.name_size + 4 && header_size + query.question_size <= size);
    require(std::equal(query.qname().begin(), query.qname().end(), data + header_size,
                       [](std::uint8_t ours, std::uint8_t sent) { return ours == lower(sent); }));
    require(Name::parse(to_string(query.qname()))->wire().size() == query.name_size);
  }
  return 0;
}
