#include "config/gdnsd.hpp"

#include <algorithm>
#include <set>

#include "config/gdnsd_map.hpp"
#include "config/gdnsd_pools.hpp"
#include "config/gdnsd_zone.hpp"
#include "config/import_text.hpp"
#include "config/values.hpp"
#include "dns/name.hpp"

namespace gslb::config {

namespace {

const Value nothing{Value::Kind::mapping, {}, {}, {}, {}};

/// What a name is answered with: datacenters or, without any, one pool.
struct Steering {
  std::vector<std::pair<std::string, GdnsdPool>> pools;  ///< by site, in the order of their datacenters
  const GdnsdMap* map = nullptr;
  bool failover = false;  ///< along the datacenters
  std::string where;      ///< "geoip!www"
};

class Import {
 public:
  Import(const std::string& folder, const FileSource& files, base::ErrorList& errors)
      : folder_(folder), files_(files), errors_(errors) {}

  std::optional<ImportedFiles> run() {
    auto root = parse_vscf(folder_ + "/config", files_, errors_);
    if (!root) return std::nullopt;
    root_ = std::move(*root);
    for (const Entry& entry : root_.entries) {
      if (entry.key.text != "options" && entry.key.text != "service_types" && entry.key.text != "plugins")
        errors_.add(entry.key.where, "", "`" + entry.key.text + "` is no section of gdnsd's configuration",
                    "options, service_types, plugins");
    }
    if (!errors_.empty()) return std::nullopt;
    read_options();
    read_maps();
    read_zones();
    if (!errors_.empty()) return std::nullopt;
    finish();
    return std::move(out_);
  }

 private:
  void lose(const base::SourcePosition& where, const std::string& path, std::string what, std::string hint = {}) {
    errors_.warn(where, path, std::move(what), std::move(hint));
  }
  const Value& section(const char* name) const {
    const Value* found = member(root_, name);
    return found != nullptr && found->kind == Value::Kind::mapping ? *found : nothing;
  }
  const Value& plugin(const char* name) const {
    const Value* found = member(section("plugins"), name);
    return found != nullptr && found->kind == Value::Kind::mapping ? *found : nothing;
  }

  void read_options() {
    std::string port = "53";
    std::vector<std::string> listen;
    const Value& options = section("options");
    if (const std::string text = text_of(options, "dns_port"); !text.empty()) port = text;
    for (const Entry& entry : options.entries) {
      if (entry.key.text == "listen") {
        if (entry.value.kind == Value::Kind::mapping) {
          for (const Entry& address : entry.value.entries) listen.push_back(with_port(address.key.text, port));
        } else if (entry.value.text != "any") {
          for (const Value* address : items_of(entry.value)) listen.push_back(with_port(address->text, port));
        }
      } else if (entry.key.text == "zones_default_ttl") {
        if (is_number(entry.value.text)) default_ttl_ = entry.value.text;
      } else if (entry.key.text != "dns_port") {
        lose(entry.key.where, "options." + entry.key.text, "a setting of the server, not carried");
      }
    }
    if (listen.empty() && port != "53") listen = {"0.0.0.0:" + port, "[::]:" + port};
    if (!listen.empty()) yaml_.head += "listen: " + yaml_list(listen) + "\n";
  }

  static std::string with_port(const std::string& text, const std::string& port) {
    if (base::parse_socket_address(text)) return text;
    const auto address = base::parse_address(text);
    if (!address) return text;
    return address->family == base::Family::v6 ? "[" + text + "]:" + port : text + ":" + port;
  }

  void read_maps() {
    const Value* maps = member(plugin("geoip"), "maps");
    if (maps == nullptr) return;
    for (const Entry& entry : maps->entries)
      maps_.emplace(entry.key.text, read_gdnsd_map(entry.key.text, entry.value, errors_));
    std::set<std::string> databases;
    for (const auto& [name, map] : maps_) {
      if (!map.database.empty())
        databases.insert(map.database.starts_with('/') ? map.database : folder_ + "/geoip/" + map.database);
    }
    yaml_.head += "geo: { location: " + yaml_list({databases.begin(), databases.end()}) + " }\n";
  }

