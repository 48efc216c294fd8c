#include "control/template.hpp"

#include <algorithm>
#include <cmath>
#include <kainjow/mustache.hpp>
#include <optional>
#include <set>

#include "base/source.hpp"
#include "base/text.hpp"

namespace gslb::control {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

std::string written(double number) {
  std::string out = std::to_string(number);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

bool is_up(const EndpointView& endpoint) {
  return endpoint.ordered == "up" || (endpoint.ordered != "down" && endpoint.state.verdict == health::Verdict::up);
}

/// How much of its configured weight an endpoint has now, in percent; 1 for what is more than none.
int percent_of(const EndpointView& endpoint) {
  if (!(endpoint.configured > 0) || !(endpoint.weight > 0)) return 0;
  return std::clamp(static_cast<int>(std::lround(100 * endpoint.weight / endpoint.configured)), 1, 100);
}

data of_endpoint(const EndpointView& endpoint, std::size_t index) {
  const bool drained = endpoint.ordered == "drain";
  const bool up = is_up(endpoint);
  data out;
  out.set("index", std::to_string(index));
  out.set("address", endpoint.address);
  out.set("site", endpoint.site);
  out.set("verdict", std::string(health::to_string(endpoint.state.verdict)));
  out.set("up", up);
  out.set("down", !up);
  out.set("drained", drained);
  out.set("usable", up && !drained && endpoint.weight > 0);
  out.set("weight", written(endpoint.weight));
  out.set("configured", written(endpoint.configured));
  out.set("percent", std::to_string(percent_of(endpoint)));
  return out;
}

std::string label_of(const std::string& name) { return name.substr(0, name.find('.')); }

data of_service(const ServiceView& service) {
  data endpoints(data::type::list), at(data::type::object);
  std::size_t index = 0;
  bool usable = false;
  for (const EndpointView& endpoint : service.endpoints) {
    const data one = of_endpoint(endpoint, ++index);
    endpoints.push_back(one);
    usable = usable || one.get("usable")->is_true();
    if (const data* there = at.get(endpoint.site)) {
      data more = *there;
      more.push_back(one);
      at.set(endpoint.site, more);
    } else {
      data list(data::type::list);
      list.push_back(one);
      at.set(endpoint.site, list);
    }
  }
  data out;
  out.set("name", service.name);
  out.set("label", label_of(service.name));
  out.set("policy", service.policy);
  out.set("mode", service.mode);
  out.set("any_usable", usable);
  out.set("endpoints", endpoints);
  out.set("at", at);
  return out;
}

/// What there is: services by name of the first label, and all of them in their order.
data of_services(const std::vector<ServiceView>& services) {
  data all(data::type::list), by_label(data::type::object);
  std::set<std::string> seen;
  for (const ServiceView& service : services) {
    const data one = of_service(service);
    all.push_back(one);
    if (seen.insert(label_of(service.name)).second) by_label.set(label_of(service.name), one);
  }
  data out;
  out.set("services", all);
  out.set("service", by_label);
  return out;
}

const std::vector<std::string>& plain_names() {
  static const std::vector<std::string> names{"services",   "service",   "name", "label",   "policy",  "mode",
                                              "any_usable", "endpoints", "at",   "index",   "address", "site",
                                              "verdict",    "up",        "down", "drained", "usable",  "weight",
                                              "configured", "percent",   "."};
  return names;
}

/// Whether a path that begins at the top leads somewhere; of others, that each begins with a name there is.
std::optional<std::string> problem_of(const std::string& path, const data& top) {
  const std::string first = path == "." ? path : path.substr(0, path.find('.'));
  const auto& names = plain_names();
  if (std::find(names.begin(), names.end(), first) == names.end()) {
    const std::string near = base::nearest_word(first, names);
    return "there is no \"" + base::printable(first) + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?");
  }
  if (first != "service" || first == path) return std::nullopt;
  const std::string rest = path.substr(first.size() + 1);
  const std::string label = rest.substr(0, rest.find('.'));
  const data* service = top.get("service")->get(label);
  if (service == nullptr) return "no service begins with \"" + base::printable(label) + "\"";
  if (label == rest) return std::nullopt;
  const std::string inner = rest.substr(label.size() + 1);
  if (inner.starts_with("at.") && service->get("at")->get(inner.substr(3)) == nullptr)
    return "service " + label + " has no endpoint at \"" + base::printable(inner.substr(3)) + "\"";
  return problem_of(inner, top);
}

/// Every tag in `{{…}}`; those after a change of delimiters are left to the library.
std::optional<std::string> first_problem(const std::string& text, const data& top) {
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at)) {
    at += 2;
    const std::size_t end = text.find("}}", at);
    if (end == std::string::npos) return std::nullopt;  // the library says it
    std::string tag = text.substr(at, end - at);
    if (tag.starts_with('=')) return std::nullopt;
    const std::string line = std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
    at = end;
    if (tag.starts_with('!')) continue;
    if (tag.starts_with('>')) return line + ": a template cannot include another";
    tag.erase(0, tag.find_first_not_of("#^/&{ "));
    tag.erase(tag.find_last_not_of("} ") + 1);
    if (const auto problem = problem_of(tag, top)) return line + ": " + *problem;
  }
  return std::nullopt;
}

}  // namespace

base::Result<std::string> expand(const std::string& text, const std::vector<ServiceView>& services) {
  const data top = of_services(services);
  if (const auto problem = first_problem(text, top)) return base::Error{*problem};
  mustache made(text);
  if (!made.is_valid()) return base::Error{made.error_message()};
  made.set_custom_escape([](const std::string& value) { return value; });  // it is no HTML
  std::string out = made.render(top);
  if (!made.is_valid()) return base::Error{made.error_message()};
  return out;
}

}  // namespace gslb::control
