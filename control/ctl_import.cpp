#include "control/ctl_import.hpp"

#include <filesystem>
#include <iostream>

#include "base/file.hpp"
#include "config/gdnsd.hpp"
#include "control/json.hpp"
#include "control/views.hpp"

namespace gslb::control {

namespace {

/// What stayed behind, for people.
Exit tell_lost(const std::vector<base::ConfigError>& lost, const Output& output) {
  if (lost.empty()) return Exit::ok;
  if (output.json) return Exit::partial;
  for (const base::ConfigError& one : lost) std::cerr << safe_lines("not carried: " + base::to_string(one), 0);
  std::cerr << lost.size() << (lost.size() == 1 ? " thing" : " things") << " could not be carried.\n";
  return Exit::partial;
}

/// Why none of the files may be written; nothing if they are.
std::optional<Failure> write_all(const config::ImportedFiles& files, const std::filesystem::path& folder) {
  for (const auto& [path, text] : files) {
    if (std::filesystem::exists(folder / path))
      return Failure{Exit::failed, (folder / path).string() + " exists", "import into another folder", {}};
  }
  for (const auto& [path, text] : files) {
    std::error_code failed;
    std::filesystem::create_directories((folder / path).parent_path(), failed);
    if (failed) return Failure{Exit::failed, folder.string() + ": " + failed.message(), {}, {}};
    const auto written = base::write_file_atomically((folder / path).string(), text);
    if (!written) return Failure{Exit::failed, written.error().what, {}, {}};
  }
  return std::nullopt;
}

}  // namespace

Exit import_octodns(const std::string& file, const config::OctodnsOptions& options, const Output& output) {
  auto text = base::read_file(file, config::max_file_size);
  if (!text) return report({Exit::failed, text.error().what, {}, {}}, output);
  base::ErrorList errors;
  const auto yaml = config::import_octodns(file, std::move(*text), options, errors);
  if (!yaml) return show_check(file, {errors.all(), errors.warnings(), {}, {}}, output);
  std::cout << (output.json ? import_json(*yaml, file, errors.warnings()) : *yaml) << std::flush;
  return tell_lost(errors.warnings(), output);
}

Exit import_gdnsd(const std::string& folder, const std::string& to, const Output& output) {
  if (to.empty() && !output.json) return report({Exit::usage, "where is it to be written?", "--to FOLDER", {}}, output);
  base::ErrorList errors;
  const auto files = config::import_gdnsd(folder, config::files_of_system(), errors);
  if (!files) return show_check(folder, {errors.all(), errors.warnings(), {}, {}}, output);
  if (!to.empty()) {
    if (const auto failed = write_all(*files, to)) return report(*failed, output);
  }
  if (output.json) {
    std::cout << import_json(*files, folder, errors.warnings()) << std::flush;
  } else {
    std::cout << to << ": gslb.yaml and " << files->size() - 1
              << (files->size() == 2 ? " zone file\n" : " zone files\n") << std::flush;
  }
  return tell_lost(errors.warnings(), output);
}

}  // namespace gslb::control
