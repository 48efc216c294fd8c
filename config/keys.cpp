#include "config/keys.hpp"

#include <algorithm>

namespace gslb::config {

Fields::Fields(const Node& node, const std::vector<std::string>& known, std::span<const std::string_view> later)
    : fields_(node.fields()) {
  for (const Node& field : fields_) {
    if (std::find(known.begin(), known.end(), field.name()) != known.end()) continue;
    if (std::find(later.begin(), later.end(), field.name()) != later.end()) {
      field.error_at_key("is not supported by this version");
    } else {
      field.error_at_key("there is no key " + in_quotes(field.name()) + " here",
                         suggestion(field.name(), "keys", known));
    }
  }
}

const Node* Fields::find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Node& f) { return f.name() == name; });
  return found == fields_.end() ? nullptr : &*found;
}

}  // namespace gslb::config
