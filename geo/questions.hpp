// geo/questions.hpp: every question that any signature asks, each once, and how a place answers them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "geo/record.hpp"
#include "geo/round_trips.hpp"
#include "geo/signature.hpp"

namespace gslb::geo {

/// What regions look at in a client's place. Subdivision and AS number are ids of Questions, 0 for unknown.
struct Facets {
  Code continent{};
  Code country{};
  std::uint32_t subdivision = 0;
  std::uint32_t asn = 0;
  std::uint32_t prefixes = 0;  ///< id of a set of regions that list a prefix around the client
  auto operator<=>(const Facets&) const = default;
};

/// The answer of a nearest question for a client without a place, in the octet of each of its points.
constexpr char unknown_tier = '\xff';

class Questions {
 public:
  /// A prefix that a region lists, or excepts.
  struct RegionPrefix {
    base::Prefix prefix;
    std::uint32_t listing = 0;  ///< listed() or excepted() of the region's number
  };
  static constexpr std::uint32_t listed(std::uint32_t region) noexcept { return 2 * region; }
  static constexpr std::uint32_t excepted(std::uint32_t region) noexcept { return 2 * region + 1; }

  /// What a table says of a network, as an answer to every question about the table.
  struct Measured {
    base::Prefix prefix;
    std::uint32_t table = 0;
    std::uint32_t answer = 0;  ///< id, from 1
  };
  /// By the name of the file.
  using Tables = std::map<std::string, RoundTrips>;

  /// @param tables  of those that the signatures ask about; one that is missing knows nothing
  explicit Questions(const std::vector<Signature>& signatures, const Tables& tables = {});

  bool asks_asn() const noexcept { return !asns_.empty(); }
  bool asks_nearest() const noexcept { return !nearest_.empty(); }
  const std::vector<RegionPrefix>& region_prefixes() const noexcept { return region_prefixes_; }

  /// Ids for Facets: 0 is unknown, 1 is known but in no region.
  std::uint32_t subdivision_id(Code country, std::array<char, 3> subdivision) const;
  std::uint32_t subdivision_id(const std::string& code) const;
  std::uint32_t asn_id(std::uint32_t asn) const;

  /// The answer to each nearest question, see ClassAnswers; answer_size() octets each.
  std::string tiers(const std::optional<Coordinates>& at) const;
  /// For each region, 1 if the client is inside; `listing` is what the longest prefixes around the client say, each
  /// region once at most.
  std::string inside(const Facets& facets, const std::vector<std::uint32_t>& listing) const;
  const std::vector<Measured>& measured() const noexcept { return measured_; }
  std::size_t tables() const noexcept { return tables_.size(); }
  /// The answer to each fastest question. @param answers  for each table the id of Measured::answer, 0: nothing known
  std::string fastest(const std::vector<std::uint32_t>& answers) const;
  /// The answers to one signature's questions, cut out of tiers(), inside() and fastest().
  std::string answers_of(std::size_t signature, const std::string& tiers, const std::string& inside,
                         const std::string& fastest) const;

 private:
  struct Region {
    bool anyone = false;
    bool unknown = false;
    std::vector<Code> continents;
    std::vector<Code> countries;
    std::vector<std::uint32_t> subdivisions;
    std::vector<std::uint32_t> asns;
    std::vector<Code> except_continents;
    std::vector<Code> except_countries;
    std::vector<std::uint32_t> except_subdivisions;
    std::vector<std::uint32_t> except_asns;
  };
  struct Asked {
    std::vector<std::uint32_t> nearest;
    std::vector<std::uint32_t> regions;
    std::vector<std::uint32_t> fastest;
  };
  /// The questions about one table, and the distinct answers to all of them together.
  struct Table {
    std::string name;
    std::vector<std::string> answers;
  };

  Region compile(const RegionSpec& spec, std::uint32_t number);
  void read(const Tables& tables);
  void inherit(std::uint32_t table, const std::string& outer, std::string& answer) const;

  std::vector<NearestQuestion> nearest_;
  std::vector<std::size_t> nearest_start_;  ///< where each question's points begin in tiers()
  std::vector<Coordinates> points_;         ///< distinct
  std::vector<std::vector<std::uint32_t>> point_of_;
  std::vector<Region> regions_;
  std::vector<RegionPrefix> region_prefixes_;
  std::map<std::string, std::uint32_t> subdivisions_;
  std::map<std::uint32_t, std::uint32_t> asns_;
  std::vector<FastestQuestion> fastest_;
  std::vector<std::size_t> fastest_start_;  ///< where the answer to each begins in fastest()
  std::vector<std::uint32_t> table_of_;     ///< of each fastest question
  std::vector<Table> tables_;
  std::vector<Measured> measured_;
  std::vector<Asked> asked_;
};

/// Octets of the answer to a question.
inline std::size_t answer_size(const NearestQuestion& question) noexcept {
  return question.points.size() * (question.partial ? 2 : 1);
}

inline std::size_t answer_size(const FastestQuestion& question) noexcept { return question.sites.size() * 2; }

/// Great-circle distance in kilometres (haversine).
double distance_km(const Coordinates& a, const Coordinates& b) noexcept;

}  // namespace gslb::geo
