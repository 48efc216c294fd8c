// A zone against a slow model of the same: look-ups from the apex down in a std::map, as RFC 1034 section 4.3.2 tells
// it. The zone itself looks from the longest name up.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "tests/zones/zone_fixture.hpp"

namespace gslb::zones {
namespace {

using dns::Rtype;
using Path = std::vector<std::string>;  ///< labels below the apex, topmost first

std::string owner_text(const Path& path) {
  std::string text;
  for (auto label = path.rbegin(); label != path.rend(); ++label) text += *label + ".";
  return text + "example.org.";
}

struct Node {
  std::map<Rtype, std::set<std::string>> rrsets;  ///< data in presentation form
  int service = -1;
  bool has_data() const { return !rrsets.empty() || service >= 0; }
};

struct Expected {
  Outcome outcome = Outcome::nxdomain;
  bool wildcard = false;
  std::string owner;
  int service = -1;
  std::set<std::string> data;
};

class Model {
 public:
  Model() { nodes_[{}].rrsets[Rtype::NS] = {"ns1.example.org."}; }

  /// Adds what the zone builder would accept. @return whether it did
  bool add(const Path& path, Rtype type, const std::string& data) {
    if (below_dname(path)) return false;
    const Node* node = find(path);
    const bool has_cname = node != nullptr && node->rrsets.contains(Rtype::CNAME);
    const bool has_data = node != nullptr && node->has_data();
    const bool is_wildcard = !path.empty() && path.back() == "*";
    if (has_cname || (type == Rtype::CNAME && has_data)) return false;
    if (type == Rtype::A && node != nullptr && node->service >= 0) return false;
    if (type == Rtype::NS && (path.empty() || is_wildcard || service_below(path) || has(node, Rtype::DNAME)))
      return false;
    if (type == Rtype::DNAME &&
        (path.empty() || is_wildcard || has_below(path) || has(node, Rtype::NS) || has(node, Rtype::DNAME)))
      return false;
    create(path).rrsets[type].insert(data);
    return true;
  }

  bool add_service(const Path& path, int index) {
    const Node* node = find(path);
    if (below_dname(path) || at_or_below_cut(path)) return false;
    if (has(node, Rtype::A) || has(node, Rtype::CNAME) || (node != nullptr && node->service >= 0)) return false;
    create(path).service = index;
    return true;
  }

  /// When all services are there: the places for ACME challenges that the builder adds.
  void add_challenges() {
    std::set<Path> places{{}};
    for (const auto& [path, node] : nodes_)
      if (node.service >= 0) places.insert(path);
    for (Path path : places) {
      if (!path.empty() && path.back() == "*") path.pop_back();
      path.push_back("_acme-challenge");
      if (!below_dname(path)) create(path).rrsets[Rtype::TXT] = {"\"no challenge is set\""};
    }
  }

  Expected lookup(const Path& path, Rtype qtype) const {
    Expected expected;
    Path at;
    for (std::size_t depth = 0;; ++depth) {
      const Node& node = nodes_.at(at);
      const bool exact = depth == path.size();
      if (depth > 0 && has(&node, Rtype::NS) && !(exact && qtype == Rtype::DS))
        return {Outcome::referral, false, owner_text(at), -1, node.rrsets.at(Rtype::NS)};
      if (exact) return answer(node, qtype, path, false);
      Path next = at;
      next.push_back(path[depth]);
      if (!nodes_.contains(next)) {
        if (has(&node, Rtype::DNAME)) return {Outcome::dname, false, owner_text(at), -1, node.rrsets.at(Rtype::DNAME)};
        at.push_back("*");
        return nodes_.contains(at) ? answer(nodes_.at(at), qtype, path, true) : Expected{};
      }
      at = std::move(next);
    }
  }

  std::size_t names() const { return nodes_.size(); }

 private:
  static bool has(const Node* node, Rtype type) { return node != nullptr && node->rrsets.contains(type); }

  const Node* find(const Path& path) const {
    const auto found = nodes_.find(path);
    return found == nodes_.end() ? nullptr : &found->second;
  }

  Node& create(Path path) {
    Node& node = nodes_[path];
    while (!path.empty()) {
      path.pop_back();
      nodes_[path];
    }
    return node;
  }

  bool below_dname(Path path) const {
    while (!path.empty()) {
      path.pop_back();
      if (has(find(path), Rtype::DNAME)) return true;
    }
    return false;
  }

  bool at_or_below_cut(Path path) const {
    for (; !path.empty(); path.pop_back())
      if (has(find(path), Rtype::NS)) return true;
    return false;
  }

