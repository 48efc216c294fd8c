#include "control/json_parts.hpp"

#include <cstdio>

#include "base/text.hpp"
#include "control/json.hpp"

namespace gslb::control {

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

void Reader::read(const char* name, base::WallTime& out) const {
  std::string text;
  read(name, text);
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%lfZ", &year, &month, &day, &hour, &minute, &second) != 6) return;
  if (year < 1970 || year > 2261) return;  // nanoseconds in 64 bits end in 2262
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || !(second >= 0 && second < 61)) return;
  out = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
        std::chrono::milliseconds(std::llround(second * 1000));
}

base::Result<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return base::Error{"the answer is not JSON: " + error.message()};
  if (!value.is_object()) return base::Error{"the answer is not a JSON object"};
  return std::move(value.get_object());
}

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

}  // namespace gslb::control
