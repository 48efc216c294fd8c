#include "base/source.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gslb::base {

std::string_view SourceFile::line(int number) const {
  std::size_t start = 0;
  for (int i = 1; i < number; ++i) {
    start = text.find('\n', start);
    if (start == std::string::npos) return {};
    ++start;
  }
  std::size_t end = text.find('\n', start);
  if (end == std::string::npos) end = text.size();
  if (end > start && text[end - 1] == '\r') --end;
  return std::string_view(text).substr(start, end - start);
}

void ErrorList::add(SourcePosition where, std::string path, std::string what, std::string hint) {
  errors_.push_back({std::move(where), std::move(path), std::move(what), std::move(hint)});
}

void ErrorList::warn(SourcePosition where, std::string path, std::string what, std::string hint) {
  warnings_.push_back({std::move(where), std::move(path), std::move(what), std::move(hint)});
}

namespace {

constexpr std::size_t widest_quote = 160;

std::string quote_line(const ConfigError& error) {
  const std::string_view line = error.where.file->line(error.where.line);
  const auto column = static_cast<std::size_t>(std::max(error.where.column, 1)) - 1;
  if (line.empty() || column > widest_quote) return {};
  std::size_t width = 1;
  const auto is_word = [](char c) { return c != ' ' && c != ',' && c != '}' && c != ']' && c != ':' && c != '#'; };
  while (column + width < std::min(line.size(), widest_quote) && is_word(line[column + width])) ++width;
  const std::string number = std::to_string(error.where.line);
  std::string out = "\n" + std::string(5 - std::min<std::size_t>(5, number.size()), ' ') + number + " | " +
                    printable(line.substr(0, widest_quote)) + "\n" + std::string(8, ' ');
  for (std::size_t i = 0; i < column; ++i) out += i < line.size() && line[i] == '\t' ? '\t' : ' ';
  out += std::string(width, '^');
  if (!error.hint.empty()) out += "  " + error.hint;
  return out;
}

}  // namespace

namespace {

bool has_line(const ConfigError& error) noexcept { return error.where.file && error.where.line > 0; }

}  // namespace

std::string headline(const ConfigError& error) {
  std::string out;
  if (error.where.file) out += error.where.file->path + ":";
  if (has_line(error)) out += std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + ":";
  if (!out.empty()) out += " ";
  if (!error.path.empty()) out += error.path + ": ";
  return out + error.what;
}

std::string to_string(const ConfigError& error) {
  std::string out = headline(error);
  const std::string quoted = has_line(error) ? quote_line(error) : std::string();
  if (quoted.empty() && !error.hint.empty()) out += " (" + error.hint + ")";
  return out + quoted;
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace gslb::base
