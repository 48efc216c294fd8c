// config/bundle.hpp: a configuration with all its files as one text, as it is pushed to name servers.
//
//   gslb-bundle 1
//   <octets> <path>          the main file first; paths are relative to its folder
//   <content>
//   …
//   end <hash of all before, 16 digits>
//
// Pure. Threads: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace gslb::config {

inline constexpr std::size_t most_bundled_files = 2000;
inline constexpr std::size_t longest_bundle = std::size_t{32} << 20;  ///< octets of the whole text

struct BundledFile {
  std::string path;  ///< "zones/example.org.zone": relative, without "." and ".." and control characters
  std::string content;
  friend bool operator==(const BundledFile&, const BundledFile&) = default;
};

struct Bundle {
  std::vector<BundledFile> files;  ///< at least one; no path twice
  friend bool operator==(const Bundle&, const Bundle&) = default;
};

/// Fails if the bundle could not be read again: a path as above is not one, or it is too large.
[[nodiscard]] base::Result<std::string> to_text(const Bundle& bundle);
/// Fails if a part is missing or changed, or a path would lead elsewhere.
[[nodiscard]] base::Result<Bundle> parse_bundle(std::string_view text);

/// What a bundle is called: 16 hexadecimal digits of its content.
std::string name_of_bundle(std::string_view text);

}  // namespace gslb::config
