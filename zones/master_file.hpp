// zones/master_file.hpp: reads a master file (RFC 1035 section 5) record by record.
//
//   text ──scan_master_file()──► MasterRecordSink::add(), one call a record
//                           └──► ErrorList, with file:line:column; the scan goes on with the next entry
//
// What a record means for its zone is the sink's business. One thread; state lives for one call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/source.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::zones {

inline constexpr std::uint32_t max_ttl = 0x7fffffff;  ///< seconds; RFC 2181 section 8
inline constexpr int max_master_file_errors = 20;

/// Views hold during the call only.
struct MasterRecord {
  dns::NameView owner;
  dns::Rtype type;
  std::uint32_t ttl;
  std::span<const std::uint8_t> rdata;
  int line;  ///< where the entry starts
};

class MasterRecordSink {
 public:
  virtual ~MasterRecordSink() = default;
  /// Takes a record. @return what is wrong with it, for the scanner to report with its place
  virtual std::optional<std::string> add(const MasterRecord& record) = 0;
};

/// Reads all of `file`. Understood: $ORIGIN, $TTL, parentheses, quotes, escapes, comments, `@`, a blank owner, TTLs
/// with units (1h30m), TTL and class in either order; the only class is IN. $INCLUDE and $GENERATE are errors. A record
/// without a TTL gets that of $TTL (RFC 2308 section 4), else the one last written, else `default_ttl`. Ends after
/// max_master_file_errors errors.
void scan_master_file(const std::shared_ptr<const base::SourceFile>& file, const dns::Name& origin,
                      std::uint32_t default_ttl, MasterRecordSink& sink, base::ErrorList& errors);

}  // namespace gslb::zones