  void read_zones() {
    bool is_folder = false;
    for (const std::string& path : files_.list(folder_ + "/zones", is_folder)) {
      const std::string name = path.substr(path.rfind('/') + 1);
      if (name.starts_with('.')) continue;
      if (!dns::Name::parse(name, dns::Name())) {
        lose({std::make_shared<base::SourceFile>(base::SourceFile{path, {}}), 0, 0}, "",
             "the file's name is no zone's; left out");
        continue;
      }
      const auto zone = read_gdnsd_zone(path, name + ".", default_ttl_, files_, errors_);
      if (!zone) continue;
      ImportedZone& ours = yaml_.zones.emplace_back();
      ours.name = name;
      ours.files = {"zones/" + name + ".zone"};
      out_[ours.files[0]] = zone->text;
      for (const DynamicName& dynamic : zone->dynamic) add_service(dynamic, name, ours);
    }
    if (yaml_.zones.empty() && errors_.empty())
      errors_.add({std::make_shared<base::SourceFile>(base::SourceFile{folder_ + "/zones", {}}), 0, 0}, "",
                  "holds no zone file");
  }

  void add_service(const DynamicName& name, const std::string& zone, ImportedZone& ours) {
    const std::string end = "." + zone + ".";
    const std::string whole = name.owner == zone + "." ? "@" : name.owner;
    const std::string owner = whole.ends_with(end) ? whole.substr(0, whole.size() - end.size()) : whole;
    if (!dns::Name::parse(name.owner, dns::Name())) return lose(name.where, name.owner, "is no name; left out");
    if (owner.starts_with("*")) return lose(name.where, name.owner, "a wildcard cannot be steered; left out");
    if (name.plugin == "reflect") {
      const std::string what = name.resource == "dns" ? "resolver" : name.resource == "both" ? "both" : "subnet";
      ours.services[owner] = "        reflect: " + what + "\n" +
                             (is_number(name.ttl) ? "        ttl: " + name.ttl + "s\n" : std::string());
      return;
    }
    const auto steering = steer(name);
    if (!steering) return;
    if (ours.services.contains(owner))
      return lose(name.where, name.owner, "a second dynamic record of the name is left out");
    if (auto text = service(*steering, name); !text.empty()) ours.services[owner] = std::move(text);
  }

  std::optional<Steering> steer(const DynamicName& name) {
    Steering out;
    out.where = name.plugin + "!" + name.resource;
    GdnsdPools pools(section("plugins"), errors_);
    if (name.plugin != "metafo" && name.plugin != "geoip") {
      auto pool = pools.resource(name.plugin, name.resource, name.where);
      if (!pool) return std::nullopt;
      out.pools.emplace_back(site_name(name.resource), std::move(*pool));
      return out;
    }
    const std::size_t slash = name.resource.find('/');
    const Value& meta = plugin(name.plugin.c_str());
    const Value* resources = member(meta, "resources");
    const Value* resource = resources != nullptr ? member(*resources, name.resource.substr(0, slash)) : nullptr;
    const Value* dcmap = resource != nullptr ? member(*resource, "dcmap") : nullptr;
    if (dcmap == nullptr) {
      lose(name.where, out.where, "there is no such resource; the name is left out");
      return std::nullopt;
    }
    if (const Value* skip = member(*resource, "skip_first"); skip != nullptr && skip->text == "true")
      lose(skip->where, out.where, "`skip_first`: the first datacenter is not left out");
    std::vector<std::string> order;
    if (slash != std::string::npos) {
      order = {name.resource.substr(slash + 1)};
    } else if (name.plugin == "metafo") {
      if (const Value* all = member(*resource, "datacenters")) {
        for (const Value* one : items_of(*all)) order.push_back(one->text);
      }
      out.failover = true;
    } else {
      const auto map = maps_.find(text_of(*resource, "map"));
      if (map == maps_.end()) {
        lose(resource->where, out.where, "there is no map of this name; the name is left out");
        return std::nullopt;
      }
      out.map = &map->second;
      order = map->second.nearest ? map->second.datacenters : map->second.order;
      out.failover = !map->second.nearest;
    }
    for (const std::string& datacenter : order) {
      const Value* value = member(*dcmap, datacenter);
      if (value == nullptr) {
        lose(dcmap->where, out.where, "the datacenter " + double_quoted(datacenter) + " has no addresses");
        continue;
      }
      auto pool = pools.datacenter(*value, {resource, &meta}, out.where + "/" + datacenter);
      if (pool) out.pools.emplace_back(site_name(datacenter), std::move(*pool));
    }
    if (!out.pools.empty()) return out;
    lose(name.where, out.where, "no datacenter is left; the name is left out");
    return std::nullopt;
  }

  static std::string site_name(const std::string& name) {
    std::string out = name.substr(0, 63);
    for (char& c : out) {
      if (!is_site_name(std::string_view(&c, 1))) c = '-';
    }
    return out.empty() ? "site" : out;
  }

