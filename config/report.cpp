#include "config/report.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gslb::config {

std::string report(const base::ErrorList& errors) {
  const auto& all = errors.all();
  if (all.empty()) return {};
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), most_reported); ++i) out += base::to_string(all[i]) + "\n";
  if (all.size() > most_reported) out += "… and " + base::with_thousands(all.size() - most_reported) + " more\n";
  return out + base::with_thousands(all.size()) + (all.size() == 1 ? " error" : " errors") + ", nothing was loaded.\n";
}

}  // namespace gslb::config
