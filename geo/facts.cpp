#include "geo/facts.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "geo/country_points.hpp"
#include "geo/mmdb.hpp"
#include "geo/mmdb_lookup.hpp"
#include "geo/places_file.hpp"
#include "geo/special.hpp"

namespace gslb::geo {

namespace {

std::string text_of(Code code) { return code == Code{} ? std::string() : std::string(code.begin(), code.end()); }

class Search {
 public:
  Search(const GeoInputs& inputs, const base::IpAddress& address) : inputs_(inputs) {
    out_.address = base::unmapped(address);
  }

  base::Result<Facts> run() {
    if (const auto done = read_points(); !done) return done.error();
    const auto place = find_place();
    if (!place) return place.error();
    if (const auto block = special_block_length(out_.address)) {
      out_.special = base::make_prefix(out_.address, *block);
      out_.believed = place->has_value();
    } else {
      if (const auto done = ask_locations(); !done) return done.error();
      if (const auto done = ask_asns(); !done) return done.error();
    }
    fill_in_by_country();
    if (*place) override_by(**place);
    if (!out_.at && inputs_.spec.unknown_at)
      out_.at = {*inputs_.spec.unknown_at, {FactSource::Kind::unknown_at, {}, 0, {}}};
    return std::move(out_);
  }

 private:
  base::Result<void> read_points() {
    const std::string& path = inputs_.spec.country_points.value;
    base::Result<std::string> text = std::string(CountryPoints::shipped_text());
    if (!path.empty()) text = base::read_file(path, std::size_t{1} << 24);
    if (!text) return text.error();
    if (inputs_.country_points && base::hash_bytes(*text) != *inputs_.country_points) return changed(path);
    auto points = CountryPoints::parse(*text);
    if (!points) return base::Error{path + ": " + points.error().what};
    points_ = std::move(*points);
    return {};
  }

  /// The operator's place with the longest prefix around the address.
  base::Result<std::optional<PlaceSpec>> find_place() {
    std::optional<PlaceSpec> best;
    const auto offer = [&](const PlaceSpec& place) {
      if (place.prefix.contains(out_.address) && (!best || place.prefix.length > best->prefix.length)) best = place;
    };
    for (const PlaceSpec& place : inputs_.spec.places) offer(place);
    for (std::size_t i = 0; i < inputs_.spec.places_files.size(); ++i) {
      const std::string& path = inputs_.spec.places_files[i].value;
      auto text = base::read_file(path, longest_places_file);
      if (!text) return text.error();
      if (i < inputs_.places_files.size() && base::hash_bytes(*text) != inputs_.places_files[i]) return changed(path);
      base::ErrorList errors;
      for (const PlaceSpec& place : parse_places(path, std::move(*text), errors)) offer(place);
      if (!errors.empty()) return base::Error{base::headline(errors.all().front())};
    }
    return best;
  }

  static base::Error changed(const std::string& path) {
    return {path + ": has changed since it was loaded; reload first"};
  }

  /// What the file says of the address; what no compilation has checked is checked now.
  base::Result<std::optional<DatabaseAnswer>> ask(const std::string& path, const std::vector<std::uint64_t>& hashes,
                                                  std::size_t index) const {
    if (index < hashes.size()) return look_up(path, hashes[index], out_.address);
    const auto database = Database::open(path);
    if (!database) return database.error();
    return look_up(path, database->content_hash(), out_.address);
  }

  base::Result<void> ask_locations() {
    for (std::size_t i = 0; i < inputs_.spec.location.size(); ++i) {
      const std::string& path = inputs_.spec.location[i].value;
      const auto answer = ask(path, inputs_.location, i);
      if (!answer) return answer.error();
      if (!*answer || !(*answer)->record.has_place()) continue;
      const Record& record = (*answer)->record;
      const FactSource from{FactSource::Kind::database, path, 0, (*answer)->network};
      if (record.at) out_.at = {*record.at, from};
      know(out_.country, text_of(record.country), from);
      know(out_.continent, text_of(record.continent), from);
      if (record.subdivision[0] != '\0' && out_.country) {
        std::string code = out_.country->value + "-";
        for (const char c : record.subdivision) code += c == '\0' ? std::string() : std::string(1, c);
        know(out_.subdivision, code, from);
      }
      know(out_.city, (*answer)->city, from);
      if (record.asn != 0) out_.asn = {record.asn, from};
      return {};
    }
    return {};
  }

  base::Result<void> ask_asns() {
    for (std::size_t i = 0; i < inputs_.spec.asn.size(); ++i) {
      const std::string& path = inputs_.spec.asn[i].value;
      const auto answer = ask(path, inputs_.asn, i);
      if (!answer) return answer.error();
      if (!*answer || (*answer)->record.asn == 0) continue;
      const FactSource from{FactSource::Kind::database, path, 0, (*answer)->network};
      out_.asn = {(*answer)->record.asn, from};
      know(out_.organization, (*answer)->organization, from);
      return {};
    }
    return {};
  }

  static void know(std::optional<Known<std::string>>& fact, const std::string& value, const FactSource& from) {
    if (!value.empty()) fact = {value, from};
  }

  FactSource table() const { return {FactSource::Kind::country_table, inputs_.spec.country_points.value, 0, {}}; }

  void fill_in_by_country() {
    const auto* known = out_.country ? points_.find(to_code(out_.country->value)) : nullptr;
    if (known == nullptr) return;
    if (!out_.at) out_.at = {known->at, table()};
    if (!out_.continent) know(out_.continent, text_of(known->continent), table());
  }

  /// As the classifier does: a country that differs from the databases' makes the rest of their place meaningless.
  void override_by(const PlaceSpec& place) {
    const FactSource from{FactSource::Kind::place, place.where.file ? place.where.file->path : std::string(),
                          place.where.line, place.prefix};
    out_.place = {place.name, from};
    if (!place.country.empty() && (!out_.country || out_.country->value != place.country)) {
      out_.at.reset();
      out_.continent.reset();
      out_.subdivision.reset();
      out_.city.reset();
      out_.country = {place.country, from};
      fill_in_by_country();
    }
    know(out_.continent, place.continent, from);
    know(out_.subdivision, place.subdivision, from);
    if (place.at) {
      out_.at = {*place.at, from};
      out_.city.reset();
    }
    if (place.asn != 0) {
      out_.asn = {place.asn, from};
      out_.organization.reset();
    }
  }

  const GeoInputs& inputs_;
  CountryPoints points_;
  Facts out_;
};

}  // namespace

base::Result<Facts> facts_about(const GeoInputs& inputs, const base::IpAddress& address) {
  return Search(inputs, address).run();
}

}  // namespace gslb::geo
