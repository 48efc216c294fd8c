// control/table.hpp: aligned columns for a terminal, colored if wanted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gslb::control {

/// What a text tells besides its words. Never the only carrier of meaning.
enum class Tone { plain, good, warning, bad, faint };

/// `text` in the color of `tone`, or as it is if not `color`.
std::string colored(std::string_view text, Tone tone, bool color);

/// Columns on a terminal: code points, for the scripts that names are written in.
std::size_t width(std::string_view text);

/// The text with blanks behind it up to so many columns.
std::string padded(std::string text, std::size_t columns);

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
};

struct Column {
  std::string title;
  bool right = false;  ///< numbers end where their neighbours end
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// One cell for each column. Control octets in it are shown, not sent to the terminal.
  void add(std::vector<Cell> row);
  /// Each line begins with a space and ends without one.
  std::string render(bool color) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace gslb::control
