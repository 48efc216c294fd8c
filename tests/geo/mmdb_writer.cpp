#include "mmdb_writer.hpp"

#include <unistd.h>

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace gslb::geo::testing {

namespace {

std::string big_endian(std::uint64_t value, unsigned octets) {
  std::string out;
  for (unsigned i = octets; i-- > 0;) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string header(unsigned type, std::size_t size) {
  std::string out;
  const std::size_t first = size < 29 ? size : size < 285 ? 29 : 30;
  const auto kind = type < 8 ? type << 5 : 0;
  out += static_cast<char>(kind | first);
  if (type >= 8) out += static_cast<char>(type - 7);
  if (first == 29) out += big_endian(size - 29, 1);
  if (first == 30) out += big_endian(size - 285, 2);
  return out;
}

std::string number(unsigned type, std::uint64_t value) {
  unsigned octets = 0;
  while (octets < 8 && value >> (8 * octets) != 0) ++octets;
  return header(type, octets) + big_endian(value, octets);
}

}  // namespace

namespace encode {
std::string text(std::string_view value) { return header(2, value.size()) + std::string(value); }
std::string float64(double value) { return header(3, 8) + big_endian(std::bit_cast<std::uint64_t>(value), 8); }
std::string float32(float value) { return header(15, 4) + big_endian(std::bit_cast<std::uint32_t>(value), 4); }
std::string uint16(std::uint16_t value) { return number(5, value); }
std::string uint32(std::uint32_t value) { return number(6, value); }
std::string uint64(std::uint64_t value) { return number(9, value); }
std::string map(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string out = header(7, entries.size());
  for (const auto& [key, value] : entries) out += text(key) + value;
  return out;
}
std::string array(const std::vector<std::string>& entries) {
  std::string out = header(11, entries.size());
  for (const std::string& entry : entries) out += entry;
  return out;
}
}  // namespace encode

std::string flat(const Entry& entry) {
  std::vector<std::pair<std::string, std::string>> fields{{"country_code", encode::text(entry.country)},
                                                          {"city", encode::text("")}};
  if (entry.latitude) fields.emplace_back("latitude", encode::float32(static_cast<float>(*entry.latitude)));
  if (entry.longitude) fields.emplace_back("longitude", encode::float32(static_cast<float>(*entry.longitude)));
  if (entry.asn != 0) fields.emplace_back("autonomous_system_number", encode::uint32(entry.asn));
  return encode::map(fields);
}

std::string nested(const Entry& entry) {
  std::vector<std::pair<std::string, std::string>> fields;
  if (!entry.continent.empty())
    fields.emplace_back("continent", encode::map({{"code", encode::text(entry.continent)}}));
  if (!entry.country.empty()) {
    fields.emplace_back("country", encode::map({{"names", encode::map({{"en", encode::text("Somewhere")}})},
                                                {"iso_code", encode::text(entry.country)}}));
  }
  if (!entry.subdivision.empty()) {
    const std::string subdivision = encode::map({{"iso_code", encode::text(entry.subdivision)}});
    fields.emplace_back("subdivisions", encode::array({subdivision}));
  }
  std::vector<std::pair<std::string, std::string>> location{{"accuracy_radius", encode::uint16(20)}};
  if (entry.latitude) location.emplace_back("latitude", encode::float64(*entry.latitude));
  if (entry.longitude) location.emplace_back("longitude", encode::float64(*entry.longitude));
  if (location.size() > 1) fields.emplace_back("location", encode::map(location));
  if (entry.asn != 0) {
    fields.emplace_back("traits", encode::map({{"autonomous_system_number", encode::uint32(entry.asn)}}));
  }
  return encode::map(fields);
}

std::uint32_t& MmdbWriter::link(const base::Prefix& prefix) {
  const bool v4_in_v6 = ip_version_ == 6 && prefix.address.family == base::Family::v4;
  const unsigned shift = v4_in_v6 ? 96 : 0;
  std::uint32_t node = 0;
  const unsigned length = prefix.length + shift;
  for (unsigned depth = 0;; ++depth) {
    const unsigned at = depth - shift;
    const unsigned bit = depth < shift ? 0 : prefix.address.octets[at / 8] >> (7 - at % 8) & 1U;
    if (depth + 1 == length) return nodes_[node].child[bit];
    std::uint32_t next = nodes_[node].child[bit];
    if ((next & leaf) != 0) {
      nodes_.push_back({{next, next}});
      next = static_cast<std::uint32_t>(nodes_.size() - 1);
      nodes_[node].child[bit] = next;
    }
    node = next;
  }
}

void MmdbWriter::add(const base::Prefix& prefix, std::string_view value) {
  auto at = offsets_.find(value);
  if (at == offsets_.end()) {
    at = offsets_.emplace(std::string(value), static_cast<std::uint32_t>(data_.size())).first;
    data_ += value;
  }
  link(prefix) = leaf | (at->second + 1);
}

void MmdbWriter::alias(std::string_view prefix, std::string_view target) {
  const std::uint32_t node = link(*base::parse_prefix(target));
  link(*base::parse_prefix(prefix)) = node;
}

std::string MmdbWriter::tree() const {
  const auto count = static_cast<std::uint32_t>(nodes_.size());
  const auto value = [&](std::uint32_t child) -> std::uint64_t {
    if ((child & leaf) == 0) return child;
    return (child & ~leaf) == 0 ? count : count + 16 + (child & ~leaf) - 1;
  };
  std::string out;
  for (const Node& node : nodes_) {
    const std::uint64_t left = value(node.child[0]);
    const std::uint64_t right = value(node.child[1]);
    if (record_size_ == 28) {
      out += big_endian(left & 0xffffff, 3) + big_endian((left >> 24) << 4 | right >> 24, 1) +
             big_endian(right & 0xffffff, 3);
    } else {
      out += big_endian(left, record_size_ / 8) + big_endian(right, record_size_ / 8);
    }
  }
  return out;
}

std::string MmdbWriter::bytes() const {
  return tree() + std::string(16, '\0') + data_ + "\xab\xcd\xefMaxMind.com" +
         encode::map({{"node_count", encode::uint32(static_cast<std::uint32_t>(nodes_.size()))},
                      {"record_size", encode::uint16(static_cast<std::uint16_t>(record_size_))},
                      {"ip_version", encode::uint16(static_cast<std::uint16_t>(ip_version_))},
                      {"database_type", encode::text("test")},
                      {"languages", encode::array({encode::text("en")})},
                      {"binary_format_major_version", encode::uint16(2)},
                      {"binary_format_minor_version", encode::uint16(0)},
                      {"build_epoch", encode::uint64(1'700'000'000)},
                      {"description", encode::map({{"en", encode::text("made by a test")}})}});
}

TemporaryFile::TemporaryFile(std::string_view content) {
  std::string pattern = "/tmp/gslb-geo-test-XXXXXX";
  const int fd = ::mkstemp(pattern.data());
  if (fd < 0) throw std::runtime_error("cannot make a temporary file");
  ::close(fd);
  path_ = pattern;
  write(content);
}

TemporaryFile::~TemporaryFile() { ::unlink(path_.c_str()); }

void TemporaryFile::write(std::string_view content) const {
  std::FILE* file = std::fopen(path_.c_str(), "wb");
  if (file == nullptr) throw std::runtime_error("cannot write " + path_);
  const std::size_t written = std::fwrite(content.data(), 1, content.size(), file);
  if (std::fclose(file) != 0 || written != content.size()) throw std::runtime_error("cannot write " + path_);
}

}  // namespace gslb::geo::testing
