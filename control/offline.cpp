#include "control/offline.hpp"

#include "engine/compile.hpp"
#include "engine/suppose.hpp"

namespace gslb::control {

Offline load_offline(const std::string& file) {
  Offline out;
  base::ErrorList errors;
  engine::SnapshotPtr snapshot;
  if (auto config = config::load(file, errors)) {
    out.present.config = std::make_shared<const config::Config>(std::move(*config));
    snapshot = engine::compile(*out.present.config, {}, errors);
  }
  if (snapshot && errors.empty())
    out.present.generation = engine::suppose(snapshot, engine::DownSites(snapshot->sites.size(), false));
  out.errors = errors.all();
  out.warnings = errors.warnings();
  return out;
}

base::Result<Present> with_down(Present present, const std::vector<std::string>& sites) {
  if (sites.empty()) return present;
  const auto down = engine::down_sites(*present.generation->snapshot, sites);
  if (!down) return down.error();
  present.generation = engine::suppose(*present.generation, *down);
  return present;
}

}  // namespace gslb::control
