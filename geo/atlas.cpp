#include "geo/atlas.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "geo/places_file.hpp"

namespace gslb::geo {

namespace {

base::Error changed(const std::string& path) { return {path + ": has changed since it was loaded; reload first"}; }

}  // namespace

base::Result<Atlas> Atlas::open(const GeoInputs& inputs) {
  Atlas out;
  const std::string& points = inputs.spec.country_points.value;
  base::Result<std::string> text = std::string(CountryPoints::shipped_text());
  if (!points.empty()) text = base::read_file(points, std::size_t{1} << 24);
  if (!text) return text.error();
  if (inputs.country_points && base::hash_bytes(*text) != *inputs.country_points) return changed(points);
  auto parsed = CountryPoints::parse(*text);
  if (!parsed) return base::Error{points + ": " + parsed.error().what};
  out.points_ = std::move(*parsed);
  for (std::size_t i = 0; i < inputs.spec.location.size(); ++i) {
    const std::string& path = inputs.spec.location[i].value;
    auto database = Database::open(path);
    if (!database) return database.error();
    if (i < inputs.location.size() && database->content_hash() != inputs.location[i]) return changed(path);
    out.databases_.push_back(std::move(*database));
  }
  std::vector<PlaceSpec> places = inputs.spec.places;
  for (std::size_t i = 0; i < inputs.spec.places_files.size(); ++i) {
    const std::string& path = inputs.spec.places_files[i].value;
    auto file = base::read_file(path, longest_places_file);
    if (!file) return file.error();
    if (i < inputs.places_files.size() && base::hash_bytes(*file) != inputs.places_files[i]) return changed(path);
    base::ErrorList errors;
    for (PlaceSpec& place : parse_places(path, std::move(*file), errors)) places.push_back(std::move(place));
    if (!errors.empty()) return base::Error{base::headline(errors.all().front())};
  }
  out.unknown_at_ = inputs.spec.unknown_at;
  out.plant(places);
  return out;
}

/// Shorter prefixes first, so that longer ones take what is theirs.
void Atlas::plant(const std::vector<PlaceSpec>& places) {
  places_ = places;
  std::stable_sort(places_.begin(), places_.end(),
                   [](const PlaceSpec& a, const PlaceSpec& b) { return a.prefix.length < b.prefix.length; });
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const base::Prefix& prefix = places_[i].prefix;
    const AddressNumber number = number_of(prefix.address);
    const auto family = static_cast<std::size_t>(prefix.address.family);
    // Nodes move when they grow: they are found by index each time.
    std::optional<std::pair<std::size_t, unsigned>> above;
    const auto link = [&]() -> Link& {
      return above ? place_nodes_[above->first].child[above->second] : place_roots_[family];
    };
    for (unsigned bit = 0; bit < prefix.length; ++bit) {
      if (is_leaf(link())) {
        const Link leaf = link();
        link() = static_cast<Link>(place_nodes_.size());
        place_nodes_.push_back({{leaf, leaf}});
      }
      above = {link(), static_cast<unsigned>(number >> (127 - bit)) & 1U};
    }
    link() = leaf_bit | static_cast<Link>(i + 1);
  }
}

Whereabout Atlas::place_of(const std::vector<Link>& leaves) const {
  Whereabout out;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    const Record& record = databases_[i].records()[leaf_value(leaves[i + 1])];
    if (!record.has_place()) continue;
    out = {record.country, record.at};
    break;
  }
  const auto fill_in = [&] {
    const auto* point = out.country == Code{} ? nullptr : points_.find(out.country);
    if (point != nullptr && !out.at) out.at = point->at;
  };
  fill_in();
  if (const Link leaf = leaf_value(leaves[0]); leaf != 0) {
    const PlaceSpec& place = places_[leaf - 1];
    if (!place.country.empty() && to_code(place.country) != out.country) {
      out = {to_code(place.country), {}};
      fill_in();
    }
    if (place.at) out.at = place.at;
  }
  if (!out.at) out.at = unknown_at_;
  return out;
}

/// All trees downwards at once, along those that still part.
class Atlas::Descent {
 public:
  using Visit = std::function<void(AddressNumber, AddressNumber, const Whereabout&)>;
  Descent(const Atlas& atlas, const Block& block, const Visit& visit) : atlas_(atlas), block_(block), visit_(visit) {
    nodes_.push_back(&atlas.place_nodes_);
    for (const Database& database : atlas.databases_) nodes_.push_back(&database.nodes());
  }

  /// @param first  of the addresses under these links
  void run(const std::vector<Link>& links, AddressNumber first, unsigned depth) {
    const AddressNumber all = ~AddressNumber{0};
    const AddressNumber last = first | (depth == 0 ? all : depth > 127 ? 0 : all >> depth);
    if (last < block_.first || first > block_.last) return;
    if (std::ranges::all_of(links, is_leaf)) {
      visit_(std::max(first, block_.first), std::min(last, block_.last), atlas_.place_of(links));
      return;
    }
    for (unsigned side = 0; side < 2; ++side) {
      std::vector<Link> below = links;
      for (std::size_t i = 0; i < links.size(); ++i) {
        if (!is_leaf(links[i])) below[i] = (*nodes_[i])[links[i]].child[side];
      }
      run(below, first | (AddressNumber{side} << (127 - depth)), depth + 1);
    }
  }

 private:
  const Atlas& atlas_;
  const Block& block_;
  const Visit& visit_;
  std::vector<const std::vector<TreeNode>*> nodes_;
};

void Atlas::visit(const Block& block, base::Family family,
                  const std::function<void(AddressNumber, AddressNumber, const Whereabout&)>& visit) const {
  std::vector<Link> roots{place_roots_[static_cast<std::size_t>(family)]};
  for (const Database& database : databases_) roots.push_back(database.root(family));
  Descent(*this, block, visit).run(roots, 0, 0);
}

}  // namespace gslb::geo