  static bool is(const GdnsdPool& pool, GdnsdPool::Answers answers) { return pool.answers == answers; }

  std::string service(const Steering& steering, const DynamicName& name) {
    using Answers = GdnsdPool::Answers;
    const auto& pools = steering.pools;
    const auto any = [&](Answers answers) {
      return std::ranges::any_of(pools,
                                 [&](const auto& p) { return is(p.second, answers) && p.second.endpoints.size() > 1; });
    };
    const bool ordered = any(Answers::ordered);
    const bool weighted = any(Answers::weighted);
    // Failover inside of failover is one order, if every datacenter has one.
    const bool one_order = ordered && (pools.size() == 1 || steering.map == nullptr) && !weighted && !any(Answers::all);
    if (ordered && !one_order)
      lose(name.where, steering.where, "primary and secondary of a datacenter are equals: its order is not kept");
    if (weighted && any(Answers::all))
      lose(name.where, steering.where, "one address by weight, also from datacenters that answer with all");

    std::vector<std::string> filters;
    if (steering.map != nullptr && steering.map->nearest) filters.emplace_back("nearest");
    if (steering.map != nullptr && !steering.map->nearest) filters.push_back("fence: " + steering.map->fence);
    if (one_order) {
      filters.emplace_back("priority");
    } else if (steering.failover) {
      std::vector<std::string> order;
      order.reserve(pools.size());
      for (const auto& [site, pool] : pools) order.push_back(site);
      filters.push_back("priority: " + yaml_list(order));
    }
    if (weighted) filters.emplace_back("weighted: { by: query }");
    filters.emplace_back(weighted || one_order ? "take: 1" : "rotate");
    std::string policy;
    for (const std::string& filter : filters) policy += (policy.empty() ? "" : ", ") + filter;

    std::string endpoints;
    for (const auto& [site, pool] : pools) endpoints += endpoint_lines(steering, site, pool, weighted);
    if (endpoints.empty()) {
      lose(name.where, steering.where, "no client is sent to any datacenter; the name is left out");
      return {};
    }
    return "        policy: [" + policy + "]\n" + ttl_lines(name) + monitor_line(steering) + thresholds(steering) +
           "        endpoints:\n" + endpoints;
  }

  std::string endpoint_lines(const Steering& steering, const std::string& site, const GdnsdPool& pool, bool weighted) {
    std::string serves;
    if (steering.map != nullptr && !steering.map->nearest) {
      const auto at =
          std::ranges::find_if(steering.map->serves, [&](const auto& e) { return site_name(e.first) == site; });
      if (at == steering.map->serves.end()) return {};
      if (!at->second.empty()) serves = ", serves: " + at->second;
    }
    note_site(steering, site);
    std::string out;
    for (const PoolEndpoint& one : pool.endpoints) {
      out += "          - { site: " + double_quoted(site) + ", " + (one.host ? "host: " : "address: ") +
             double_quoted(one.host ? one.target + "." : one.target);
      if (weighted) out += ", weight: " + (one.weight.empty() ? "1" : one.weight);
      out += (weighted ? "" : ", weight: 1") + serves + " }\n";
    }
    return out;
  }

  void note_site(const Steering& steering, const std::string& site) {
    std::string& value = yaml_.sites.try_emplace(site, "{}").first->second;
    if (steering.map == nullptr) return;
    for (const auto& [name, at] : steering.map->at) {
      if (site_name(name) != site) continue;
      const std::string here = "{ at: " + at + " }";
      if (value == "{}") value = here;
      if (value != here)
        lose(section("plugins").where, "maps." + steering.map->name,
             double_quoted(site) + " stands elsewhere in another map; the first is kept");
    }
  }

