#include "control/explain_lines.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "control/table.hpp"

namespace gslb::control {

using engine::Candidate;
using policy::EndpointIndex;

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : between) + part;
  return out;
}

std::string ExplainLines::text() const {
  std::size_t words = 8;
  std::size_t says = 0;
  for (const Row& row : rows_) {
    words = std::max(words, width(row.word));
    if (!row.why.empty() && width(row.says) <= widest) says = std::max(says, width(row.says));
  }
  std::string out;
  for (const Row& row : rows_) {
    std::string line = padded(base::printable(row.word), words + 1) + base::printable(row.says);
    if (!row.why.empty()) line = padded(line, words + 1 + says) + "   " + base::printable(row.why);
    out += line + "\n";
  }
  return out;
}

std::string ExplainNames::operator()(EndpointIndex e) const {
  const Candidate& one = all_[e];
  if (one.site.empty()) return one.address;
  const auto same =
      std::count_if(all_.begin(), all_.end(), [&](const Candidate& c) { return c.here && c.site == one.site; });
  return same > 1 ? one.site + " " + one.address : one.site;
}

std::string ExplainNames::full(EndpointIndex e) const {
  const Candidate& one = all_[e];
  return one.site.empty() ? one.address + " (fallback)" : one.address + " (" + one.site + ")";
}

std::string ExplainNames::list(const std::vector<EndpointIndex>& members, const char* between) const {
  std::vector<std::string> parts;
  parts.reserve(members.size());
  for (const EndpointIndex e : members) parts.push_back((*this)(e));
  return joined(parts, between);
}

std::string ExplainNames::tiers(const policy::Tiers& tiers, bool with_km) const {
  std::vector<std::string> parts;
  for (const auto& tier : tiers) {
    std::vector<std::string> members;
    for (const EndpointIndex e : tier) {
      const auto& km = all_[e].km;
      members.push_back(
          (*this)(e) +
          (with_km && km ? " " + base::with_thousands(static_cast<std::uint64_t>(std::lround(*km))) + " km" : ""));
    }
    parts.push_back(joined(members, ", "));
  }
  return parts.empty() ? "nobody" : joined(parts, " | ");
}

}  // namespace gslb::control
