#include "config/octodns_dynamic.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "base/address.hpp"

namespace gslb::config {

namespace {

constexpr std::array<std::string_view, 7> continents{"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
constexpr std::size_t most_pools = 1000;

/// "NA-US-CA": continent, country, subdivision; later parts may be missing.
struct GeoCode {
  std::string continent, country, subdivision;
  /// Whether a client of `other` is in here.
  bool covers(const GeoCode& other) const {
    return continent == other.continent && (country.empty() || country == other.country) &&
           (subdivision.empty() || subdivision == other.subdivision);
  }
};

bool is_word(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

std::optional<GeoCode> parse_code(std::string_view text) {
  GeoCode out;
  out.continent = text.substr(0, text.find('-'));
  if (std::ranges::find(continents, out.continent) == continents.end()) return std::nullopt;
  if (text.size() == 2) return out;
  text.remove_prefix(3);
  out.country = text.substr(0, text.find('-'));
  if (!is_word(out.country, 2, 2)) return std::nullopt;
  if (text.size() == 2) return out;
  text.remove_prefix(3);
  if (!is_word(text, 1, 3)) return std::nullopt;
  out.subdivision = out.country + "-" + std::string(text);
  return out;
}

struct Pool {
  std::string name, fallback;
  const Value* value = nullptr;
  std::vector<std::string> endpoints;  ///< flow mappings without `serves`
};

struct Rule {
  std::vector<GeoCode> codes;
  std::vector<std::string> networks;
  bool anyone = false;
  std::vector<std::size_t> chain;  ///< its pool and their fallbacks
};

class Import {
 public:
  Import(const Value& record, std::string name, std::string path, base::ErrorList& errors)
      : record_(record), name_(std::move(name)), path_(std::move(path)), errors_(errors) {}

  std::string run(const std::string& indent, std::vector<std::string>& sites) {
    const Value* dynamic = member(record_, "dynamic");
    if (!read_pools(*dynamic) || !read_rules(*dynamic) || !order_pools()) return {};
    std::string endpoints;
    for (const std::size_t pool : order_) {
      const auto serves = serves_of(pool);
      if (!serves) continue;
      sites.push_back(pools_[pool].name);
      weighted_ = weighted_ || pools_[pool].endpoints.size() > 1;
      for (const std::string& endpoint : pools_[pool].endpoints) {
        endpoints.append(indent).append("  - { site: ").append(pools_[pool].name).append(", ");
        endpoints.append(endpoint).append(*serves).append(" }\n");
      }
    }
    if (endpoints.empty()) {
      lose(*dynamic, "no rule leads to an endpoint");
      return {};
    }
    std::string out = indent + "policy: [fence: strict, priority: [";
    for (std::size_t i = 0; i < order_.size(); ++i) out += (i == 0 ? "" : ", ") + pools_[order_[i]].name;
    out += weighted_ ? "], weighted, take: 1]\n" : "], take: 1]\n";
    return out + ttl(indent) + monitor(indent) + fallback(indent) + indent + "endpoints:\n" + endpoints;
  }

 private:
  void lose(const Value& where, std::string what, std::string hint = {}) {
    errors_.warn(where.where, path_, std::move(what), std::move(hint));
  }

  std::optional<std::size_t> find_pool(const std::string& name) const {
    const auto at = std::ranges::find(pools_, name, &Pool::name);
    if (at == pools_.end()) return std::nullopt;
    return static_cast<std::size_t>(at - pools_.begin());
  }

  bool read_pools(const Value& dynamic) {
    const Value* pools = member(dynamic, "pools");
    if (pools == nullptr || pools->kind != Value::Kind::mapping || pools->entries.size() > most_pools) {
      lose(dynamic, "a dynamic record without a mapping of pools is left out");
      return false;
    }
    for (const Entry& entry : pools->entries) {
      Pool pool{entry.key.text, text_of(entry.value, "fallback"), &entry.value, {}};
      if (!is_site_name(pool.name)) {
        lose(entry.key, "a pool of this name cannot be a site; the record is left out");
        return false;
      }
      if (const Value* values = member(entry.value, "values")) {
        for (const Value* value : items_of(*values)) read_endpoint(*value, pool);
      }
      pools_.push_back(std::move(pool));
    }
    return true;
  }

  void read_endpoint(const Value& value, Pool& pool) {
    const std::string text = value.kind == Value::Kind::scalar ? value.text : text_of(value, "value");
    const auto address = base::parse_address(text);
    const auto wanted = text_of(record_, "type") == "A" ? base::Family::v4 : base::Family::v6;
    if (!address || address->family != wanted)
      return lose(value, double_quoted(text) + " is not an address for this record; it is left out");
    if (!addresses_.insert(base::to_string(*address)).second)
      return lose(value, base::to_string(*address) + " is in another pool too; only the first is kept");
    const std::string status = text_of(value, "status");
    if (status == "down") return lose(value, "an endpoint that is always down is left out");
    if (status == "up") lose(value, "this endpoint is probed all the same: `status: up` has no counterpart");
    std::string endpoint = "address: " + double_quoted(base::to_string(*address));
    if (const std::string weight = text_of(value, "weight"); !weight.empty()) {
      if (!is_number(weight)) {
        lose(value, double_quoted(weight) + " is not a weight");
      } else {
        endpoint += ", weight: " + weight;
      }
    }
    pool.endpoints.push_back(std::move(endpoint));
  }

  bool read_rules(const Value& dynamic) {
    const Value* rules = member(dynamic, "rules");
    if (rules == nullptr) {
      lose(dynamic, "a dynamic record without rules is left out");
      return false;
    }
    for (const Value* rule : items_of(*rules)) {
      const auto pool = find_pool(text_of(*rule, "pool"));
      if (!pool) {
        lose(*rule, "a rule for a pool that is not there; the record is left out");
        return false;
      }
      Rule& read = rules_.emplace_back();
      for (auto at = pool; at && std::ranges::find(read.chain, *at) == read.chain.end();
           at = find_pool(pools_[*at].fallback))
        read.chain.push_back(*at);
      read_clients(*rule, read);
    }
    return true;
  }

  void read_clients(const Value& rule, Rule& out) {
    const Value* codes = member(rule, "geos");
    const Value* networks = member(rule, "subnets");
    out.anyone = codes == nullptr && networks == nullptr;
    if (codes != nullptr) {
      for (const Value* one : items_of(*codes)) {
        if (const auto code = parse_code(one->text)) {
          out.codes.push_back(*code);
        } else {
          lose(*one, double_quoted(one->text) + " is not a place; the rule goes without it");
        }
      }
    }
    if (networks == nullptr) return;
    for (const Value* one : items_of(*networks)) {
      if (const auto network = base::parse_prefix(one->text)) {
        out.networks.push_back(base::to_string(*network));
      } else {
        lose(*one, double_quoted(one->text) + " is not a network; the rule goes without it");
      }
    }
  }

  /// One order of all pools in which each stands before its fallback.
  bool order_pools() {
    std::vector<int> state(pools_.size());
    bool loop = false;
    const std::function<void(std::size_t)> visit = [&](std::size_t pool) {
      if (state[pool] == 1) loop = true;
      if (state[pool] != 0) return;
      state[pool] = 1;
      if (const auto next = find_pool(pools_[pool].fallback)) visit(*next);
      state[pool] = 2;
      order_.insert(order_.begin(), pool);
    };
    for (std::size_t pool = pools_.size(); pool-- > 0;) visit(pool);
    if (loop)
      lose(*member(record_, "dynamic"), "pools that are each other's fallback have no order; the record is left out");
    return !loop;
  }

  bool in(std::size_t pool, const Rule* rule) const {
    return rule != nullptr && std::ranges::find(rule->chain, pool) != rule->chain.end();
  }
  const Rule* rule_of(const GeoCode& client) const {
    for (const Rule& rule : rules_) {
      if (rule.anyone || std::ranges::any_of(rule.codes, [&](const auto& c) { return c.covers(client); })) return &rule;
    }
    return nullptr;
  }
  const Rule* rule_of_unknown() const {
    const auto at = std::ranges::find(rules_, true, &Rule::anyone);
    return at == rules_.end() ? nullptr : &*at;
  }

  /// ", serves: {…}", "" for everybody; nothing for nobody. Decided for each part of the world that a rule names.
  std::optional<std::string> serves_of(std::size_t pool) {
    std::vector<std::string> whole, countries, without, subdivisions, networks;
    for (const std::string_view continent : continents) {
      if (in(pool, rule_of({std::string(continent), "", ""}))) whole.emplace_back(continent);
    }
    const auto add = [](std::vector<std::string>& list, const std::string& word) {
      if (std::ranges::find(list, word) == list.end()) list.push_back(word);
    };
    for (const Rule& named : rules_) {
      for (const GeoCode& code : named.codes) {
        if (code.country.empty()) continue;
        const bool country = in(pool, rule_of({code.continent, code.country, ""}));
        const bool continent = std::ranges::find(whole, code.continent) != whole.end();
        if (country != continent) add(country ? countries : without, code.country);
        if (code.subdivision.empty() || in(pool, rule_of(code)) == country) continue;
        if (country || continent) {
          lose(*pools_[pool].value, "clients in " + code.subdivision + " may be sent here too: a part of a country " +
                                        "cannot be taken out of a fence");
        } else {
          add(subdivisions, code.subdivision);
        }
      }
    }
    const bool unknown = in(pool, rule_of_unknown());
    for (const Rule& named : rules_) {
      for (const std::string& network : named.networks) {
        if (in(pool, &named)) {
          add(networks, network);
        } else if (unknown || !whole.empty() || !countries.empty()) {
          lose(*pools_[pool].value,
               "clients in " + network + " may be sent here too: a network cannot be taken out of a fence");
        }
      }
    }
    if (unknown && whole.size() == continents.size() && without.empty()) return "";
    return serves_text(whole, countries, without, subdivisions, networks, unknown, pool);
  }

  std::optional<std::string> serves_text(const std::vector<std::string>& whole,
                                         const std::vector<std::string>& countries,
                                         const std::vector<std::string>& without,
                                         const std::vector<std::string>& subdivisions,
                                         const std::vector<std::string>& networks, bool unknown, std::size_t pool) {
    std::string out;
    const auto add = [&](const char* key, const std::vector<std::string>& list) {
      if (!list.empty()) out += (out.empty() ? "" : ", ") + std::string(key) + ": " + yaml_list(list);
    };
    add("continents", whole);
    add("countries", countries);
    add("subdivisions", subdivisions);
    add("prefixes", networks);
    if (unknown) out += (out.empty() ? "" : ", ") + std::string("unknown: true");
    if (out.empty()) {
      lose(*pools_[pool].value, "no rule leads to this pool; it is left out");
      return std::nullopt;
    }
    if (!without.empty()) out += ", except: { countries: " + yaml_list(without) + " }";
    return ", serves: { " + out + " }";
  }

  std::string ttl(const std::string& indent) {
    const std::string text = text_of(record_, "ttl");
    return is_number(text) ? indent + "ttl: " + text + "s\n" : std::string();
  }

  /// OctoDNS's default is GET https://NAME/_dns.
  std::string monitor(const std::string& indent) {
    const Value* octodns = member(record_, "octodns");
    const Value* check = octodns != nullptr ? member(*octodns, "healthcheck") : nullptr;
    const auto get = [&](const char* key, const std::string& otherwise) {
      const std::string text = check != nullptr ? text_of(*check, key) : std::string();
      return text.empty() ? otherwise : text;
    };
    const std::string protocol = get("protocol", "HTTPS");
    const std::string port = get("port", protocol == "HTTP" ? "80" : "443");
    if (protocol == "TCP") return indent + "monitor: { tcp: " + double_quoted(port) + " }\n";
    if (protocol != "HTTP" && protocol != "HTTPS") {
      lose(*check, "a health check over " + protocol + " has no counterpart: endpoints count as up");
      return indent + "monitor: none\n";
    }
    return indent + "monitor: { " + (protocol == "HTTP" ? "http: " : "https: ") + double_quoted(get("path", "/_dns")) +
           ", host: " + double_quoted(get("host", name_)) + ", port: " + double_quoted(port) + " }\n";
  }

  /// The record's own values are what is answered when no pool has anything left.
  std::string fallback(const std::string& indent) {
    std::vector<std::string> out;
    for (const char* key : {"value", "values"}) {
      const Value* values = member(record_, key);
      if (values == nullptr) continue;
      for (const Value* one : items_of(*values)) {
        const auto address = base::parse_address(one->text);
        if (address && std::ranges::find(out, base::to_string(*address)) == out.end())
          out.push_back(base::to_string(*address));
      }
    }
    return out.empty() ? "" : indent + "all_down: none\n" + indent + "fallback: " + yaml_list(out) + "\n";
  }

  const Value& record_;
  std::string name_, path_;
  base::ErrorList& errors_;
  std::vector<Pool> pools_;
  std::vector<Rule> rules_;
  std::vector<std::size_t> order_;
  std::set<std::string> addresses_;
  bool weighted_ = false;
};

}  // namespace

std::string import_dynamic(const Value& record, const std::string& name, const std::string& path,
                           const std::string& indent, std::vector<std::string>& sites, base::ErrorList& errors) {
  return Import(record, name, path, errors).run(indent, sites);
}

}  // namespace gslb::config
