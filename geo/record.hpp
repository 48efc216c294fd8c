// geo/record.hpp: one record of a MaxMind DB data section: checked whole, reduced to what we use.
//
// Understands the nested schema (GeoIP2, GeoLite2) and the flat one (country_code, latitude, …); which one a file has
// shows in the keys of its records. Borrows the data section.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "geo/geo_spec.hpp"

namespace gslb::geo {

/// Two capital letters; two NULs: unknown.
using Code = std::array<char, 2>;

/// "FR" to a Code; anything but two capital letters is unknown.
Code to_code(std::string_view text) noexcept;

struct Record {
  std::optional<Coordinates> at;
  Code country{};                     ///< ISO 3166-1 alpha-2
  Code continent{};                   ///< AF AN AS EU NA OC SA
  std::array<char, 3> subdivision{};  ///< second part of an ISO 3166-2 code ("CA", "ENG"); NULs: unknown
  std::uint32_t asn = 0;              ///< 0: unknown

  bool has_place() const noexcept { return at || country != Code{} || continent != Code{}; }
};

class RecordReader {
 public:
  explicit RecordReader(std::span<const std::uint8_t> data) : data_(data), checked_(data.size()) {}

  /// Reads the value at `offset`. Fails if any part of it is outside the section, of an impossible type or size,
  /// nested or long beyond reason, or if a field we use has the wrong type or an impossible value.
  [[nodiscard]] base::Result<Record> read(std::size_t offset);

 private:
  enum class Slot : std::uint8_t;
  struct Header;

  static Slot child(Slot parent, std::string_view key) noexcept;
  bool value(std::size_t& at, Slot slot, unsigned depth);
  bool follow(std::size_t target, Slot slot, unsigned depth);
  bool container(std::size_t& at, const Header& header, Slot slot, unsigned depth);
  bool key(std::size_t& at, std::string_view& text);
  bool header(std::size_t& at, Header& out);
  bool store(const Header& header, std::size_t at, Slot slot);
  bool store_coordinate(const Header& header, std::size_t at, Slot slot);
  bool store_asn(const Header& header, std::size_t at);
  std::uint64_t number(std::size_t at, std::size_t size) const noexcept;
  bool fail(const char* why) noexcept;

  /// Text of up to three letters; longer ones are of no use and count as unknown.
  using ShortText = std::array<char, 3>;

  std::span<const std::uint8_t> data_;
  std::vector<bool> checked_;  ///< values reached by pointer that are whole and hold nothing we use
  /// Code in a country, continent or subdivision reached by pointer, by target and slot. Files repeat these often.
  std::unordered_map<std::uint64_t, ShortText> known_codes_;
  unsigned values_ = 0;
  const char* why_ = "";
  Record record_;
  std::array<ShortText, 4> codes_{};  ///< of country, registered country, continent, subdivision
  std::optional<double> latitude_;
  std::optional<double> longitude_;
};

}  // namespace gslb::geo
