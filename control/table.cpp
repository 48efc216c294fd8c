#include "control/table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gslb::control {

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string text, std::size_t columns) {
  const std::size_t have = width(text);
  if (have < columns) text.append(columns - have, ' ');
  return text;
}

namespace {

std::string_view escape(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[32m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[1;31m";
    case Tone::faint:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

std::string colored(std::string_view text, Tone tone, bool color) {
  if (!color || tone == Tone::plain || text.empty()) return std::string(text);
  return std::string(escape(tone)) + std::string(text) + "\x1b[0m";
}

void Table::add(std::vector<Cell> row) {
  row.resize(columns_.size());
  for (Cell& cell : row) cell.text = base::printable(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::render(bool color) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    widths.push_back(width(columns_[c].title));
    for (const auto& row : rows_) widths.back() = std::max(widths.back(), width(row[c].text));
  }
  std::string out;
  const auto add_line = [&](const auto& cell_at) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const Cell& cell = cell_at(c);
      const std::string padding(widths[c] - width(cell.text), ' ');
      line += c == 0 ? " " : "  ";
      line += columns_[c].right ? padding + colored(cell.text, cell.tone, color)
                                : colored(cell.text, cell.tone, color) + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Tone::faint});
  add_line([&](std::size_t c) -> const Cell& { return titles[c]; });
  for (const auto& row : rows_) add_line([&](std::size_t c) -> const Cell& { return row[c]; });
  return out;
}

}  // namespace gslb::control
