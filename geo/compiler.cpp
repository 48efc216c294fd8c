#include "geo/compiler.hpp"

#include <array>
#include <cstdio>
#include <future>
#include <iterator>
#include <map>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "geo/classifier.hpp"
#include "geo/image_key.hpp"
#include "geo/merge.hpp"
#include "geo/mmdb.hpp"
#include "geo/places_file.hpp"
#include "geo/poptrie.hpp"
#include "geo/scopes.hpp"
#include "geo/sealed_copy.hpp"

namespace gslb::geo {

namespace {

constexpr std::size_t most_points = 254;
constexpr std::array families{base::Family::v4, base::Family::v6};

image::Family append_family(image::Buffer& out, const Poptrie& trie) {
  image::Family family;
  family.direct = out.append(trie.direct);
  family.nodes = out.append(trie.nodes);
  family.leaves = out.append(trie.leaves);
  family.scope_nodes = out.append(trie.scope_nodes);
  family.top_split = out.append(trie.top_split);
  family.top_rank = out.append(trie.top_rank);
  family.place_depth = out.append(trie.place_depth);
  family.positions = trie.positions;
  family.shallow_positions = trie.shallow_positions;
  return family;
}

image::SignatureFamily append_scopes(image::Buffer& out, const Scopes& scopes) {
  image::SignatureFamily family;
  family.depth = out.append(scopes.depth);
  family.mixed = out.append(scopes.mixed);
  family.rank = out.append(scopes.rank);
  family.majority = out.append(scopes.majority);
  family.many = out.append(scopes.many);
  family.many_majority = out.append(scopes.many_majority);
  return family;
}

image::Signature append_answers(image::Buffer& out, const Signature& asked, const Classifier::Projection& projection) {
  image::Signature record;
  record.classes = static_cast<std::uint32_t>(projection.answers.size());
  record.regions = static_cast<std::uint32_t>(asked.regions.size());
  record.service_class = out.append(projection.service_class);
  std::vector<std::uint8_t> points;
  for (const NearestQuestion& question : asked.nearest)
    points.push_back(static_cast<std::uint8_t>(answer_size(question)));
  for (const FastestQuestion& question : asked.fastest)
    points.push_back(static_cast<std::uint8_t>(answer_size(question)));
  record.points = out.append(points);
  std::vector<std::uint8_t> answers;
  for (const std::string& one : projection.answers) answers.insert(answers.end(), one.begin(), one.end());
  record.answers = out.append(answers);
  return record;
}

class Compiler {
 public:
  Compiler(const GeoSpec& spec, const std::vector<Signature>& signatures, base::ErrorList& errors)
      : spec_(spec), signatures_(signatures), errors_(errors), origin_(std::make_shared<GeoInputs>()) {
    origin_->spec = spec;
  }

  std::optional<CompiledGeo> run(const std::string& image_path) {
    read_places();
    check_spec();
    inputs_.emplace(spec_, signatures_);
    read_tables();
    if (!read_points() || !errors_.empty()) return std::nullopt;
    if (auto stored = map_stored(image_path)) return stored;
    open_all();
    if (!errors_.empty()) return std::nullopt;
    auto image = build();
    if (!image) return std::nullopt;
    store(*image, image_path);
    auto locator = Locator::from(std::move(*image));
    if (!locator) return fail(locator.error().what);
    return CompiledGeo{std::move(*locator), to_text(key_), false, origin_};
  }

 private:
  std::nullopt_t fail(const std::string& what) {
    errors_.add({}, "geo", what);
    return std::nullopt;
  }

  void read_places() {
    for (const auto& file : spec_.places_files) {
      auto text = base::read_file(file.value, longest_places_file);
      if (!text) {
        errors_.add(file.where, "geo.places_file", text.error().what);
        continue;
      }
      origin_->places_files.push_back(base::hash_bytes(*text));
      auto places = parse_places(file.value, std::move(*text), errors_);
      std::move(places.begin(), places.end(), std::back_inserter(spec_.places));
    }
  }

