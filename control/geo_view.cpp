#include "control/geo_view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.hpp"
#include "control/json_parts.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

std::string degrees(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.4f", value);
  return out;
}

std::string name_of(geo::FactSource::Kind kind) {
  switch (kind) {
    case geo::FactSource::Kind::database:
      return "database";
    case geo::FactSource::Kind::place:
      return "place";
    case geo::FactSource::Kind::country_table:
      return "country_table";
    case geo::FactSource::Kind::unknown_at:
      break;
  }
  return "unknown_at";
}

std::string kilometres(const std::optional<double>& km) {
  return km ? base::with_thousands(static_cast<std::uint64_t>(std::llround(*km))) + " km" : "no distance";
}

const GeoFactView* find(const GeoView& view, std::string_view what) {
  const auto at = std::find_if(view.facts.begin(), view.facts.end(), [&](const auto& f) { return f.what == what; });
  return at == view.facts.end() ? nullptr : &*at;
}

/// "GB, London (51.51, -0.09), AS64500 Example"
std::string headline(const GeoView& view) {
  std::string out;
  const auto add = [&](const char* before, const GeoFactView* fact) {
    if (fact != nullptr && !fact->value.empty()) out += (out.empty() ? "" : before) + base::printable(fact->value);
  };
  add("", find(view, "place"));
  add(", ", find(view, "country"));
  if (find(view, "country") == nullptr) add(", ", find(view, "continent"));
  add(", ", find(view, "city"));
  if (view.latitude && view.longitude) {
    char at[64];
    std::snprintf(at, sizeof at, "(%.2f, %.2f)", *view.latitude, *view.longitude);
    out += (out.empty() ? "" : " ") + std::string(at);
  }
  add(", ", find(view, "asn"));
  if (const auto* name = find(view, "organization")) out += " " + base::printable(name->value);
  return out.empty() ? "nothing is known of it" : out;
}

std::string source_of(const GeoFactView& fact) {
  if (fact.from == "unknown_at") return "geo.unknown_at";
  if (fact.from == "country_table") return fact.file.empty() ? "built-in table of countries" : fact.file;
  if (fact.from == "place") return "place at " + fact.file + (fact.line == 0 ? "" : ":" + std::to_string(fact.line));
  return fact.file;
}

std::string order_of(const engine::ServiceOrder& order) {
  std::string out;
  for (const auto& tier : order.tiers) {
    if (!out.empty()) out += " | ";
    for (std::size_t i = 0; i < tier.size(); ++i) out += (i == 0 ? "" : " ") + tier[i];
  }
  return out.empty() ? "no site serves it" : out;
}

json::value optional_text(const std::string& text) {
  if (text.empty()) return nullptr;
  return utf8(text);
}

json::value number(const std::optional<double>& value) {
  if (!value) return nullptr;
  return finite(*value);
}

}  // namespace

GeoView geo_view(const engine::Whereabouts& found) {
  const geo::Facts& facts = found.facts;
  GeoView out;
  out.address = base::to_string(facts.address);
  if (facts.special) out.special = base::to_string(*facts.special);
  out.believed = facts.believed;
  out.sites = found.sites;
  out.services = found.services;
  const auto add = [&](const char* what, std::string value, const geo::FactSource& from) {
    out.facts.push_back({what, std::move(value), name_of(from.kind), from.file, from.line,
                         from.network ? base::to_string(*from.network) : std::string()});
  };
  const auto add_text = [&](const char* what, const std::optional<geo::Known<std::string>>& fact) {
    if (fact) add(what, fact->value, fact->from);
  };
  add_text("place", facts.place);
  if (facts.at) {
    out.latitude = facts.at->value.latitude;
    out.longitude = facts.at->value.longitude;
    add("coordinates", degrees(*out.latitude) + "," + degrees(*out.longitude), facts.at->from);
  }
  add_text("city", facts.city);
  add_text("subdivision", facts.subdivision);
  add_text("country", facts.country);
  add_text("continent", facts.continent);
  if (facts.asn) add("asn", "AS" + std::to_string(facts.asn->value), facts.asn->from);
  add_text("organization", facts.organization);
  return out;
}