  template <class Predicate>
  bool any_from(const Path& path, bool itself, Predicate&& predicate) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& entry) {
      const Path& other = entry.first;
      return other.size() >= path.size() + (itself ? 0 : 1) && std::equal(path.begin(), path.end(), other.begin()) &&
             predicate(entry.second);
    });
  }
  bool has_below(const Path& path) const {
    return any_from(path, false, [](const Node&) { return true; });
  }
  bool service_below(const Path& path) const {
    return any_from(path, true, [](const Node& node) { return node.service >= 0; });
  }

  static Expected answer(const Node& node, Rtype qtype, const Path& qname, bool wildcard) {
    Expected expected{Outcome::nodata, wildcard, owner_text(qname), -1, {}};
    const bool any = qtype == Rtype::ANY;
    if (node.service >= 0 && (qtype == Rtype::A || any)) {
      expected.outcome = Outcome::service;
      expected.service = node.service;
    } else if (any && !node.rrsets.empty()) {
      expected.outcome = Outcome::answer;
      expected.data = node.rrsets.begin()->second;
    } else if (has(&node, qtype)) {
      expected.outcome = Outcome::answer;
      expected.data = node.rrsets.at(qtype);
    } else if (has(&node, Rtype::CNAME)) {
      expected.outcome = Outcome::cname;
      expected.data = node.rrsets.at(Rtype::CNAME);
    }
    return expected;
  }

  std::map<Path, Node> nodes_;
};

Path random_path(base::Random& random) {
  static constexpr const char* labels[] = {"a", "b", "c", "d", "e", "f", "g", "h", "*"};
  Path path(random.below(6));
  for (auto& label : path) label = labels[random.below(std::size(labels))];
  return path;
}

void compare_with_model(std::uint64_t seed) {
  base::Random random(seed);
  Model model;
  ZoneSpec spec = example_spec();
  static constexpr Rtype types[] = {Rtype::A,  Rtype::A,  Rtype::A,     Rtype::A,     Rtype::TXT,
                                    Rtype::MX, Rtype::NS, Rtype::CNAME, Rtype::DNAME, Rtype::ANY /* a service */};
  while (spec.records.size() < 2000) {
    const Path path = random_path(random);
    Rtype type = types[random.below(std::size(types))];
    // What hides others is kept rare, or little of the zone could be seen.
    if ((type == Rtype::NS || type == Rtype::DNAME) && (path.size() < 3 || random.below(2) != 0)) type = Rtype::A;
    const auto number = static_cast<unsigned>(spec.records.size());
    std::string data;
    switch (type) {
      case Rtype::A:
        data = "192.0.2." + std::to_string(number % 250);
        break;
      case Rtype::TXT:
        data = "\"" + std::to_string(number) + "\"";
        break;
      case Rtype::MX:
        data = std::to_string(number) + " mail.example.net.";
        break;
      default:
        data = "t" + std::to_string(number) + ".example.net.";
    }
    if (type == Rtype::ANY) {
      const auto index = static_cast<int>(spec.services.size());
      if (model.add_service(path, index)) spec.services.push_back(service(owner_text(path), true, false));
    } else if (model.add(path, type, data)) {
      spec.records.push_back(record(owner_text(path), dns::to_string(type), data));
    }
  }
  const auto zone = build(spec);
  model.add_challenges();
  EXPECT_EQ(zone->names(), model.names());

  static constexpr Rtype qtypes[] = {Rtype::A,     Rtype::A,     Rtype::AAAA, Rtype::TXT, Rtype::MX,
                                     Rtype::CNAME, Rtype::DNAME, Rtype::NS,   Rtype::DS,  Rtype::ANY};
  std::map<Outcome, int> seen;
  for (int i = 0; i < 20'000; ++i) {
    Path path = random_path(random);
    if (random.below(10) == 0) path.push_back("_acme-challenge");
    if (!path.empty() && random.below(3) == 0) path[random.below(static_cast<std::uint32_t>(path.size()))] = "zz";
    const Rtype qtype = qtypes[random.below(std::size(qtypes))];
    Expected expected = model.lookup(path, qtype);
    if (path.empty() && qtype == Rtype::ANY) continue;  // the model has no SOA
    const std::string qname = owner_text(path);
    SCOPED_TRACE(qname + " " + dns::to_string(qtype) + ", seed " + std::to_string(seed));
    const Asked asked = ask(*zone, qname, qtype);
    ASSERT_EQ(asked.outcome, expected.outcome);
    ASSERT_EQ(asked.answer.wildcard, expected.wildcard);
    if (expected.outcome != Outcome::nxdomain) {
      ASSERT_EQ(asked.owner, expected.owner);
    }
    if (expected.service >= 0) {
      ASSERT_EQ(asked.answer.service, static_cast<std::uint32_t>(expected.service));
    }
    std::set<std::string> data;
    for (const auto& line : asked.lines) data.insert(line.substr(line.find(' ', line.find(' ') + 1) + 1));
    ASSERT_EQ(data, expected.data);
    ++seen[expected.outcome];
  }
  for (const Outcome outcome : {Outcome::answer, Outcome::service, Outcome::cname, Outcome::dname, Outcome::referral,
                                Outcome::nodata, Outcome::nxdomain})
    EXPECT_GT(seen[outcome], 20) << "outcome " << static_cast<int>(outcome) << " was hardly met";
}

// RFC 1034 section 4.3.2, RFC 4592, RFC 6672.
TEST(ZoneModel, AgreesOnTwentyThousandRandomNames) { compare_with_model(1); }

}  // namespace
}  // namespace gslb::zones
