#include "control/json.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstdio>

#include "base/text.hpp"

namespace gslb::control {

namespace json = boost::json;

namespace {

/// `text` with what is not UTF-8 replaced: JSON is UTF-8 (RFC 8259 section 8.1).
json::string utf8(std::string_view text) {
  json::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = base::utf8_length(text);
    out.append(length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

json::value time(base::WallTime at) {
  if (at == base::WallTime{}) return nullptr;
  return json::string(rfc3339(at));
}

json::value seconds(base::Duration duration) {
  if (duration == base::Duration::zero()) return nullptr;
  return std::chrono::duration<double>(duration).count();
}

json::value finite(double number) {
  if (!std::isfinite(number)) return nullptr;
  return number;
}

json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(utf8(text));
  return out;
}

std::string line(const json::object& object) { return json::serialize(object) + "\n"; }

json::object site_object(const SiteView& site) {
  return {{"name", utf8(site.name)},   {"endpoints", site.endpoints}, {"up", site.up},
          {"since", time(site.since)}, {"checks", utf8(site.checks)}, {"latency", seconds(site.latency)},
          {"answers", site.answers}};
}

json::object endpoint_object(const EndpointView& endpoint) {
  const health::TargetState& state = endpoint.state;
  return {{"address", utf8(endpoint.address)},
          {"site", utf8(endpoint.site)},
          {"verdict", json::string(health::to_string(state.verdict))},
          {"probed", endpoint.probed},
          {"restored", state.restored},
          {"in_motion", state.in_motion},
          {"until_change", seconds(state.until_change)},
          {"streak", state.streak},
          {"since", time(state.since)},
          {"latency", seconds(state.latency)},
          {"reason", utf8(state.reason)},
          {"probes", state.probes},
          {"failures", state.failures},
          {"weight", finite(endpoint.weight)},
          {"configured", finite(endpoint.configured)},
          {"why", utf8(endpoint.why)}};
}

/// Reads members of an object; one that is missing, null or of another type is left as it is.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  void read(const char* name, std::string& out) const {
    if (const auto* text = get<json::string>(name)) out.assign(text->data(), text->size());
  }
  void read(const char* name, bool& out) const {
    if (const auto* flag = get<bool>(name)) out = *flag;
  }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void read(const char* name, Number& out) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || !value->is_number()) return;
    boost::system::error_code error;
    const Number number = value->to_number<Number>(error);
    if (!error) out = number;
  }
  void read(const char* name, base::WallTime& out) const;
  void read(const char* name, base::Duration& out) const {
    double count = 0;
    read(name, count);
    if (std::abs(count) < 1e9) out = std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(count));
  }
  void read(const char* name, std::vector<std::string>& out) const {
    if (const auto* list = get<json::array>(name)) {
      for (const json::value& entry : *list) {
        if (const auto* text = entry.if_string()) out.emplace_back(text->data(), text->size());
      }
    }
  }
  template <class Each>
  void each(const char* name, Each function) const {
    if (const auto* list = get<json::array>(name)) {
      for (const json::value& entry : *list) {
        if (const auto* object = entry.if_object()) function(Reader(*object));
      }
    }
  }

 private:
  template <class T>
  const T* get(const char* name) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr) return nullptr;
    if constexpr (std::is_same_v<T, json::string>) return value->if_string();
    if constexpr (std::is_same_v<T, json::array>) return value->if_array();
    if constexpr (std::is_same_v<T, bool>) return value->if_bool();
  }
  const json::object& object_;
};

void Reader::read(const char* name, base::WallTime& out) const {
  std::string text;
  read(name, text);
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%lfZ", &year, &month, &day, &hour, &minute, &second) != 6) return;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || !(second >= 0 && second < 61)) return;
  out = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
        std::chrono::milliseconds(std::llround(second * 1000));
}

void read_endpoint(const Reader& in, EndpointView& out) {
  in.read("address", out.address);
  in.read("site", out.site);
  in.read("probed", out.probed);
  in.read("restored", out.state.restored);
  in.read("in_motion", out.state.in_motion);
  in.read("until_change", out.state.until_change);
  in.read("streak", out.state.streak);
  in.read("since", out.state.since);
  in.read("latency", out.state.latency);
  in.read("reason", out.state.reason);
  in.read("probes", out.state.probes);
  in.read("failures", out.state.failures);
  in.read("weight", out.weight);
  in.read("configured", out.configured);
  in.read("why", out.why);
  std::string verdict;
  in.read("verdict", verdict);
  for (const auto known : {health::Verdict::up, health::Verdict::down}) {
    if (verdict == health::to_string(known)) out.state.verdict = known;
  }
}

/// The object that `text` is.
base::Result<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return base::Error{"the answer is not JSON: " + error.message()};
  if (!value.is_object()) return base::Error{"the answer is not a JSON object"};
  return std::move(value.get_object());
}

}  // namespace

std::string rfc3339(base::WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(at - day));
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

