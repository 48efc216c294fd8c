// Any octets as what is kept of the store: refused, or written again as they are.
#include "health/sharing/store_fence.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/hash.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::health;
  const std::string line(reinterpret_cast<const char*>(data), size);
  char head[64];
  std::snprintf(head, sizeof head, "gslbd store 1 %016llx\n",
                static_cast<unsigned long long>(gslb::base::hash_bytes(std::string_view(line))));
  for (const std::string& text : {line, head + line}) {
    StoreFence fence;
    if (!fence.restore(text)) continue;
    StoreFence again;
    if (!again.restore(fence.state()) || again.state() != fence.state()) std::abort();
  }
  return 0;
}
