#include "geo/canary.hpp"

#include <array>
#include <memory>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "geo/special.hpp"

namespace gslb::geo {

namespace {

constexpr std::size_t longest_file = std::size_t{1} << 24;
constexpr std::size_t most_errors = 20;
constexpr std::uint32_t samples = 4096;
constexpr std::string_view blanks = " \t\r";

/// First 16 bits and length of the blocks that addresses are given out from.
struct Block {
  std::uint32_t bits;
  unsigned length;
};
constexpr std::array<Block, 6> v6_blocks{
    {{0x2001, 16}, {0x2400, 12}, {0x2600, 12}, {0x2800, 12}, {0x2a00, 11}, {0x2c00, 12}}};

base::IpAddress v6_sample(std::uint32_t number) {
  const Block& block = v6_blocks[number % v6_blocks.size()];
  const std::uint64_t random = base::mix(number + 1);
  const std::uint64_t high = static_cast<std::uint64_t>(block.bits) << 48 | random >> block.length;
  base::IpAddress address{base::Family::v6, {}};
  for (unsigned i = 0; i < 8; ++i) address.octets[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
  return address;
}

}  // namespace

std::vector<base::Prefix> parse_networks(const std::string& path, std::string text, base::ErrorList& errors) {
  const auto file = std::make_shared<const base::SourceFile>(base::SourceFile{path, std::move(text)});
  std::vector<base::Prefix> out;
  std::string_view rest = file->text;
  std::size_t found = 0;
  for (int number = 1; !rest.empty() && found < most_errors; ++number) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    line = line.substr(0, line.find('#'));
    const std::size_t begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) continue;
    const std::string_view word = line.substr(begin, line.find_last_not_of(blanks) + 1 - begin);
    if (const auto prefix = base::parse_prefix(word)) {
      out.push_back(*prefix);
    } else {
      ++found;
      errors.add({file, number, static_cast<int>(begin) + 1}, "geo.canary.file",
                 "\"" + std::string(word.substr(0, 60)) + "\" is not a network", "one a line, such as 192.0.2.0/24");
    }
  }
  return out;
}

std::vector<base::Prefix> canary_networks(const CanarySpec& spec, base::ErrorList& errors) {
  std::vector<base::Prefix> out = spec.networks;
  if (!spec.file.value.empty()) {
    auto text = base::read_file(spec.file.value, longest_file);
    if (!text) {
      errors.add(spec.file.where, "geo.canary.file", text.error().what);
      return out;
    }
    const auto listed = parse_networks(spec.file.value, std::move(*text), errors);
    out.insert(out.end(), listed.begin(), listed.end());
  }
  return out.empty() ? canary_sample() : out;
}

std::vector<base::Prefix> canary_sample() {
  std::vector<base::Prefix> out;
  const auto add = [&out](const base::IpAddress& address, unsigned length) {
    if (!special_block_length(address)) out.push_back(base::make_prefix(address, length));
  };
  for (std::uint32_t i = 0; i < samples; ++i)
    add(base::IpAddress::v4(i << 20 | static_cast<std::uint32_t>(base::mix(i + 1) >> 44)), 24);
  for (std::uint32_t i = 0; i < samples; ++i) add(v6_sample(i), 48);
  return out;
}

}  // namespace gslb::geo
