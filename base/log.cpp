#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"

namespace gslb::base {

namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

const char* level_word(LogLevel level) {
  static constexpr const char* words[] = {"debug", "info", "warning", "error"};
  return words[static_cast<int>(level)];
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string field_text(const LogField& field, bool json) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (json) return json_string(*text);
    const bool plain = !text->empty() && text->find_first_of(" \"=") == std::string_view::npos;
    return plain ? printable(*text) : json_string(*text);
  }
  if (const auto* number = std::get_if<long long>(&field.value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&field.value)) {
    if (json && !std::isfinite(*real)) return "null";  // JSON has no word for it
    char out[32];
    std::snprintf(out, sizeof out, "%.6g", *real);
    return out;
  }
  return std::get<bool>(field.value) ? "true" : "false";
}

struct Settings {
  std::shared_ptr<spdlog::logger> logger =
      std::make_shared<spdlog::logger>("gslbd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  LogFormat format = LogFormat::text;
  bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  Settings() { apply(LogLevel::info); }
  void apply(LogLevel lowest) {
    logger->set_level(to_spdlog(lowest));
    logger->flush_on(spdlog::level::debug);
    if (format == LogFormat::json) {
      logger->set_pattern("%v");
    } else {
      logger->set_pattern(journal ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %v");
    }
  }
};

Settings& settings() {
  static Settings instance;
  return instance;
}

std::string utc_now() {
  char out[40];
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  std::tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  const std::size_t length = std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(out + length, sizeof out - length, ".%03ldZ", now.tv_nsec / 1'000'000);
  return out;
}

}  // namespace

void configure_log(LogFormat format, LogLevel lowest) {
  settings().format = format;
  settings().apply(lowest);
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Settings& s = settings();
  if (!s.logger->should_log(to_spdlog(level))) return;
  std::string line;
  if (s.journal) {
    static constexpr const char* priorities[] = {"<7>", "<6>", "<4>", "<3>"};
    line += priorities[static_cast<int>(level)];
  }
  if (s.format == LogFormat::json) {
    line += "{\"@timestamp\":\"" + utc_now() + "\",\"log.level\":\"" + level_word(level) +
            "\",\"service.name\":\"gslbd\",\"message\":" + json_string(message);
    for (const auto& field : fields) line += "," + json_string(field.name) + ":" + field_text(field, true);
    line += "}";
  } else {
    line += std::string(level_word(level)) + ": " + printable(message);
    for (const auto& field : fields) line += "  " + printable(field.name) + "=" + field_text(field, false);
  }
  s.logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace gslb::base
