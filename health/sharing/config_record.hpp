// health/sharing/config_record.hpp: which configuration was pushed last, by whom and why: on disk at each name server,
// and in the shared store for all. Pure. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace gslb::health {

struct ConfigRecord {
  /// In the shared store. The files themselves are under `files_prefix` and the id: they are large, and are read when
  /// they are needed only.
  static constexpr std::string_view key = "/gslb/config";
  static constexpr std::string_view files_prefix = "/gslb-files/";

  std::string id;         ///< config::name_of_bundle(); "": every name server's own files hold again
  base::WallTime when{};  ///< milliseconds; of two, the later counts
  std::string author;     ///< at most 256 octets, as the reason; control characters become spaces
  std::string reason;
  bool operator==(const ConfigRecord&) const = default;
};

std::string to_text(const ConfigRecord& record);
/// Nothing if it is damaged, or of another version.
std::optional<ConfigRecord> parse_config_record(std::string_view text);

}  // namespace gslb::health
