// tests/geo/slow_model.hpp: where clients are and what answers that gives, the long way round: libmaxminddb for each
// address, a scan over places and blocks, and the definitions of the questions taken by their words.
#pragma once

#include <maxminddb.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "geo/country_points.hpp"
#include "geo/geo_spec.hpp"
#include "geo/signature.hpp"

namespace gslb::geo::testing {

/// Answers that can be compared.
struct Answers {
  std::vector<std::vector<std::uint8_t>> tiers;
  std::vector<bool> inside;
  auto operator<=>(const Answers&) const = default;
};
inline Answers comparable(const ClassAnswers& answers) { return {answers.tiers, answers.inside}; }

using Number = unsigned __int128;
Number to_number(const base::IpAddress& address);
base::IpAddress to_address(base::Family family, Number number);

class SlowModel {
 public:
  explicit SlowModel(const GeoSpec& spec);

  Answers answers(const Signature& signature, const base::IpAddress& address) const;
  bool special(const base::IpAddress& address) const;
  /// The part of a network's addresses that gets each answer, those apart that are answered as their resolver is
  /// (second: true). Looks once between every two edges of anything known.
  using Shares = std::map<std::pair<Answers, bool>, long double>;
  Shares shares(const Signature& signature, const base::Prefix& network) const;
  bool uniform(const Signature& signature, const base::Prefix& network) const {
    return shares(signature, network).size() == 1;
  }
  /// Edges of the databases: the first address of every network that a test put in.
  void know_edges(const std::vector<base::Prefix>& prefixes, const std::vector<Signature>& signatures);

 private:
  struct Place {
    std::optional<Coordinates> at;
    std::string country;
    std::string continent;
    std::string subdivision;
    std::uint32_t asn = 0;
  };
  struct Close {
    void operator()(MMDB_s* db) const {
      MMDB_close(db);
      delete db;
    }
  };
  using Handle = std::unique_ptr<MMDB_s, Close>;

  static Handle open(const std::string& path);
  static std::optional<MMDB_entry_s> find(MMDB_s* db, const base::IpAddress& address);
  Place place(const base::IpAddress& address) const;
  const PlaceSpec* place_of_operator(const base::IpAddress& address) const;
  void add_edges(const base::Prefix& prefix);

  GeoSpec spec_;
  CountryPoints points_;
  std::vector<Handle> locations_;
  std::vector<Handle> asns_;
  std::array<std::vector<Number>, 2> edges_;
};

}  // namespace gslb::geo::testing