  static std::string ttl_lines(const DynamicName& name) {
    if (!is_number(name.ttl)) return {};
    const unsigned long ttl = std::min(std::stoul(name.ttl), 86'400UL * 7);
    const unsigned long least = is_number(name.ttl_min) ? std::stoul(name.ttl_min) : ttl / 2;
    return "        ttl: " + std::to_string(ttl) + "s\n        ttl_min: " + std::to_string(std::min(least, ttl)) +
           "s\n";
  }

  /// Half up is enough in both worlds; another threshold is written out.
  static std::string thresholds(const Steering& steering) {
    const GdnsdPool& first = steering.pools.front().second;
    if (first.answers == GdnsdPool::Answers::ordered) return {};
    const bool sound = !first.up_thresh.empty() && first.up_thresh.size() < 12 &&
                       first.up_thresh.find_first_not_of("0123456789.") == std::string::npos;
    const std::string share = sound ? first.up_thresh : "0.5";
    const char* key = steering.pools.size() == 1 ? "panic_below: " : "spill_below: ";
    return "        " + std::string(key) + share + "\n";
  }

  std::string monitor_line(const Steering& steering) {
    std::string type;
    for (const auto& [site, pool] : steering.pools) {
      if (type.empty() || type == "up") type = pool.service_type;
    }
    for (const auto& [site, pool] : steering.pools) {
      if (pool.service_type != type)
        lose(section("plugins").where, steering.where,
             double_quoted(site) + " is probed as " + double_quoted(type) + ", not as " +
                 double_quoted(pool.service_type));
    }
    if (type == "up" || !add_monitor(type)) return "        monitor: none\n";
    return "        monitor: " + double_quoted(site_name(type)) + "\n";
  }

  /// @return whether a monitor stands for the service type
  bool add_monitor(const std::string& type) {
    if (yaml_.monitors.contains(site_name(type))) return true;
    const Value* found = member(section("service_types"), type);
    const std::string path = "service_types." + type;
    if (found == nullptr) {
      if (unknown_types_.insert(type).second)
        lose(section("service_types").where, path, "is not there, or fixed: endpoints count as up");
      return false;
    }
    const std::string plugin = text_of(*found, "plugin");
    std::string out;
    if (plugin == "http_status") {
      const std::string url = text_of(*found, "url_path");
      out = "http: " + double_quoted(url.empty() ? "/" : url) + ", port: " + number_of(*found, "port", "80");
      if (const std::string host = text_of(*found, "vhost"); !host.empty()) out += ", host: " + double_quoted(host);
      out += ", status: " + codes_of(*found);
    } else if (plugin == "tcp_connect") {
      out = "tcp: " + number_of(*found, "port", "80");
    } else {
      if (unknown_types_.insert(type).second)
        lose(found->where, path, "the plugin " + double_quoted(plugin) + " has no counterpart: endpoints count as up",
             plugin == "extmon" ? "probe with http, https or tcp" : "");
      return false;
    }
    const unsigned long interval = std::stoul(number_of(*found, "interval", "10"));
    const unsigned long timeout = std::stoul(number_of(*found, "timeout", std::to_string(std::max(interval / 2, 1UL))));
    out +=
        ", interval: " + std::to_string(interval) + "s, timeout: " + std::to_string(std::min(timeout, interval)) + "s";
    out += ", fall: " + at_most_100(*found, "down_thresh", "10", path) +
           ", rise: " + at_most_100(*found, "up_thresh", "20", path);
    yaml_.monitors[site_name(type)] = "{ " + out + " }";
    return true;
  }

  static std::string number_of(const Value& hash, const char* key, const std::string& otherwise) {
    const std::string text = text_of(hash, key);
    return is_number(text) ? text : otherwise;
  }
  std::string at_most_100(const Value& hash, const char* key, const char* otherwise, const std::string& path) {
    std::string text = number_of(hash, key, otherwise);
    if (std::stoul(text) <= 100) return text;
    lose(hash.where, path, std::string("`") + key + "` is at most 100");
    return "100";
  }
  static std::string codes_of(const Value& type) {
    const Value* codes = member(type, "ok_codes");
    std::string out;
    if (codes != nullptr) {
      for (const Value* code : items_of(*codes)) {
        if (is_number(code->text)) out += (out.empty() ? "" : ", ") + code->text;
      }
    }
    return "[" + (out.empty() ? "200" : out) + "]";
  }

  void finish() {
    yaml_.comments = {"From a configuration of gdnsd: its datacenters are sites, its service types monitors."};
    for (const base::ConfigError& one : errors_.warnings())
      yaml_.comments.push_back("not carried: " + base::headline(one));
    out_["gslb.yaml"] = to_yaml(yaml_);
  }

  const std::string folder_;
  const FileSource& files_;
  base::ErrorList& errors_;
  Value root_;
  std::string default_ttl_ = "86400";
  std::map<std::string, GdnsdMap> maps_;
  std::set<std::string> unknown_types_;
  Imported yaml_;
  ImportedFiles out_;
};

}  // namespace

std::optional<ImportedFiles> import_gdnsd(const std::string& folder, const FileSource& files, base::ErrorList& errors) {
  return Import(folder, files, errors).run();
}

}  // namespace gslb::config
