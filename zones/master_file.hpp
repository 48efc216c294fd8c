// zones/master_file.hpp: reads a master file (RFC 1035 section 5) record by record.
//
//   text ──scan_master_file()──► MasterRecordSink::add(), one call a record
//             ▲             └──► ErrorList, with file:line:column; the scan goes on with the next entry
//             └── MasterRecordSink::open(), for $INCLUDE
//
// What a record means for its zone is the sink's business, and where files come from. One thread; state lives for one
// call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/source.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::zones {

inline constexpr std::uint32_t max_ttl = 0x7fffffff;     ///< seconds; RFC 2181 section 8
inline constexpr int max_master_file_errors = 20;        ///< of a file and all that it includes
inline constexpr std::size_t max_include_depth = 16;     ///< files that are open at once
inline constexpr std::size_t max_included_files = 1000;  ///< by one file, directly and not

/// Views hold during the call only.
struct MasterRecord {
  dns::NameView owner;
  dns::Rtype type;
  std::uint32_t ttl;
  std::span<const std::uint8_t> rdata;
  const base::SourceFile* file;
  int line;  ///< where the entry starts
};

class MasterRecordSink {
 public:
  virtual ~MasterRecordSink() = default;
  /// Takes a record. @return what is wrong with it, for the scanner to report with its place
  virtual std::optional<std::string> add(const MasterRecord& record) = 0;
  /// The file for an $INCLUDE; a relative path has been joined to the folder of the including file.
  [[nodiscard]] virtual base::Result<std::shared_ptr<const base::SourceFile>> open(const std::string& path) = 0;
};

/// Reads all of `file`. Understood: $ORIGIN, $TTL, $INCLUDE, $GENERATE (generate.hpp), parentheses, quotes, escapes,
/// comments, `@`, a blank owner, TTLs with units (1h30m), TTL and class in either order; the only class is IN. A record
/// without a TTL gets that of $TTL (RFC 2308 section 4), else the one last written, else `default_ttl`. An included
/// file begins with the TTL and, unless the line gives another, the origin of the including one; what it sets ends with
/// it (RFC 1035 section 5.1). Ends after max_master_file_errors errors.
void scan_master_file(const std::shared_ptr<const base::SourceFile>& file, const dns::Name& origin,
                      std::uint32_t default_ttl, MasterRecordSink& sink, base::ErrorList& errors);

}  // namespace gslb::zones
