#include "slow_model.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "geo/questions.hpp"
#include "geo/special.hpp"

namespace gslb::geo::testing {

namespace {

template <class... Path>
std::string text_at(MMDB_entry_s entry, Path... path) {
  MMDB_entry_data_s data{};
  if (MMDB_get_value(&entry, &data, path..., nullptr) != MMDB_SUCCESS || !data.has_data) return {};
  if (data.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {data.utf8_string, data.data_size};
}

template <class... Path>
std::optional<double> number_at(MMDB_entry_s entry, Path... path) {
  MMDB_entry_data_s data{};
  if (MMDB_get_value(&entry, &data, path..., nullptr) != MMDB_SUCCESS || !data.has_data) return std::nullopt;
  switch (data.type) {
    case MMDB_DATA_TYPE_DOUBLE:
      return data.double_value;
    case MMDB_DATA_TYPE_FLOAT:
      return data.float_value;
    case MMDB_DATA_TYPE_UINT32:
      return data.uint32;
    default:
      return std::nullopt;
  }
}

template <class T>
bool holds(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::vector<std::uint8_t> tiers_of(const NearestQuestion& question, const Coordinates& at) {
  std::vector<std::uint8_t> tiers(question.points.size(), 255);
  for (std::uint8_t tier = 0; holds<std::uint8_t>(tiers, 255); ++tier) {
    double nearest = INFINITY;
    for (std::size_t i = 0; i < tiers.size(); ++i) {
      const double km = distance_km(at, question.points[i].at) - question.points[i].bias_km;
      if (tiers[i] == 255) nearest = std::min(nearest, km);
    }
    for (std::size_t i = 0; i < tiers.size(); ++i) {
      const double km = distance_km(at, question.points[i].at) - question.points[i].bias_km;
      if (tiers[i] == 255 && km <= nearest + question.within_km) tiers[i] = tier;
    }
  }
  return tiers;
}

}  // namespace

Number to_number(const base::IpAddress& address) {
  Number number = 0;
  for (const std::uint8_t octet : address.bytes()) number = number << 8 | octet;
  return number;
}

base::IpAddress to_address(base::Family family, Number number) {
  base::IpAddress address{family, {}};
  for (unsigned i = base::bits(family) / 8; i-- > 0; number >>= 8)
    address.octets[i] = static_cast<std::uint8_t>(number);
  return address;
}

SlowModel::SlowModel(const GeoSpec& spec)
    : spec_(spec), points_(CountryPoints::parse(CountryPoints::shipped_text()).value()) {
  for (const auto& file : spec.location) locations_.push_back(open(file.value));
  for (const auto& file : spec.asn) asns_.push_back(open(file.value));
  for (const base::Family family : {base::Family::v4, base::Family::v6}) {
    edges_[family == base::Family::v4 ? 0 : 1].push_back(0);
    for (const base::Prefix& block : special_blocks(family)) add_edges(block);
  }
  for (const PlaceSpec& place : spec.places) add_edges(place.prefix);
}

SlowModel::Handle SlowModel::open(const std::string& path) {
  auto* db = new MMDB_s{};
  if (MMDB_open(path.c_str(), MMDB_MODE_MMAP, db) != MMDB_SUCCESS) {
    delete db;
    throw std::runtime_error("cannot open " + path);
  }
  return Handle(db);
}

std::optional<MMDB_entry_s> SlowModel::find(MMDB_s* db, const base::IpAddress& address) {
  sockaddr_storage storage{};
  if (address.family == base::Family::v4) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.octets.data(), 4);
  } else {
    if (db->metadata.ip_version == 4) return std::nullopt;
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.octets.data(), 16);
  }
  int error = 0;
  const auto found = MMDB_lookup_sockaddr(db, reinterpret_cast<const sockaddr*>(&storage), &error);
  if (error != MMDB_SUCCESS) throw std::runtime_error(MMDB_strerror(error));
  const bool v6_only = address.family == base::Family::v4 && db->metadata.ip_version == 6 && found.netmask < 96;
  if (!found.found_entry || v6_only) return std::nullopt;
  return found.entry;
}

bool SlowModel::special(const base::IpAddress& address) const {
  return special_block_length(address).has_value() && place_of_operator(address) == nullptr;
}

const PlaceSpec* SlowModel::place_of_operator(const base::IpAddress& address) const {
  const PlaceSpec* best = nullptr;
  for (const PlaceSpec& place : spec_.places) {
    const bool longer = best == nullptr || place.prefix.length > best->prefix.length;
    if (place.prefix.contains(address) && longer) best = &place;
  }
  return best;
}

