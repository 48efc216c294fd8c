// dns/key_file.hpp: keys in files, in BIND's format (v1.3), so that BIND's tools read ours and we read theirs.
//
//   Kexample.org.+013+57470.key       the DNSKEY record; comments repeat the times
//   Kexample.org.+013+57470.private   the private half and the times; mode 0600
//
// Threads: any; the server's builder thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "dns/key_times.hpp"
#include "dns/name.hpp"
#include "dns/signing_key.hpp"

namespace gslb::dns {

struct KeyFile {
  SigningKeyPtr key;
  KeyTimes times;
};

/// "Kexample.org.+013+57470"
std::string key_file_stem(const Name& zone, DnssecAlgorithm algorithm, std::uint16_t tag);

/// From the contents of the two files of a key of `zone`. Errors name neither path nor anything of the private half.
[[nodiscard]] base::Result<KeyFile> parse_key_file(const Name& zone, std::string_view public_text,
                                                   std::string_view private_text);

/// Reads STEM.key and STEM.private. Errors begin with the path of the file that is wrong. A private file that others
/// may read is refused.
/// @param stem  path without suffix; one with ".key" or ".private" is taken without it
[[nodiscard]] base::Result<KeyFile> read_key_file(std::string stem, const Name& zone);

/// Writes both files into `directory`, each whole or not at all, mode 0600.
[[nodiscard]] base::Result<void> write_key_file(const std::string& directory, const Name& zone, const KeyFile& file);

/// Removes both files.
[[nodiscard]] base::Result<void> remove_key_file(const std::string& directory, const Name& zone, const SigningKey& key);

/// Every key of `zone` in `directory`, by tag. A folder that is not there holds none.
/// @param errors  gets one sentence for each key that cannot be used
std::vector<KeyFile> read_key_files(const std::string& directory, const Name& zone, std::vector<std::string>& errors);

/// "20261124041907", in UTC; years 1970 to 9999.
std::string key_time_text(UnixTime time);
std::optional<UnixTime> parse_key_time(std::string_view text);

}  // namespace gslb::dns
