#include "control/zone_files.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "config/config.hpp"
#include "engine/compile.hpp"
#include "engine/export.hpp"
#include "zones/master_file.hpp"
#include "zones/zone_builder.hpp"

namespace gslb::control {

namespace {

/// Looks for the SOA of a file, and for nothing else.
class SoaOwner final : public zones::MasterRecordSink {
 public:
  std::optional<std::string> add(const zones::MasterRecord& record) override {
    if (record.type == dns::Rtype::SOA && !owner) owner = dns::Name::from_wire(record.owner);
    return std::nullopt;
  }
  base::Result<std::shared_ptr<const base::SourceFile>> open(const std::string& path) override {
    auto text = base::read_file(path);
    if (!text) return text.error();
    return std::make_shared<const base::SourceFile>(base::SourceFile{path, *std::move(text)});
  }

  std::optional<dns::Name> owner;
};

std::optional<dns::Name> find_apex(const std::string& file, base::ErrorList& errors) {
  SoaOwner sink;
  const auto text = sink.open(file);
  if (!text) {
    errors.add({}, {}, text.error().what);
    return std::nullopt;
  }
  base::ErrorList of_the_scan;  // build_zone() finds them again, with the right origin
  scan_master_file(*text, dns::Name(), 0, sink, of_the_scan);
  if (sink.owner && !sink.owner->is_root()) return sink.owner;
  errors.add(
      {*text, 0, 0}, {},
      sink.owner ? "its SOA stands at \"@\", and no $ORIGIN says which zone that is" : "no SOA says which zone this is",
      "--zone example.org");
  return std::nullopt;
}

}  // namespace

CheckResult check_zone(const std::string& file, const std::optional<dns::Name>& apex) {
  base::ErrorList errors;
  const auto name = apex ? apex : find_apex(file, errors);
  if (!name) return {errors.all(), {}, {}, {}};
  zones::ZoneSpec spec;
  spec.apex.value = *name;
  spec.files.push_back({file, {}});
  spec.files_are_whole = true;
  const auto zone = zones::build_zone(spec, errors);
  std::string summary;
  if (zone)
    summary = "zone " + name->to_string() + ", serial " + std::to_string(zone->serial()) + ", " +
              base::with_thousands(zone->names()) + (zone->names() == 1 ? " name" : " names");
  return {errors.all(), errors.warnings(), std::move(summary), {}};
}

std::optional<std::string> export_from_config(const std::string& file, const std::string& zone,
                                              const std::optional<base::IpAddress>& client, base::ErrorList& errors) {
  const auto config = config::load(file, errors);
  const auto name = dns::Name::parse(zone);
  for (const zones::ZoneSpec& spec : config ? config->zones : std::vector<zones::ZoneSpec>())
    if (spec.dnssec && name == spec.apex.value)
      errors.add(spec.dnssec->where, "dnssec", "the zone is signed, with keys that the server has",
                 "without --config it is exported from there");
  const auto snapshot = config ? engine::compile(*config, {}, errors) : nullptr;
  if (!snapshot || !errors.empty()) return std::nullopt;
  zones::SignatureStore store;
  auto text = engine::export_zone(*engine::as_if_all_up(snapshot), {zone, client, {}}, store);
  if (text) return *std::move(text);
  errors.add({}, {}, text.error().what);
  return std::nullopt;
}

}  // namespace gslb::control
