// base/log.hpp: one line for each thing an operator should know. Never called on the query path.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace gslb::base {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

/// One fact beside the sentence. Names follow ECS where ECS has one ("dns.question.name").
struct LogField {
  std::string_view name;
  std::variant<std::string_view, long long, double, bool> value;
  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  template <class Integer>
  requires std::is_integral_v<Integer> LogField(std::string_view n, Integer v)
      : name(n), value(static_cast<long long>(v)) {}
};

/// Where and how lines go from now on: text lines, or one JSON object a line, on standard error. With journald behind
/// standard error (JOURNAL_STREAM) a line starts with its priority "<N>" and carries no time. Thread-safe; call it
/// first.
void configure_log(LogFormat format, LogLevel lowest);

/// Writes one line. Any octets are allowed; what is not printable is escaped. Thread-safe; may block on the terminal.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::debug, m, f); }
inline void log_info(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::info, m, f); }
inline void log_warning(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::warning, m, f); }
inline void log_error(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::error, m, f); }

}  // namespace gslb::base
