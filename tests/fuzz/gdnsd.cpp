// A configuration folder of gdnsd: the configuration, a file that it may include, and a zone, parted by lines of "%%".
// Whatever comes out is YAML that can be read; whatever does not says why.
#include <cstdlib>
#include <map>
#include <string>

#include "config/gdnsd.hpp"
#include "config/yaml.hpp"

using namespace gslb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string rest(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> all;
  for (const char* path : {"d/config", "d/part", "d/zones/example.org"}) {
    const std::size_t end = rest.find("\n%%\n");
    all[path] = rest.substr(0, end);
    rest = end == std::string::npos ? std::string() : rest.substr(end + 4);
  }
  config::FileSource files;
  files.read = [&](const std::string& path) -> base::Result<std::string> {
    const auto at = all.find(path);
    if (at == all.end()) return base::Error{path + ": no such file"};
    return at->second;
  };
  files.list = [&](const std::string& pattern, bool& is_folder) {
    is_folder = pattern == "d/zones";
    if (is_folder) return std::vector<std::string>{"d/zones/example.org"};
    return all.contains(pattern) ? std::vector<std::string>{pattern} : std::vector<std::string>{};
  };
  base::ErrorList errors;
  const auto imported = config::import_gdnsd("d", files, errors);
  if (!imported) {
    if (errors.empty()) std::abort();
    return 0;
  }
  const std::string& yaml = imported->at("gslb.yaml");
  base::ErrorList of_ours;
  if (yaml.size() <= config::max_file_size && !config::parse_yaml("gslb.yaml", yaml, of_ours)) std::abort();
  return 0;
}
