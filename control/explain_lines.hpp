// control/explain_lines.hpp: the lines of an explanation, and how endpoints are named in it.
#pragma once

#include <string>
#include <vector>

#include "engine/explain.hpp"

namespace gslb::control {

/// Lines of a word, what it says, and why, in columns.
class ExplainLines {
 public:
  void add(std::string word, std::string says, std::string why = {}) {
    rows_.push_back({std::move(word), std::move(says), std::move(why)});
  }
  std::string text() const;

 private:
  static constexpr std::size_t widest = 48;
  struct Row {
    std::string word;
    std::string says;
    std::string why;
  };
  std::vector<Row> rows_;
};

/// Site names; with the address where a site has several, or none.
class ExplainNames {
 public:
  explicit ExplainNames(const engine::SteeredReasons& reasons) : all_(reasons.candidates) {}
  std::string operator()(policy::EndpointIndex e) const;
  std::string full(policy::EndpointIndex e) const;
  std::string list(const std::vector<policy::EndpointIndex>& members, const char* between = ", ") const;
  /// Tiers parted by bars.
  std::string tiers(const policy::Tiers& tiers, bool with_km) const;

 private:
  const std::vector<engine::Candidate>& all_;
};

std::string joined(const std::vector<std::string>& parts, const char* between);

/// From the health of the endpoints to the draw: what the chains did.
void add_chains(const engine::SteeredReasons& reasons, const ExplainNames& names, ExplainLines& lines);

}  // namespace gslb::control
