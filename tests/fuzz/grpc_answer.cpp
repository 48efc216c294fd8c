// Any octets as what a gRPC server answers to a health check: refused, or one of four words.
#include <cstdint>
#include <cstdlib>

#include "health/probes/grpc_health.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::health;
  const auto read = read_grpc_answer({reinterpret_cast<const char*>(data), size});
  if (read && static_cast<unsigned>(*read) > 3) std::abort();
  return 0;
}
