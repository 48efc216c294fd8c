#include <algorithm>
#include <tuple>

#include "config/config.hpp"
#include "config/draft.hpp"
#include "config/include.hpp"
#include "config/shared_keys.hpp"

namespace gslb::config {

namespace {

base::Sourced<base::SocketAddress> any_address(base::Family family) { return {{{family, {}}, 53}, {}}; }

Draft with_defaults(const Document& document) {
  Draft draft;
  ServerSpec& server = draft.config.server;
  server.listen = {any_address(base::Family::v4), any_address(base::Family::v6)};
  server.control_socket.value = "/run/gslb/control.sock";
  draft.config.files = document.files;
  draft.config.hash = shared_hash(document.root);
  draft.modified = document.modified;
  return draft;
}

/// By file in the order read, line and column: the order in which people repair them.
void add_sorted(std::vector<base::ConfigError> found, const std::vector<std::string>& files, base::ErrorList& errors) {
  const auto rank = [&](const base::ConfigError& error) {
    const auto file = error.where.file ? std::find(files.begin(), files.end(), error.where.file->path) : files.begin();
    return std::tuple(file - files.begin(), error.where.line, error.where.column);
  };
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  for (base::ConfigError& error : found)
    errors.add(std::move(error.where), std::move(error.path), std::move(error.what), std::move(error.hint));
}

/// Keys of zones that name no folder of their own are in the state directory.
void place_keys(Config& config, base::ErrorList& errors) {
  for (zones::ZoneSpec& zone : config.zones) {
    if (!zone.dnssec || !zone.dnssec->keys.value.empty()) continue;
    if (config.server.state.value.empty()) {
      errors.add(zone.dnssec->where, "dnssec", "there is no folder for the keys of " + zone.apex.value.to_string(),
                 "set `state`, or dnssec.keys");
    } else {
      zone.dnssec->keys.value = config.server.state.value + "/keys";
    }
  }
}

void check_sharing(const health::SharingSpec& sharing, base::ErrorList& errors) {
  if (sharing.vantages.size() > 1 && sharing.certificate.empty())
    errors.add(sharing.where, "vantages", "needs `vantage`", "its certificate, with which it reports to the others");
}

/// Adds what was pushed to a machine's own document.
bool take_pushed(Document& document, const std::string& path, base::ErrorList& errors) {
  auto pushed = read_document(path, std::nullopt, errors);
  if (!pushed) return false;
  document.root = with_shared(std::move(document.root), std::move(pushed->root));
  document.files.insert(document.files.end(), pushed->files.begin(), pushed->files.end());
  document.modified = std::max(document.modified, pushed->modified);
  return true;
}

std::optional<Config> load_document(const std::string& path, std::optional<std::string> text, base::ErrorList& errors,
                                    const std::string& pushed = {}) {
  base::ErrorList found;
  auto document = read_document(path, std::move(text), found);
  if (!document || (!pushed.empty() && !take_pushed(*document, pushed, found))) {
    add_sorted(found.all(), {path, pushed}, errors);
    return std::nullopt;
  }
  Draft draft = with_defaults(*document);
  read_top(Node(document->root, found), draft);
  place_keys(draft.config, found);
  if (found.empty()) check_sharing(draft.config.sharing, found);
  if (draft.location_is_default) draft.config.geo.location.push_back({GSLB_DEFAULT_GEO, {}});
  if (found.empty()) return std::move(draft.config);
  add_sorted(found.all(), document->files, errors);
  return std::nullopt;
}

}  // namespace

std::optional<Config> load(const std::string& path, base::ErrorList& errors, const std::string& pushed) {
  return load_document(path, std::nullopt, errors, pushed);
}

std::optional<Config> load_text(const std::string& path, std::string text, base::ErrorList& errors) {
  return load_document(path, std::move(text), errors);
}

}  // namespace gslb::config
