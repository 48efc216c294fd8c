#include "config/gdnsd_map.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/address.hpp"
#include "config/import_text.hpp"

namespace gslb::config {

namespace {

constexpr std::array<std::string_view, 7> continents{"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
constexpr std::array<std::string_view, 7> known_keys{"geoip2_db",     "datacenters",    "map",       "nets",
                                                     "auto_dc_limit", "auto_dc_coords", "ignore_ecs"};
/// The limited broadcast address is no client.
constexpr const char* nobody = "{ prefixes: [255.255.255.255/32] }";
using List = std::vector<std::string>;

bool is_code(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// A place or a network, and the datacenters of its clients in their order.
struct Rule {
  enum class Kind : std::uint8_t { continent, country, subdivision, network };
  Kind kind = Kind::continent;
  std::string code;    ///< "EU", "DE", "DE-BE", "192.0.2.0/24"
  std::string parent;  ///< the code around it
  List list;
};

class MapReader {
 public:
  MapReader(const std::string& name, const Value& value, base::ErrorList& errors)
      : path_("maps." + name), value_(value), errors_(errors) {
    out_.name = name;
  }

  GdnsdMap run() {
    out_.database = text_of(value_, "geoip2_db");
    if (const Value* all = member(value_, "datacenters")) {
      for (const Value* one : items_of(*all)) out_.datacenters.push_back(one->text);
    }
    for (const Entry& entry : value_.entries) {
      if (std::ranges::find(known_keys, entry.key.text) == known_keys.end())
        lose(entry.key, "`" + entry.key.text + "` is not known");
    }
    if (const Value* ecs = member(value_, "ignore_ecs"); ecs != nullptr && ecs->text == "true")
      lose(*ecs, "`ignore_ecs`: client subnets are looked at");
    const bool automatic = read_coordinates();
    default_ = out_.datacenters;
    if (automatic) {
      out_.nearest = true;
      for (const char* key : {"map", "nets"}) {
        if (const Value* also = member(value_, key))
          lose(*also, std::string("`") + key + "` beside coordinates: clients go by distance alone");
      }
      note_limit();
      return std::move(out_);
    }
    if (const Value* map = member(value_, "map")) read_places(*map);
    if (const Value* nets = member(value_, "nets")) read_networks(*nets);
    decide();
    return std::move(out_);
  }

 private:
  void lose(const Value& where, std::string what, std::string hint = {}) {
    errors_.warn(where.where, path_, std::move(what), std::move(hint));
  }

  bool read_coordinates() {
    const Value* all = member(value_, "auto_dc_coords");
    if (all == nullptr) return false;
    for (const Entry& entry : all->entries) {
      const auto& items = entry.value.items;
      const auto number = [](const std::string& text) {
        return !text.empty() && text.size() < 24 && text.find_first_not_of("0123456789.-+eE") == std::string::npos;
      };
      if (items.size() != 2 || !number(items[0].text) || !number(items[1].text)) {
        lose(entry.value, "the coordinates of " + double_quoted(entry.key.text) + " are no [ latitude, longitude ]");
        continue;
      }
      out_.at[entry.key.text] = "[" + items[0].text + ", " + items[1].text + "]";
    }
    std::erase_if(out_.datacenters, [&](const std::string& name) {
      if (out_.at.contains(name)) return false;
      lose(*all, double_quoted(name) + " has no coordinates; it is left out");
      return true;
    });
    return true;
  }

  void note_limit() {
    const std::string limit = text_of(value_, "auto_dc_limit");
    const std::size_t most = limit.empty() ? 3 : is_number(limit) ? std::stoul(limit) : 0;
    if (most == 0 || most >= out_.datacenters.size()) return;
    const Value* where = member(value_, "auto_dc_limit");
    lose(where != nullptr ? *where : value_,
         "`auto_dc_limit` " + std::to_string(most) + ": clients whose nearest are all down go to those farther away");
  }

  List list_of(const Value& value) {
    List out;
    for (const Value* one : items_of(value)) {
      if (std::ranges::find(out_.datacenters, one->text) == out_.datacenters.end()) {
        lose(*one, double_quoted(one->text) + " is none of the map's datacenters");
      } else {
        out.push_back(one->text);
      }
    }
    if (value.kind == Value::Kind::sequence && value.items.empty())
      lose(value, "an empty list: these clients get what a fence keeps out, SERVFAIL or the fallback");
    return out;
  }

  void read_places(const Value& map) {
    if (const Value* all = member(map, "default")) default_ = list_of(*all);
    for (const Entry& continent : map.entries) {
      const std::string& code = continent.key.text;
      if (code == "default") continue;
      if (std::ranges::find(continents, code) == continents.end()) {
        lose(continent.key, double_quoted(code) + " is no continent");
        continue;
      }
      read_level(continent, code, "", Rule::Kind::continent);
    }
  }

  void read_level(const Entry& place, const std::string& code, const std::string& parent, Rule::Kind kind) {
    if (place.value.kind != Value::Kind::mapping) {
      rules_.push_back({kind, code, parent, list_of(place.value)});
      return;
    }
    if (const Value* all = member(place.value, "default")) rules_.push_back({kind, code, parent, list_of(*all)});
    if (kind == Rule::Kind::continent) {
      for (const Entry& country : place.value.entries) {
        if (country.key.text == "default") continue;
        if (!is_code(country.key.text, 2, 2)) {
          lose(country.key, double_quoted(country.key.text) + " is no country");
        } else {
          read_level(country, country.key.text, code, Rule::Kind::country);
        }
      }
      return;
    }
    for (const Entry& part : place.value.entries) {
      if (part.key.text == "default") continue;
      if (kind == Rule::Kind::subdivision || !is_code(part.key.text, 1, 3)) {
        lose(part.key, double_quoted(part.key.text) + " in " + code + " is a city or a part of a part; left out");
      } else {
        read_level(part, code + "-" + part.key.text, code, Rule::Kind::subdivision);
      }
    }
  }

  void read_networks(const Value& nets) {
    if (nets.kind != Value::Kind::mapping) return lose(nets, "`nets` in a file of its own are left out");
    for (const Entry& net : nets.entries) {
      const auto prefix = base::parse_prefix(net.key.text);
      if (!prefix) {
        lose(net.key, double_quoted(net.key.text) + " is no network");
      } else {
        rules_.push_back({Rule::Kind::network, base::to_string(*prefix), "", list_of(net.value)});
      }
    }
  }

  const List& list_in(Rule::Kind kind, const std::string& code) const {
    const auto at = std::ranges::find_if(rules_, [&](const Rule& r) { return r.kind == kind && r.code == code; });
    return at == rules_.end() ? default_ : at->list;
  }

  /// One order that all lists agree with, if there is one; else every client's first is served by a fence that only
  /// prefers, and those after it come in the order of the datacenters.
  void decide() {
    std::map<std::string, std::set<std::string>> before;
    for (const List* list : all_lists()) {
      for (std::size_t i = 1; i < list->size(); ++i) before[(*list)[i]].insert((*list)[i - 1]);
    }
    out_.order.clear();
    while (out_.order.size() < out_.datacenters.size()) {
      const auto next = std::ranges::find_if(out_.datacenters, [&](const std::string& name) {
        return std::ranges::find(out_.order, name) == out_.order.end() &&
               std::ranges::all_of(before[name], [&](const auto& other) {
                 return std::ranges::find(out_.order, other) != out_.order.end();
               });
      });
      if (next == out_.datacenters.end()) break;
      out_.order.push_back(*next);
    }
    const bool agree = out_.order.size() == out_.datacenters.size();
    out_.fence = agree ? "strict" : "prefer";
    if (!agree) {
      out_.order = default_;
      for (const std::string& name : out_.datacenters) {
        if (std::ranges::find(out_.order, name) == out_.order.end()) out_.order.push_back(name);
      }
      note_orders();
    }
    for (const std::string& name : out_.datacenters) set_serves(name, agree);
  }

  std::vector<const List*> all_lists() const {
    std::vector<const List*> out{&default_};
    for (const Rule& rule : rules_) out.push_back(&rule.list);
    return out;
  }

  void note_orders() {
    for (const Rule& rule : rules_) {
      List then = out_.order;
      if (!rule.list.empty()) {
        std::erase(then, rule.list[0]);
        then.insert(then.begin(), rule.list[0]);
      }
      if (then == rule.list) continue;
      std::string order;
      for (const std::string& name : then) order += (order.empty() ? "" : ", ") + name;
      lose(value_, "clients in " + rule.code + " go to " + order + " in this order: the lists have no order in common");
    }
  }

  /// Whether the datacenter serves the clients of a list: as one of it, or where lists disagree as its first.
  static bool serves(const std::string& name, const List& list, bool agree) {
    return agree ? std::ranges::find(list, name) != list.end() : !list.empty() && list[0] == name;
  }

  void set_serves(const std::string& name, bool agree) {
    List whole, countries, subdivisions, networks, no_countries, no_subdivisions, no_networks;
    const bool others = serves(name, default_, agree);
    std::set<std::string> in_continent;
    for (const std::string_view code : continents) {
      if (!serves(name, list_in(Rule::Kind::continent, std::string(code)), agree)) continue;
      whole.emplace_back(code);
      in_continent.insert(std::string(code));
    }
    std::map<std::string, bool> in_country;
    for (const Rule& rule : rules_) {
      const bool in = serves(name, rule.list, agree);
      if (rule.kind == Rule::Kind::country) {
        in_country[rule.code] = in;
        const bool around = in_continent.contains(rule.parent);
        if (in != around) (in ? countries : no_countries).push_back(rule.code);
      } else if (rule.kind == Rule::Kind::network) {
        (in ? networks : no_networks).push_back(rule.code);
      }
    }
    for (const Rule& rule : rules_) {
      if (rule.kind != Rule::Kind::subdivision) continue;
      const bool in = serves(name, rule.list, agree);
      const bool around =
          in_country.contains(rule.parent) ? in_country[rule.parent] : in_continent.contains(continent_of(rule.parent));
      if (in == around) continue;
      if (in && std::ranges::find(no_countries, rule.parent) != no_countries.end()) {
        lose(value_,
             "clients in " + rule.code + " are not sent to " + name + ": their country is taken out of its fence");
      } else {
        (in ? subdivisions : no_subdivisions).push_back(rule.code);
      }
    }
    if (others && whole.size() == continents.size() && no_countries.empty() && no_subdivisions.empty() &&
        no_networks.empty()) {
      out_.serves[name] = "";
      return;
    }
    std::string out = joined(
        {{"continents", whole}, {"countries", countries}, {"subdivisions", subdivisions}, {"prefixes", networks}});
    if (others) out += (out.empty() ? "" : ", ") + std::string("unknown: true");
    if (out.empty()) {
      if (!agree) out_.serves[name] = nobody;
      return;
    }
    const std::string except =
        joined({{"countries", no_countries}, {"subdivisions", no_subdivisions}, {"prefixes", no_networks}});
    if (!except.empty()) out += ", except: { " + except + " }";
    out_.serves[name] = "{ " + out + " }";
  }

  std::string continent_of(const std::string& country) const {
    const Value* map = member(value_, "map");
    for (const Entry& continent : map->entries) {
      if (continent.value.kind == Value::Kind::mapping && member(continent.value, country) != nullptr)
        return continent.key.text;
    }
    return {};
  }

  static std::string joined(const std::vector<std::pair<const char*, List>>& lists) {
    std::string out;
    for (const auto& [key, list] : lists) {
      if (!list.empty()) out += (out.empty() ? "" : ", ") + std::string(key) + ": " + yaml_list(list);
    }
    return out;
  }

  const std::string path_;
  const Value& value_;
  base::ErrorList& errors_;
  GdnsdMap out_;
  List default_;
  std::vector<Rule> rules_;
};

}  // namespace

GdnsdMap read_gdnsd_map(const std::string& name, const Value& value, base::ErrorList& errors) {
  return MapReader(name, value, errors).run();
}

}  // namespace gslb::config