SlowModel::Place SlowModel::place(const base::IpAddress& address) const {
  Place found;
  const bool believed = !special_block_length(address).has_value();
  for (const Handle& db : locations_) {
    const auto entry = believed ? find(db.get(), address) : std::nullopt;
    if (!entry) continue;
    found.country = text_at(*entry, "country", "iso_code");
    if (found.country.empty()) found.country = text_at(*entry, "registered_country", "iso_code");
    if (found.country.empty()) found.country = text_at(*entry, "country_code");
    found.continent = text_at(*entry, "continent", "code");
    found.subdivision = text_at(*entry, "subdivisions", "0", "iso_code");
    auto latitude = number_at(*entry, "location", "latitude");
    auto longitude = number_at(*entry, "location", "longitude");
    if (!latitude) latitude = number_at(*entry, "latitude");
    if (!longitude) longitude = number_at(*entry, "longitude");
    if (latitude && longitude) found.at = Coordinates{*latitude, *longitude};
    auto asn = number_at(*entry, "traits", "autonomous_system_number");
    if (!asn) asn = number_at(*entry, "autonomous_system_number");
    found.asn = static_cast<std::uint32_t>(asn.value_or(0));
    if (!found.country.empty() || !found.continent.empty() || found.at) break;
    found = {};
  }
  for (const Handle& db : asns_) {
    const auto entry = believed ? find(db.get(), address) : std::nullopt;
    const auto asn = entry ? number_at(*entry, "autonomous_system_number").value_or(0) : 0;
    if (asn == 0) continue;
    found.asn = static_cast<std::uint32_t>(asn);
    break;
  }
  const auto* country = points_.find(to_code(found.country));
  if (!found.at && country != nullptr) found.at = country->at;
  if (found.continent.empty() && country != nullptr) {
    found.continent = {country->continent.begin(), country->continent.end()};
  }
  return found;
}

Answers SlowModel::answers(const Signature& signature, const base::IpAddress& address) const {
  Place client = place(address);
  if (const PlaceSpec* mine = place_of_operator(address)) {
    if (!mine->country.empty() && mine->country != client.country) {
      const auto* country = points_.find(to_code(mine->country));
      client.country = mine->country;
      client.subdivision.clear();
      client.at = country->at;
      client.continent = {country->continent.begin(), country->continent.end()};
    }
    if (!mine->continent.empty()) client.continent = mine->continent;
    if (mine->at) client.at = mine->at;
    if (mine->asn != 0) client.asn = mine->asn;
  }
  if (!client.at) client.at = spec_.unknown_at;
  Answers out;
  for (const NearestQuestion& question : signature.nearest) {
    out.tiers.push_back(client.at ? tiers_of(question, *client.at) : std::vector<std::uint8_t>{});
  }
  for (const RegionSpec& region : signature.regions) {
    int longest_listed = -1;
    int longest_excepted = -1;
    for (const base::Prefix& prefix : region.prefixes)
      if (prefix.contains(address)) longest_listed = std::max(longest_listed, static_cast<int>(prefix.length));
    for (const base::Prefix& prefix : region.except_prefixes)
      if (prefix.contains(address)) longest_excepted = std::max(longest_excepted, static_cast<int>(prefix.length));
    bool inside = region.anyone || (region.unknown && client.continent.empty());
    inside = inside || (!client.continent.empty() && holds(region.continents, client.continent));
    inside = inside || (!client.country.empty() && holds(region.countries, client.country));
    inside = inside || holds(region.subdivisions, client.country + "-" + client.subdivision);
    inside = inside || (client.asn != 0 && holds(region.asns, client.asn));
    if (holds(region.except_continents, client.continent) || holds(region.except_countries, client.country) ||
        holds(region.except_subdivisions, client.country + "-" + client.subdivision) ||
        (client.asn != 0 && holds(region.except_asns, client.asn)))
      inside = false;
    if (longest_listed != longest_excepted) inside = longest_listed > longest_excepted;
    out.inside.push_back(inside);
  }
  return out;
}

void SlowModel::add_edges(const base::Prefix& prefix) {
  std::vector<Number>& edges = edges_[prefix.address.family == base::Family::v4 ? 0 : 1];
  const Number first = to_number(prefix.address);
  edges.push_back(first);
  const unsigned width = base::bits(prefix.address.family) - prefix.length;
  if (width < 128) edges.push_back(first + (Number{1} << width));
}

void SlowModel::know_edges(const std::vector<base::Prefix>& prefixes, const std::vector<Signature>& signatures) {
  for (const base::Prefix& prefix : prefixes) add_edges(prefix);
  for (const Signature& signature : signatures) {
    for (const RegionSpec& region : signature.regions) {
      for (const base::Prefix& prefix : region.prefixes) add_edges(prefix);
      for (const base::Prefix& prefix : region.except_prefixes) add_edges(prefix);
    }
  }
  for (auto& edges : edges_) {
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  }
}

SlowModel::Shares SlowModel::shares(const Signature& signature, const base::Prefix& network) const {
  const base::Family family = network.address.family;
  const std::vector<Number>& edges = edges_[family == base::Family::v4 ? 0 : 1];
  const unsigned width = base::bits(family) - network.length;
  const Number first = to_number(network.address);
  const Number last = first + (width == 128 ? ~Number{0} : (Number{1} << width) - 1);
  Shares shares;
  auto next = std::upper_bound(edges.begin(), edges.end(), first);
  for (Number at = first;; at = *next++) {
    const bool final = next == edges.end() || *next > last;
    const Number end = final ? last : *next - 1;
    const base::IpAddress address = to_address(family, at);
    const bool apart = !signature.empty() && special(address);
    shares[{answers(signature, address), apart}] += static_cast<long double>(end - at) + 1;
    if (final) return shares;
  }
}

}  // namespace gslb::geo::testing