  void check_spec() {
    std::map<base::Prefix, const PlaceSpec*> seen;
    for (const PlaceSpec& place : spec_.places) {
      const auto [first, added] = seen.try_emplace(place.prefix, &place);
      if (added) continue;
      const base::SourcePosition& where = first->second->where;
      const std::string at = where.file ? " at " + where.file->path + ":" + std::to_string(where.line) : "";
      errors_.add(place.where, "geo.places", base::to_string(place.prefix) + " is already a place" + at);
    }
    for (const Signature& signature : signatures_) {
      for (const NearestQuestion& question : signature.nearest) {
        if (question.points.empty() || answer_size(question) > most_points) {
          fail("a nearest filter has " + std::to_string(question.points.size()) +
               " places to choose from; 1 to 254 work, 127 after a fence");
        }
      }
      for (const FastestQuestion& question : signature.fastest) {
        if (answer_size(question) > most_points)
          fail("a fastest filter has " + std::to_string(question.sites.size()) + " sites to choose from; 127 work");
      }
    }
  }

  /// The tables of round trips that some policy asks about.
  void read_tables() {
    std::map<std::string, base::SourcePosition> files;
    for (const Signature& signature : signatures_) {
      for (const FastestQuestion& question : signature.fastest)
        files.emplace(question.table.value, question.table.where);
    }
    for (const auto& [file, where] : files) {
      const auto text = base::read_file(file, RoundTrips::longest_file);
      auto table = text ? RoundTrips::parse(*text) : base::Result<RoundTrips>(text.error());
      if (!table) {
        errors_.add(where, "policies", (text ? file + ": " : "") + table.error().what);
        continue;
      }
      inputs_->add(*text);
      tables_.emplace(file, std::move(*table));
    }
  }

  bool read_points() {
    const std::string& path = spec_.country_points.value;
    base::Result<std::string> text = std::string(CountryPoints::shipped_text());
    if (!path.empty()) text = base::read_file(path, std::size_t{1} << 24);
    if (!text) {
      errors_.add(spec_.country_points.where, "geo.country_points", text.error().what);
      return false;
    }
    inputs_->add(*text);
    origin_->country_points = base::hash_bytes(*text);
    auto points = CountryPoints::parse(*text);
    if (!points) {
      errors_.add(spec_.country_points.where, "geo.country_points", path + ": " + points.error().what);
      return false;
    }
    points_ = std::move(*points);
    return true;
  }

  /// The key only says which image to look for; what is compiled gets its key from the octets that were read.
  std::optional<CompiledGeo> map_stored(const std::string& image_path) {
    if (image_path.empty()) return std::nullopt;
    ImageKey inputs = *inputs_;
    std::array<std::vector<std::uint64_t>, 2> hashes;
    const std::array databases{&spec_.location, &spec_.asn};
    for (std::size_t kind = 0; kind < databases.size(); ++kind) {
      for (const auto& database : *databases[kind]) {
        const auto hash = hash_of_file(database.value);
        if (!hash) return std::nullopt;
        inputs.add(*hash);
        hashes[kind].push_back(*hash);
      }
    }
    auto locator = Locator::map(image_path, inputs.value());
    if (!locator) {
      base::log_info("geography is compiled anew", {{"reason", locator.error().what}});
      return std::nullopt;
    }
    origin_->location = std::move(hashes[0]);
    origin_->asn = std::move(hashes[1]);
    return CompiledGeo{std::move(*locator), to_text(inputs.value()), true, origin_};
  }

  void open_all() {
    open(spec_.location, "geo.location", &Database::has_places, "has no places", locations_, origin_->location);
    open(spec_.asn, "geo.asn", &Database::has_asns, "has no AS numbers", asns_, origin_->asn);
    key_ = inputs_->value();
  }

  /// Reads and checks all files of a kind at the same time.
  void open(const std::vector<base::Sourced<std::string>>& files, const char* setting,
            bool (Database::*useful)() const noexcept, const char* otherwise, std::vector<Database>& out,
            std::vector<std::uint64_t>& hashes) {
    std::vector<std::future<base::Result<Database>>> opening;
    opening.reserve(files.size());
    for (const auto& file : files) {
      opening.push_back(std::async(std::launch::async, [&file] { return Database::open(file.value); }));
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      auto database = opening[i].get();
      if (!database) {
        errors_.add(files[i].where, setting, database.error().what);
      } else if (!((*database).*useful)()) {
        errors_.add(files[i].where, setting, files[i].value + ": " + otherwise);
      } else {
        inputs_->add(database->content_hash());
        hashes.push_back(database->content_hash());
        out.push_back(std::move(*database));
      }
    }
  }