std::string to_json(const GeoView& view) {
  json::array facts;
  for (const GeoFactView& fact : view.facts) {
    facts.emplace_back(json::object{{"what", utf8(fact.what)},
                                    {"value", utf8(fact.value)},
                                    {"from", utf8(fact.from)},
                                    {"file", optional_text(fact.file)},
                                    {"line", fact.line == 0 ? json::value(nullptr) : json::value(fact.line)},
                                    {"network", optional_text(fact.network)}});
  }
  json::array sites;
  for (const auto& site : view.sites)
    sites.emplace_back(json::object{{"site", utf8(site.site)}, {"km", number(site.km)}});
  json::array services;
  for (const auto& service : view.services) {
    json::array tiers;
    for (const auto& tier : service.tiers) tiers.emplace_back(strings(tier));
    services.emplace_back(json::object{{"service", utf8(service.service)},
                                       {"tiers", std::move(tiers)},
                                       {"scope", service.scope},
                                       {"class", service.service_class}});
  }
  return line({{"address", utf8(view.address)},
               {"special", optional_text(view.special)},
               {"believed", view.believed},
               {"latitude", number(view.latitude)},
               {"longitude", number(view.longitude)},
               {"facts", std::move(facts)},
               {"sites", std::move(sites)},
               {"services", std::move(services)}});
}

base::Result<GeoView> geo_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  const Reader in(*object);
  GeoView out;
  in.read("address", out.address);
  in.read("special", out.special);
  in.read("believed", out.believed);
  in.read("latitude", out.latitude);
  in.read("longitude", out.longitude);
  in.each("facts", [&out](const Reader& fact) {
    GeoFactView& view = out.facts.emplace_back();
    fact.read("what", view.what);
    fact.read("value", view.value);
    fact.read("from", view.from);
    fact.read("file", view.file);
    fact.read("line", view.line);
    fact.read("network", view.network);
  });
  in.each("sites", [&out](const Reader& site) {
    engine::SiteDistance& view = out.sites.emplace_back();
    site.read("site", view.site);
    site.read("km", view.km);
  });
  in.each("services", [&out](const Reader& service) {
    engine::ServiceOrder& view = out.services.emplace_back();
    service.read("service", view.service);
    service.read("tiers", view.tiers);
    service.read("scope", view.scope);
    service.read("class", view.service_class);
  });
  return out;
}

std::string render_geo(const GeoView& view, bool color) {
  std::string out = base::printable(view.address) + " -> " + headline(view) + "\n";
  if (!view.special.empty()) {
    out += colored("special-purpose: ", Tone::warning, color) + base::printable(view.special) +
           (view.believed ? ", believed because it has a place\n"
                          : ", no database is believed about it; policies look at the resolver's address instead\n");
  }
  if (!view.facts.empty()) {
    Table table({{"what"}, {"value"}, {"network"}, {"from"}});
    for (const GeoFactView& fact : view.facts) {
      table.add({{fact.what},
                 {fact.value.empty() ? "-" : fact.value},
                 {fact.network.empty() ? "-" : fact.network},
                 {source_of(fact)}});
    }
    out += "\n" + table.render(color);
  }
  if (!view.sites.empty()) {
    Table table({{"site, nearest first"}, {"distance", true}});
    for (const auto& site : view.sites) table.add({{site.site}, {kilometres(site.km)}});
    out += "\n" + table.render(color);
  }
  if (!view.services.empty()) {
    Table table({{"service"}, {"its sites, best first"}, {"scope", true}});
    for (const auto& service : view.services)
      table.add({{service.service}, {order_of(service)}, {"/" + std::to_string(service.scope)}});
    out += "\n" + table.render(color);
  }
  return out;
}

}  // namespace gslb::control
