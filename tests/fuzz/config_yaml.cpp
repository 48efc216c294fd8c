// Any octets as a configuration: it loads, or errors say why, never both and never neither.
#include <cstdlib>

#include "config/config.hpp"
#include "config/report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb;
  if (size > 1 << 16) return 0;
  base::ErrorList errors;
  const auto config =
      config::load_text("nowhere/gslb.yaml", std::string(reinterpret_cast<const char*>(data), size), errors);
  if (config.has_value() != errors.empty() || config.has_value() != config::report(errors).empty()) std::abort();
  return 0;
}
