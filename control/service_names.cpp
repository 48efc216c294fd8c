#include "control/service_names.hpp"

#include <algorithm>

#include "base/source.hpp"

namespace gslb::control {

std::string canonical(std::string name) {
  if (!name.empty() && name.back() == '.') name.pop_back();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return name;
}

std::vector<ServiceView> meant(const std::vector<ServiceView>& services, const std::string& wanted) {
  std::vector<ServiceView> out;
  for (const ServiceView& service : services) {
    const std::string name = canonical(service.name);
    if (name == wanted) return {service};
    if (name.starts_with(wanted + ".")) out.push_back(service);
  }
  return out;
}

std::string hint_for(const std::vector<ServiceView>& services, const std::string& wanted) {
  std::vector<std::string> candidates;
  for (const ServiceView& service : services) {
    const std::string name = canonical(service.name);
    candidates.push_back(name);
    candidates.push_back(name.substr(0, name.find('.')));
  }
  const std::string near = base::nearest_word(wanted, candidates);
  if (!near.empty()) return "did you mean \"" + near + "\"?";
  return services.empty() ? "the configuration has no services" : "without a name, all services are listed";
}

}  // namespace gslb::control