std::string to_json(const StatusView& s) {
  json::array sites;
  for (const SiteView& site : s.sites) sites.emplace_back(site_object(site));
  return line({{"version", utf8(s.version)},
               {"pid", s.pid},
               {"started", time(s.started)},
               {"ready", s.ready},
               {"not_ready_reason", utf8(s.not_ready_reason)},
               {"listen", strings(s.listen)},
               {"configuration", s.configuration},
               {"plan", s.plan},
               {"loaded", time(s.loaded)},
               {"last_reload_error", utf8(s.last_reload_error)},
               {"zones", s.zones},
               {"services", s.services},
               {"targets", s.targets},
               {"targets_up", s.targets_up},
               {"queries", s.queries},
               {"answers", s.answers},
               {"dropped", s.dropped},
               {"limited", s.limited},
               {"sites", std::move(sites)},
               {"warnings", strings(s.warnings)}});
}

std::string to_json(const std::vector<ServiceView>& services) {
  json::array list;
  for (const ServiceView& service : services) {
    json::array endpoints;
    for (const EndpointView& endpoint : service.endpoints) endpoints.emplace_back(endpoint_object(endpoint));
    list.emplace_back(json::object{{"name", utf8(service.name)},
                                   {"policy", utf8(service.policy)},
                                   {"mode", utf8(service.mode)},
                                   {"endpoints", std::move(endpoints)}});
  }
  return line({{"services", std::move(list)}});
}

std::string to_json(const ReloadResult& result) {
  json::object out{{"ok", result.ok}, {"configuration", result.configuration}, {"took", seconds(result.took)}};
  if (!result.ok) {
    out["error"] = utf8(result.errors);
    out["hint"] = "nothing was loaded; configuration " + std::to_string(result.configuration) + " goes on";
  }
  return line(out);
}

std::string to_json(const ApiError& error) {
  json::object out{{"error", utf8(error.error)}};
  if (!error.hint.empty()) out["hint"] = utf8(error.hint);
  return line(out);
}

std::string to_json(const std::string& file, const std::vector<base::ConfigError>& errors,
                    const std::vector<base::ConfigError>& warnings) {
  const auto list_of = [&file](const std::vector<base::ConfigError>& found) {
    json::array list;
    for (const base::ConfigError& error : found)
      list.emplace_back(json::object{{"file", utf8(error.where.file ? error.where.file->path : file)},
                                     {"line", error.where.line},
                                     {"column", error.where.column},
                                     {"path", utf8(error.path)},
                                     {"what", utf8(error.what)},
                                     {"hint", utf8(error.hint)}});
    return list;
  };
  return line(
      {{"file", utf8(file)}, {"ok", errors.empty()}, {"errors", list_of(errors)}, {"warnings", list_of(warnings)}});
}

base::Result<StatusView> status_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  const Reader in(*object);
  StatusView out;
  in.read("version", out.version);
  in.read("pid", out.pid);
  in.read("started", out.started);
  in.read("ready", out.ready);
  in.read("not_ready_reason", out.not_ready_reason);
  in.read("listen", out.listen);
  in.read("configuration", out.configuration);
  in.read("plan", out.plan);
  in.read("loaded", out.loaded);
  in.read("last_reload_error", out.last_reload_error);
  in.read("zones", out.zones);
  in.read("services", out.services);
  in.read("targets", out.targets);
  in.read("targets_up", out.targets_up);
  in.read("queries", out.queries);
  in.read("answers", out.answers);
  in.read("dropped", out.dropped);
  in.read("limited", out.limited);
  in.read("warnings", out.warnings);
  in.each("sites", [&out](const Reader& site) {
    SiteView& view = out.sites.emplace_back();
    site.read("name", view.name);
    site.read("endpoints", view.endpoints);
    site.read("up", view.up);
    site.read("since", view.since);
    site.read("checks", view.checks);
    site.read("latency", view.latency);
    site.read("answers", view.answers);
  });
  return out;
}

base::Result<std::vector<ServiceView>> services_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<ServiceView> out;
  Reader(*object).each("services", [&out](const Reader& service) {
    ServiceView& view = out.emplace_back();
    service.read("name", view.name);
    service.read("policy", view.policy);
    service.read("mode", view.mode);
    service.each("endpoints",
                 [&view](const Reader& endpoint) { read_endpoint(endpoint, view.endpoints.emplace_back()); });
  });
  return out;
}

base::Result<ReloadResult> reload_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  const Reader in(*object);
  ReloadResult out;
  in.read("ok", out.ok);
  in.read("configuration", out.configuration);
  in.read("took", out.took);
  in.read("error", out.errors);
  return out;
}

ApiError error_from_json(std::string_view text) {
  ApiError out;
  if (const auto object = parse_object(text)) {
    const Reader in(*object);
    in.read("error", out.error);
    in.read("hint", out.hint);
  }
  if (out.error.empty()) out.error = text;
  while (!out.error.empty() && out.error.back() == '\n') out.error.pop_back();
  return out;
}

}  // namespace gslb::control
