// Any octets as what etcd's gateway answers: refused, or keys and values that go to base64 and back.
#include "health/sharing/etcd_json.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::health;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto listing = etcd::read_range(text)) {
    for (const StoredValue& value : listing->values) {
      if (value.revision == 0 || value.revision > listing->revision) std::abort();
      if (etcd::from_base64(etcd::to_base64(value.value)) != value.value) std::abort();
    }
  }
  (void)etcd::read_change(text);
  (void)etcd::read_login(text);
  (void)etcd::read_error(text);
  if (const auto octets = etcd::from_base64(text); octets && etcd::to_base64(*octets).size() != text.size())
    std::abort();
  return 0;
}
