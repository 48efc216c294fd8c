// control/json.hpp: what the control API says, as JSON and back. docs/control-api.md lists the names.
//
//   Instance ──views──► to_json() ──HTTP──► ..._from_json() ──views──► gslbctl's tables
//
// Times are RFC 3339 in UTC, durations seconds as numbers; null is "none". Strings may hold any octets: those that are
// not UTF-8 become U+FFFD. Readers take what they know and leave the rest, so older and newer programs get along.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/source.hpp"
#include "control/instance.hpp"

namespace gslb::control {

/// What a request that failed gets: what is wrong, and what to do about it.
struct ApiError {
  std::string error;
  std::string hint;  ///< may be empty
};

std::string to_json(const StatusView& status);
std::string to_json(const std::vector<ServiceView>& services);
std::string to_json(const ReloadResult& result);
std::string to_json(const ApiError& error);
/// The outcome of `gslbctl check FILE`.
std::string to_json(const std::string& file, const std::vector<base::ConfigError>& errors,
                    const std::vector<base::ConfigError>& warnings);

/// The outcome of `gslbctl import`.
std::string import_json(const std::map<std::string, std::string>& files, const std::string& from,
                        const std::vector<base::ConfigError>& lost);
std::string import_json(const std::string& yaml, const std::string& file, const std::vector<base::ConfigError>& lost);

/// The outcome of `gslbctl render`.
std::string render_to_json(const std::string& file, bool changed);

[[nodiscard]] base::Result<StatusView> status_from_json(std::string_view text);
[[nodiscard]] base::Result<std::vector<ServiceView>> services_from_json(std::string_view text);
[[nodiscard]] base::Result<ReloadResult> reload_from_json(std::string_view text);
/// Never fails: text that is no JSON is the error itself.
ApiError error_from_json(std::string_view text);

/// "2026-11-23T05:24:04.123Z"
std::string rfc3339(base::WallTime time);

}  // namespace gslb::control
