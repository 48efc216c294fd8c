// The two files of a key, parted by a line of "--". What is accepted signs; what is refused says why in printable text
// that does not quote the private half.
#include <cstdlib>
#include <string_view>

#include "dns/key_file.hpp"

using namespace gslb::dns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Name zone = Name::parse("example.org.").value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cut = text.find("--\n");
  const auto file = parse_key_file(zone, text.substr(0, cut),
                                   cut == std::string_view::npos ? std::string_view() : text.substr(cut + 3));
  if (file) {
    Signature signature{};
    if (!file->key->sign(file->key->dnskey(), signature)) std::abort();
    if (file->times.publish && parse_key_time(key_time_text(*file->times.publish)) != file->times.publish) std::abort();
    return 0;
  }
  if (file.error().what.empty()) std::abort();
  for (const char c : file.error().what) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\t') std::abort();
  }
  return 0;
}
