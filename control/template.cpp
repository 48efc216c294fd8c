#include "control/template.hpp"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <optional>
#include <set>

#include "base/source.hpp"
#include "base/text.hpp"
#include "control/endpoint_use.hpp"

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

bool usable(const EndpointView& endpoint) {
  return counts_as_up(endpoint) && endpoint.ordered != "drain" && endpoint.weight > 0;
}

struct EndpointWord {
  const char* name;
  data (*meaning)(const EndpointView&);
};

constexpr EndpointWord endpoint_words[] = {
    {"address", [](const EndpointView& e) { return data(e.address); }},
    {"site", [](const EndpointView& e) { return data(e.site); }},
    {"verdict", [](const EndpointView& e) { return data(std::string(health::to_string(e.state.verdict))); }},
    {"up", [](const EndpointView& e) { return data(counts_as_up(e)); }},
    {"down", [](const EndpointView& e) { return data(!counts_as_up(e)); }},
    {"drained", [](const EndpointView& e) { return data(e.ordered == "drain"); }},
    {"usable", [](const EndpointView& e) { return data(usable(e)); }},
    {"weight", [](const EndpointView& e) { return data(written(e.weight)); }},
    {"configured", [](const EndpointView& e) { return data(written(e.configured)); }},
    {"percent", [](const EndpointView& e) { return data(std::to_string(percent_of(e.weight, e.configured))); }},
};

/// @param site  only there; "": everywhere
data list_of(const ServiceView& service, const std::string& site) {
  data out(data::type::list);
  std::size_t index = 0;
  for (const EndpointView& endpoint : service.endpoints) {
    ++index;
    if (!site.empty() && endpoint.site != site) continue;
    data one;
    one.set("index", std::to_string(index));
    for (const EndpointWord& word : endpoint_words) one.set(word.name, word.meaning(endpoint));
    out.push_back(one);
  }
  return out;
}

data by_site(const ServiceView& service) {
  data out;
  for (const EndpointView& endpoint : service.endpoints)
    if (out.get(endpoint.site) == nullptr) out.set(endpoint.site, list_of(service, endpoint.site));
  return out;
}

std::string label_of(const std::string& name) { return name.substr(0, name.find('.')); }

struct ServiceWord {
  const char* name;
  data (*meaning)(const ServiceView&);
};

constexpr ServiceWord service_words[] = {
    {"name", [](const ServiceView& s) { return data(s.name); }},
    {"label", [](const ServiceView& s) { return data(label_of(s.name)); }},
    {"policy", [](const ServiceView& s) { return data(s.policy); }},
    {"mode", [](const ServiceView& s) { return data(s.mode); }},
    {"any_usable", [](const ServiceView& s) { return data(std::ranges::any_of(s.endpoints, usable)); }},
    {"endpoints", [](const ServiceView& s) { return list_of(s, ""); }},
    {"at", [](const ServiceView& s) { return by_site(s); }},
};

data of_service(const ServiceView& service) {
  data out;
  for (const ServiceWord& word : service_words) out.set(word.name, word.meaning(service));
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

std::vector<std::string> all_words() {
  std::vector<std::string> out{"services", "service", "index", "."};
  for (const ServiceWord& word : service_words) out.emplace_back(word.name);
  for (const EndpointWord& word : endpoint_words) out.emplace_back(word.name);
  return out;
}

/// Whether a path that begins at the top leads somewhere; of others, that each begins with a name there is.
std::optional<std::string> problem_of(const std::string& path, const data& top) {
  const std::string first = path == "." ? path : path.substr(0, path.find('.'));
  static const std::vector<std::string> names = all_words();
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
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return base::Error{"1: the template is empty, and so would be what it makes"};
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
