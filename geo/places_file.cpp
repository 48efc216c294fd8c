#include "geo/places_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>

#include "geo/country_points.hpp"

namespace gslb::geo {

namespace {

constexpr std::size_t most_errors = 20;
constexpr std::size_t longest_name = 128;

enum class Column : std::uint8_t { prefix, lat, lon, country, continent, subdivision, asn, name };
constexpr std::array<std::string_view, 8> column_names{"prefix",    "lat",         "lon", "country",
                                                       "continent", "subdivision", "asn", "name"};

struct Field {
  std::string text;
  int column = 1;  ///< where it stands in its line, from 1
};

std::optional<double> degrees(std::string_view text, double limit) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !(std::abs(value) <= limit)) return std::nullopt;
  return value;
}

/// ISO 3166-2
bool is_subdivision(std::string_view text) {
  if (text.size() < 4 || text.size() > 6 || text[2] != '-' || to_code(text.substr(0, 2)) == Code{}) return false;
  return std::all_of(text.begin() + 3, text.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

class Parser {
 public:
  Parser(const std::string& path, std::string text, base::ErrorList& errors)
      : file_(std::make_shared<base::SourceFile>(base::SourceFile{path, std::move(text)})), errors_(errors) {}

  std::vector<PlaceSpec> run() {
    std::string_view rest = file_->text;
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    for (line_ = 1; !rest.empty() && found_ < most_errors; ++line_) {
      const std::size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty() || line.front() == '#') continue;
      if (!split(line)) continue;
      if (columns_.empty()) {
        if (!read_heading()) return {};
      } else if (places_.size() == most_places) {
        error(1, "more than 1,000,000 places", "fewer, larger networks");
        break;
      } else {
        read_place();
      }
    }
    line_ = 0;
    if (found_ == most_errors) {
      error(0, "has more errors; the first " + std::to_string(most_errors) + " are shown");
    } else if (columns_.empty() && found_ == 0) {
      error(0, "holds no places", "its first line is: prefix,lat,lon,country,subdivision,asn,name");
    }
    return std::move(places_);
  }

 private:
  void error(int column, const std::string& what, const std::string& hint = {}) {
    ++found_;
    errors_.add({file_, line_, column}, "geo.places_file", what, hint);
  }

  /// Into fields_. False, after an error, where quotes do not match.
  bool split(std::string_view line) {
    fields_.clear();
    std::size_t at = 0;
    for (;;) {
      Field& field = fields_.emplace_back();
      field.column = static_cast<int>(at) + 1;
      if (at < line.size() && line[at] == '"') {
        if (!quoted(line, at, field)) return false;
      } else {
        const std::size_t end = std::min(line.find(',', at), line.size());
        field.text = line.substr(at, end - at);
        at = end;
      }
      if (at == line.size()) return true;
      ++at;  // the comma
    }
  }

  bool quoted(std::string_view line, std::size_t& at, Field& field) {
    for (++at; at < line.size(); ++at) {
      if (line[at] != '"') {
        field.text += line[at];
      } else if (at + 1 < line.size() && line[at + 1] == '"') {
        field.text += line[at++];
      } else {
        ++at;
        if (at == line.size() || line[at] == ',') return true;
        error(static_cast<int>(at) + 1, "only a comma may follow a closing quote",
              "a quote inside a field is written \"\"");
        return false;
      }
    }
    error(field.column, "the quote is not closed on this line");
    return false;
  }

  bool read_heading() {
    static const std::vector<std::string> known(column_names.begin(), column_names.end());
    for (const Field& field : fields_) {
      const auto name = std::find(column_names.begin(), column_names.end(), field.text);
      if (name == column_names.end()) {
        const std::string near = base::nearest_word(field.text, known);
        error(field.column, "there is no column \"" + field.text + "\"",
              near.empty() ? "prefix, lat, lon, country, continent, subdivision, asn, name"
                           : "did you mean \"" + near + "\"?");
        return false;
      }
      const auto column = static_cast<Column>(name - column_names.begin());
      if (std::find(columns_.begin(), columns_.end(), column) != columns_.end()) {
        error(field.column, "the column \"" + field.text + "\" comes twice");
        return false;
      }
      columns_.push_back(column);
    }
    if (std::find(columns_.begin(), columns_.end(), Column::prefix) != columns_.end()) return true;
    error(1, "the first line has no column \"prefix\"",
          "it names the columns: prefix,lat,lon,country,subdivision,asn,name");
    return false;
  }

  void read_place() {
    if (fields_.size() != columns_.size()) {
      return error(1, std::to_string(fields_.size()) + (fields_.size() == 1 ? " field" : " fields") +
                          ", the first line has " + std::to_string(columns_.size()));
    }
    const std::size_t before = found_;
    PlaceSpec place;
    place.where = {file_, line_, 1};
    std::array<std::optional<double>, 2> at;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (!fields_[i].text.empty() || columns_[i] == Column::prefix) read(columns_[i], fields_[i], place, at);
    }
    if (found_ != before) return;
    if (at[0].has_value() != at[1].has_value()) return error(1, "lat and lon need each other");
    if (at[0]) place.at = Coordinates{*at[0], *at[1]};
    if (!place.subdivision.empty() && place.country.empty()) place.country = place.subdivision.substr(0, 2);
    if (!place.subdivision.empty() && !place.subdivision.starts_with(place.country + "-"))
      return error(1, place.subdivision + " is not in " + place.country);
    if (place.says_nothing())
      return error(1, "says nothing about its clients", "give lat and lon, country, subdivision or asn");
    places_.push_back(std::move(place));
  }

  void read(Column column, const Field& field, PlaceSpec& place, std::array<std::optional<double>, 2>& at) {
    const std::string& text = field.text;
    switch (column) {
      case Column::prefix:
        return read_prefix(field, place);
      case Column::lat:
        at[0] = degrees(text, 90);
        return expect(at[0].has_value(), field, "latitude", "-90 to 90");
      case Column::lon:
        at[1] = degrees(text, 180);
        return expect(at[1].has_value(), field, "longitude", "-180 to 180");
      case Column::country:
        place.country = text;
        return expect(text.size() == 2 && to_code(text) != Code{}, field, "country code",
                      "two capital letters of ISO 3166-1");
      case Column::continent:
        place.continent = text;
        return expect(text.size() == 2 && is_continent(to_code(text)), field, "continent",
                      "AF, AN, AS, EU, NA, OC or SA");
      case Column::subdivision:
        place.subdivision = text;
        return expect(is_subdivision(text), field, "subdivision code", "ISO 3166-2, such as US-CA");
      case Column::asn:
        return read_asn(field, place);
      case Column::name:
        place.name = text;
        if (text.size() > longest_name) error(field.column, "a name has at most 128 octets");
    }
  }

  void expect(bool good, const Field& field, const char* what, const char* hint) {
    if (!good) error(field.column, "\"" + field.text.substr(0, 40) + "\" is not a " + what, hint);
  }

  void read_prefix(const Field& field, PlaceSpec& place) {
    const auto prefix = base::parse_prefix(field.text);
    if (!prefix) return expect(false, field, "network", "such as 192.0.2.0/24, with no bit set after its length");
    if (base::unmapped(prefix->address) != prefix->address)
      return error(field.column, field.text + " is an IPv4 network in an IPv6 one", "write it as IPv4");
    place.prefix = *prefix;
  }

  void read_asn(const Field& field, PlaceSpec& place) {
    std::string_view digits = field.text;
    if (digits.starts_with("AS")) digits.remove_prefix(2);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), place.asn);
    const bool good = problem == std::errc{} && end == digits.data() + digits.size() && place.asn != 0;
    expect(good, field, "AS number", "1 to 4294967295");
  }

  std::shared_ptr<const base::SourceFile> file_;
  base::ErrorList& errors_;
  int line_ = 0;
  std::size_t found_ = 0;
  std::vector<Column> columns_;  ///< of the heading
  std::vector<Field> fields_;    ///< of this line
  std::vector<PlaceSpec> places_;
};

}  // namespace

std::vector<PlaceSpec> parse_places(const std::string& path, std::string text, base::ErrorList& errors) {
  return Parser(path, std::move(text), errors).run();
}

}  // namespace gslb::geo
