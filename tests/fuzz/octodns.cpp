// A zone of OctoDNS. Whatever comes out is YAML that can be read; whatever does not says why.
#include <cstdlib>
#include <string>

#include "config/octodns.hpp"
#include "config/yaml.hpp"

using namespace gslb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ErrorList errors;
  const auto yaml = config::import_octodns("zone.yaml", std::string(reinterpret_cast<const char*>(data), size),
                                           {"example.org", {"ns1.example.net."}}, errors);
  if (!yaml) {
    if (errors.empty()) std::abort();
    return 0;
  }
  base::ErrorList of_ours;
  const bool fits = yaml->size() <= config::max_file_size;
  if (fits && !config::parse_yaml("ours.yaml", *yaml, of_ours)) std::abort();
  return 0;
}
