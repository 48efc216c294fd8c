// Any octets as the file of orders: refused, or read and written as what was read.
#include "health/order_file.hpp"

#include <boost/json.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/hash.hpp"

namespace {

void read(std::string_view text) {
  const auto book = gslb::health::parse_orders(text);
  if (!book) return;
  const auto again = gslb::health::parse_orders(gslb::health::to_text(*book));
  if (!again || again->all() != book->all() || again->last_id() != book->last_id()) std::abort();
}

/// One, as the shared store has it.
void read_one(std::string_view text) {
  const auto order = gslb::health::parse_order(text);
  if (!order) return;
  const auto again = gslb::health::parse_order(gslb::health::to_text(*order));
  if (!again || *again != *order) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(text);
  read_one(text);
  // Also as the orders alone, under a right checksum.
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error) return 0;
  const auto* document = value.if_object();
  const auto* inner = document != nullptr ? document->if_contains("orders") : nullptr;
  const std::string orders = boost::json::serialize(inner != nullptr ? *inner : value);
  char checksum[17];
  std::snprintf(checksum, sizeof checksum, "%016llx", static_cast<unsigned long long>(gslb::base::hash_bytes(orders)));
  read(R"({"version":1,"checksum":")" + std::string(checksum) + R"(","orders":)" + orders + "}");
  return 0;
}
