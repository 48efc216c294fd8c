#include "config/gdnsd_pools.hpp"

#include <algorithm>
#include <array>

#include "base/address.hpp"
#include "config/import_text.hpp"

namespace gslb::config {

namespace {

constexpr std::array<std::string_view, 9> settings{"service_types", "up_thresh", "ignore_health", "multi",     "plugin",
                                                   "map",           "dcmap",     "datacenters",   "skip_first"};
constexpr std::array<std::string_view, 2> by_family{"addrs_v4", "addrs_v6"};

bool is_setting(const std::string& key) {
  return std::ranges::find(settings, key) != settings.end() || std::ranges::find(by_family, key) != by_family.end();
}

const Value* inherited(const std::vector<const Value*>& around, std::string_view key) {
  for (const Value* hash : around) {
    if (hash->kind != Value::Kind::mapping) continue;
    if (const Value* found = member(*hash, key)) return found;
  }
  return nullptr;
}

std::string inherited_text(const std::vector<const Value*>& around, std::string_view key) {
  const Value* found = inherited(around, key);
  return found != nullptr ? found->text : std::string();
}

/// The hash itself, or those of its families that it has.
std::vector<const Value*> families_of(const Value& resource) {
  std::vector<const Value*> out;
  for (const std::string_view key : by_family) {
    if (const Value* family = member(resource, key)) out.push_back(family);
  }
  if (out.empty()) out.push_back(&resource);
  return out;
}

}  // namespace

void GdnsdPools::lose(const Value& where, const std::string& path, std::string what, std::string hint) {
  errors_.warn(where.where, path, std::move(what), std::move(hint));
}

std::optional<GdnsdPool> GdnsdPools::resource(const std::string& plugin, const std::string& name,
                                              const base::SourcePosition& where) {
  const Value* of_plugin = member(plugins_, plugin);
  const Value* found = of_plugin != nullptr ? member(*of_plugin, name) : nullptr;
  const std::string path = plugin + "!" + name;
  if (found == nullptr) {
    errors_.warn(where, path, "there is no such resource; the name is left out");
    return std::nullopt;
  }
  return read(plugin, *found, {found, of_plugin}, path);
}

std::optional<GdnsdPool> GdnsdPools::datacenter(const Value& value, const std::vector<const Value*>& around,
                                                const std::string& path) {
  if (value.kind == Value::Kind::mapping) {
    std::vector<const Value*> all{&value};
    all.insert(all.end(), around.begin(), around.end());
    const std::string plugin = inherited_text(all, "plugin");
    return read(plugin.empty() ? "multifo" : plugin, value, all, path);
  }
  if (value.kind == Value::Kind::scalar && (value.text.starts_with('%') || value.text.starts_with('!'))) {
    const std::size_t mark = value.text.find('!');
    if (mark == std::string::npos) {
      lose(value, path, double_quoted(value.text) + " names no resource; the datacenter is left out");
      return std::nullopt;
    }
    std::string plugin =
        value.text.starts_with('!') ? inherited_text(around, "plugin") : value.text.substr(1, mark - 1);
    if (plugin.empty()) plugin = "multifo";
    return resource(plugin, value.text.substr(mark + 1), value.where);
  }
  return read("multifo", value, around, path);
}

std::optional<GdnsdPool> GdnsdPools::read(const std::string& plugin, const Value& value,
                                          std::vector<const Value*> around, const std::string& path) {
  GdnsdPool pool;
  if (plugin == "multifo" || plugin == "static") {
    if (plugin == "static") around.clear();
    for (const Value* family : families_of(value)) add_all(*family, path, pool);
  } else if (plugin == "weighted") {
    pool.answers = GdnsdPool::Answers::weighted;
    for (const Value* family : families_of(value)) add_weighted(*family, path, pool);
  } else if (plugin == "simplefo") {
    pool.answers = GdnsdPool::Answers::ordered;
    for (const Value* family : families_of(value)) add_ordered(*family, path, pool);
  } else {
    lose(value, path, "the plugin " + double_quoted(plugin) + " has no counterpart here; left out",
         plugin == "metafo" || plugin == "geoip" ? "write it as a service of its own" : "");
    return std::nullopt;
  }
  std::vector<const Value*> inside = around;
  for (const Value* family : families_of(value)) {
    if (family->kind == Value::Kind::mapping && family != &value) inside.insert(inside.begin(), family);
  }
  set_service_type(inside, path, pool);
  pool.up_thresh = inherited_text(inside, "up_thresh");
  if (const Value* multi = inherited(inside, "multi");
      plugin == "weighted" && multi != nullptr && multi->text == "true")
    lose(*multi, path, "`multi`: an answer is one address by weight, not several by chance");
  if (const Value* ignore = inherited(inside, "ignore_health"); ignore != nullptr && ignore->text == "true")
    lose(*ignore, path, "`ignore_health`: addresses that are down are left out of answers");
  if (!pool.endpoints.empty()) return pool;
  lose(value, path, "no address is left; left out");
  return std::nullopt;
}

void GdnsdPools::add_all(const Value& from, const std::string& path, GdnsdPool& pool) {
  if (from.kind != Value::Kind::mapping) {
    for (const Value* one : items_of(from)) add_target(*one, "", path, pool);
    return;
  }
  for (const Entry& entry : from.entries) {
    if (!is_setting(entry.key.text)) add_target(entry.value, "", path, pool);
  }
}

void GdnsdPools::add_weighted(const Value& from, const std::string& path, GdnsdPool& pool) {
  bool grouped = false;
  const auto add = [&](const Value& pair) {
    const bool sound = pair.kind == Value::Kind::sequence && pair.items.size() == 2 && is_number(pair.items[1].text);
    if (!sound) return lose(pair, path, "is not [ address, weight ]; left out");
    add_target(pair.items[0], pair.items[1].text, path, pool);
  };
  for (const Entry& entry : from.entries) {
    if (is_setting(entry.key.text)) continue;
    if (entry.value.kind != Value::Kind::mapping) {
      add(entry.value);
      continue;
    }
    grouped = true;
    for (const Entry& inner : entry.value.entries) {
      if (!is_setting(inner.key.text)) add(inner.value);
    }
  }
  if (grouped) lose(from, path, "groups of addresses: an answer is one address by weight, whatever its group");
}

void GdnsdPools::add_ordered(const Value& from, const std::string& path, GdnsdPool& pool) {
  for (const char* key : {"primary", "secondary"}) {
    const Value* found = member(from, key);
    if (found == nullptr) {
      lose(from, path, std::string("has no `") + key + "`");
    } else {
      add_target(*found, "", path, pool);
    }
  }
}

void GdnsdPools::add_target(const Value& value, const std::string& weight, const std::string& path, GdnsdPool& pool) {
  if (value.kind != Value::Kind::scalar || value.text.empty()) return lose(value, path, "is no address; left out");
  const auto address = base::parse_address(value.text);
  PoolEndpoint one{address ? base::to_string(*address) : value.text, !address, weight};
  if (one.host && one.target.ends_with('.')) one.target.pop_back();
  const auto same = [&](const PoolEndpoint& other) { return other.target == one.target; };
  if (std::ranges::any_of(pool.endpoints, same)) return lose(value, path, one.target + " stands here twice; once kept");
  pool.endpoints.push_back(std::move(one));
}

void GdnsdPools::set_service_type(const std::vector<const Value*>& around, const std::string& path, GdnsdPool& pool) {
  pool.service_type = "up";
  const Value* types = inherited(around, "service_types");
  if (types == nullptr) return;
  const auto all = items_of(*types);
  for (const Value* type : all) {
    if (pool.service_type == "up") pool.service_type = type->text;
  }
  if (all.size() > 1)
    lose(*types, path, "several service types: only " + double_quoted(pool.service_type) + " is probed");
}

}  // namespace gslb::config
