// tests/geo/mmdb_writer.hpp: small MaxMind DB files, as a test wants them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace gslb::geo::testing {

/// Encoded values of the data section.
namespace encode {
std::string text(std::string_view value);
std::string float64(double value);
std::string float32(float value);
std::string uint32(std::uint32_t value);
std::string uint16(std::uint16_t value);
std::string uint64(std::uint64_t value);
/// Values are encoded already.
std::string map(const std::vector<std::pair<std::string, std::string>>& entries);
std::string array(const std::vector<std::string>& entries);
}  // namespace encode

/// What the records of tests say. Fields that are absent are left out.
struct Entry {
  std::string country{};
  std::string continent{};
  std::string subdivision{};
  std::optional<double> latitude{};
  std::optional<double> longitude{};
  std::uint32_t asn = 0;
};
std::string flat(const Entry& entry);
std::string nested(const Entry& entry);

class MmdbWriter {
 public:
  explicit MmdbWriter(unsigned ip_version = 6, unsigned record_size = 28)
      : ip_version_(ip_version), record_size_(record_size) {}

  /// Later prefixes lie over earlier ones. IPv4 goes under ::/96 of a version 6 file.
  void add(std::string_view prefix, std::string_view value) { add(*base::parse_prefix(prefix), value); }
  void add(const base::Prefix& prefix, std::string_view value);
  /// Links `prefix` to the node at `target`, as GeoIP2 files do for 6to4.
  void alias(std::string_view prefix, std::string_view target);

  std::string bytes() const;

 private:
  static constexpr std::uint32_t leaf = 0x80000000U;
  struct Node {
    std::uint32_t child[2] = {leaf, leaf};
  };
  std::uint32_t& link(const base::Prefix& prefix);
  std::string tree() const;

  unsigned ip_version_;
  unsigned record_size_;
  std::vector<Node> nodes_{1};
  std::string data_;
  std::map<std::string, std::uint32_t, std::less<>> offsets_;
};

/// A file of its own in a temporary folder, gone with this.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content = {});
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();
  const std::string& path() const { return path_; }
  void write(std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace gslb::geo::testing