  std::optional<image::Buffer> build() {
    const Questions questions(signatures_, tables_);
    Overlay overlay(spec_.places, questions);
    Classifier classifier(spec_, points_, questions, overlay);
    std::vector<MergeSource> locations;
    std::vector<MergeSource> asns;
    for (const Database& database : locations_) {
      MergeSource& source = locations.emplace_back(MergeSource{&database, {}});
      for (const Record& record : database.records()) source.value.push_back(classifier.fact(record));
    }
    for (const Database& database : asns_) {
      if (!questions.asks_asn()) break;
      MergeSource& source = asns.emplace_back(MergeSource{&database, {}});
      for (const Record& record : database.records()) source.value.push_back(questions.asn_id(record.asn));
    }
    std::array<MergedTrie, 2> merged;
    std::array<std::future<Poptrie>, 2> tries;
    for (std::size_t f = 0; f < 2 && !classifier.overflowed(); ++f) {
      merged[f] = merge(families[f], locations, asns, overlay, classifier);
      tries[f] = std::async(std::launch::async, [&merged, f] { return build_poptrie(families[f], merged[f]); });
    }
    if (classifier.overflowed()) {
      return fail(
          "the policies tell more than 65,535 kinds of places apart; raise `within` of the nearest filters, or let "
          "services share policies and sites");
    }
    return assemble(classifier, merged, {tries[0].get(), tries[1].get()});
  }

  std::optional<image::Buffer> assemble(const Classifier& classifier, const std::array<MergedTrie, 2>& merged,
                                        const std::array<Poptrie, 2>& tries) {
    image::Buffer out;
    for (std::size_t f = 0; f < 2; ++f) {
      const image::Family family = append_family(out, tries[f]);
      out.header().family[f] = family;
    }
    std::vector<std::uint8_t> special;
    special.reserve(classifier.classes());
    for (std::size_t i = 0; i < classifier.classes(); ++i) special.push_back(classifier.special(i) ? 1 : 0);
    const image::Span special_span = out.append(special);
    std::vector<image::Signature> records;
    for (std::size_t s = 0; s < signatures_.size(); ++s) {
      const Classifier::Projection projection = classifier.project(s);
      image::Signature record = append_answers(out, signatures_[s], projection);
      if (record.classes > 1) {
        const auto build = [&](std::size_t f) { return build_scopes(merged[f], tries[f], projection.service_class); };
        auto other = std::async(std::launch::async, build, 1);
        record.family[0] = append_scopes(out, build(0));
        record.family[1] = append_scopes(out, other.get());
      }
      records.push_back(record);
    }
    const image::Span signatures_span = out.append(records);
    out.header().special = special_span;
    out.header().signatures = signatures_span;
    out.header().place_classes = static_cast<std::uint32_t>(classifier.classes());
    if (const auto done = out.finish(key_); !done) return fail(done.error().what);
    return out;
  }

  static void store(const image::Buffer& image, const std::string& path) {
    if (path.empty()) return;
    const auto bytes = image.bytes();
    const auto done = base::write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!done) base::log_warning("the compiled geography cannot be stored", {{"reason", done.error().what}});
  }

  static std::string to_text(std::uint64_t key) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(key));
    return text;
  }

  GeoSpec spec_;  ///< with the places of files
  const std::vector<Signature>& signatures_;
  base::ErrorList& errors_;
  std::shared_ptr<GeoInputs> origin_;
  std::optional<ImageKey> inputs_;
  std::uint64_t key_ = 0;
  CountryPoints points_;
  Questions::Tables tables_;
  std::vector<Database> locations_;
  std::vector<Database> asns_;
};

}  // namespace

std::optional<CompiledGeo> compile_geo(const GeoSpec& spec, const std::vector<Signature>& signatures,
                                       const std::string& image_path, base::ErrorList& errors) {
  base::ErrorList own;
  auto compiled = Compiler(spec, signatures, own).run(image_path);
  for (const base::ConfigError& error : own.all()) errors.add(error.where, error.path, error.what, error.hint);
  return compiled;
}

}  // namespace gslb::geo
