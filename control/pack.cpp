#include "control/pack.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/file.hpp"
#include "config/config.hpp"
#include "config/named_files.hpp"
#include "zones/master_file.hpp"

namespace gslb::control {

namespace {

namespace fs = std::filesystem;

/// Follows a zone file's $INCLUDEs, and takes no notice of its records.
class Included final : public zones::MasterRecordSink {
 public:
  explicit Included(std::vector<std::string>& files) : files_(files) {}
  std::optional<std::string> add(const zones::MasterRecord&) override { return std::nullopt; }
  base::Result<std::shared_ptr<const base::SourceFile>> open(const std::string& path) override {
    auto text = base::read_file(path);
    if (!text) return text.error();
    files_.push_back(path);
    return std::make_shared<const base::SourceFile>(base::SourceFile{path, *std::move(text)});
  }

 private:
  std::vector<std::string>& files_;
};

void add_zone_file(const zones::ZoneSpec& zone, const std::string& path, std::vector<std::string>& files,
                   base::ErrorList& errors) {
  Included included(files);
  const auto file = included.open(path);
  if (!file) return errors.add({}, "", file.error().what);
  constexpr std::uint32_t any_ttl = 3600;
  zones::scan_master_file(*file, zone.apex.value, any_ttl, included, errors);
}

}  // namespace

std::string pack(const std::string& file, base::ErrorList& errors) {
  const auto config = config::load(file, errors);
  if (!config) return {};
  std::vector<std::string> files = config->files;
  for (const zones::ZoneSpec& zone : config->zones)
    for (const auto& path : zone.files) add_zone_file(zone, path.value, files, errors);
  const std::vector<std::string> named = config::named_files(*config);
  files.insert(files.end(), named.begin(), named.end());
  const fs::path folder = fs::absolute(file).parent_path().lexically_normal();
  config::Bundle bundle;
  for (const std::string& path : files) {
    const std::string inside = fs::absolute(path).lexically_normal().lexically_relative(folder).string();
    if (inside.empty() || inside.starts_with("..")) continue;
    if (std::ranges::find(bundle.files, inside, &config::BundledFile::path) != bundle.files.end()) continue;
    auto content = base::read_file(path);
    if (!content) {
      errors.add({}, "", content.error().what);
      continue;
    }
    bundle.files.push_back({inside, *std::move(content)});
  }
  auto text = config::to_text(bundle);
  if (!text) errors.add({}, "", text.error().what);
  return errors.empty() ? *std::move(text) : std::string();
}

}  // namespace gslb::control
