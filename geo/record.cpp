#include "geo/record.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace gslb::geo {

namespace {

constexpr unsigned deepest = 32;
constexpr unsigned most_values = 10'000;  // of one record

enum Type : unsigned {
  pointer = 1,
  text = 2,
  float64 = 3,
  bytes = 4,
  uint16 = 5,
  uint32 = 6,
  map = 7,
  int32 = 8,
  uint64 = 9,
  uint128 = 10,
  array = 11,
  boolean = 14,
  float32 = 15,
};

/// Largest size of a number of this type; 0: not a number of variable size.
constexpr std::size_t widest(unsigned type) noexcept {
  switch (type) {
    case uint16:
      return 2;
    case uint32:
    case int32:
      return 4;
    case uint64:
      return 8;
    case uint128:
      return 16;
    default:
      return 0;
  }
}

constexpr bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }

}  // namespace

Code to_code(std::string_view text) noexcept {
  if (text.size() != 2 || !is_capital(text[0]) || !is_capital(text[1])) return {};
  return {text[0], text[1]};
}

/// What a value means to us, by where it stands.
enum class RecordReader::Slot : std::uint8_t {
  country,  // the first four hold one code each: RecordReader::codes_
  registered,
  continent,
  subdivision,
  country_code,  // in the same order
  registered_code,
  continent_code,
  subdivision_code,
  ignored,
  root,
  location,
  subdivisions,
  traits,
  latitude,
  longitude,
  asn,
};

/// Of a pointer, `size` is its target; of everything else, octets of payload, entries, or the value of a boolean.
struct RecordReader::Header {
  unsigned type = 0;
  std::size_t size = 0;
};

RecordReader::Slot RecordReader::child(Slot parent, std::string_view key) noexcept {
  switch (parent) {
    case Slot::root:
      if (key == "country") return Slot::country;
      if (key == "registered_country") return Slot::registered;
      if (key == "continent") return Slot::continent;
      if (key == "location") return Slot::location;
      if (key == "subdivisions") return Slot::subdivisions;
      if (key == "traits") return Slot::traits;
      if (key == "country_code") return Slot::country_code;
      if (key == "latitude") return Slot::latitude;
      if (key == "longitude") return Slot::longitude;
      if (key == "autonomous_system_number") return Slot::asn;
      return Slot::ignored;
    case Slot::country:
      return key == "iso_code" ? Slot::country_code : Slot::ignored;
    case Slot::registered:
      return key == "iso_code" ? Slot::registered_code : Slot::ignored;
    case Slot::continent:
      return key == "code" ? Slot::continent_code : Slot::ignored;
    case Slot::subdivision:
      return key == "iso_code" ? Slot::subdivision_code : Slot::ignored;
    case Slot::location:
      if (key == "latitude") return Slot::latitude;
      return key == "longitude" ? Slot::longitude : Slot::ignored;
    case Slot::traits:
      return key == "autonomous_system_number" ? Slot::asn : Slot::ignored;
    default:
      return Slot::ignored;
  }
}

base::Result<Record> RecordReader::read(std::size_t offset) {
  values_ = 0;
  record_ = {};
  codes_ = {};
  latitude_.reset();
  longitude_.reset();
  if (!value(offset, Slot::root, 0)) return base::Error{why_};
  if (latitude_ && longitude_) record_.at = Coordinates{*latitude_, *longitude_};
  const auto code = [&](Slot slot) {
    const ShortText& text = codes_[static_cast<std::size_t>(slot)];
    return text[2] == '\0' ? to_code({text.data(), 2}) : Code{};
  };
  record_.country = code(Slot::country);
  if (record_.country == Code{}) record_.country = code(Slot::registered);
  record_.continent = code(Slot::continent);
  record_.subdivision = codes_[static_cast<std::size_t>(Slot::subdivision)];
  return record_;
}

bool RecordReader::fail(const char* why) noexcept {
  why_ = why;
  return false;
}

std::uint64_t RecordReader::number(std::size_t at, std::size_t size) const noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | data_[at + i];
  return value;
}

bool RecordReader::header(std::size_t& at, Header& out) {
  constexpr const char* cut = "a value reaches beyond the data section";
  if (++values_ > most_values) return fail("a record has more than 10,000 values");
  if (at >= data_.size()) return fail(cut);
  const unsigned control = data_[at++];
  out.type = control >> 5;
  if (out.type == pointer) {
    const std::size_t extra = (control >> 3 & 3) + 1;
    if (data_.size() - at < extra) return fail(cut);
    constexpr std::array<std::size_t, 5> first{0, 0, 2048, 526336, 0};
    const std::uint64_t high = extra == 4 ? 0 : std::uint64_t{control & 7} << (8 * extra);
    out.size = high + number(at, extra) + first[extra];
    at += extra;
    return true;
  }
  if (out.type == 0) {
    if (at >= data_.size()) return fail(cut);
    out.type = 7U + data_[at++];
  }
  out.size = control & 31;
  if (out.size >= 29) {
    const std::size_t extra = out.size - 28;
    if (data_.size() - at < extra) return fail(cut);
    constexpr std::array<std::size_t, 4> first{0, 29, 285, 65821};
    out.size = number(at, extra) + first[extra];
    at += extra;
  }
  switch (out.type) {
    case map:
    case array:
      return out.size <= data_.size() - at || fail("a list claims more entries than the file has octets");
    case boolean:
      return out.size <= 1 || fail("a boolean is neither true nor false");
    case float64:
      return (out.size == 8 && data_.size() - at >= 8) || fail("a double does not have 8 octets");
    case float32:
      return (out.size == 4 && data_.size() - at >= 4) || fail("a float does not have 4 octets");
    case text:
    case bytes:
      return out.size <= data_.size() - at || fail(cut);
    default:
      break;
  }
  const std::size_t limit = widest(out.type);
  if (limit == 0) return fail("a value has an unknown type");
  if (out.size > limit) return fail("a number has too many octets");
  return out.size <= data_.size() - at || fail(cut);
}

bool RecordReader::value(std::size_t& at, Slot slot, unsigned depth) {
  if (depth > deepest) return fail("a record is nested more than 32 deep");
  Header head;
  if (!header(at, head)) return false;
  if (head.type == pointer) return follow(head.size, slot, depth);
  if (head.type == map || head.type == array) return container(at, head, slot, depth);
  if (!store(head, at, slot)) return false;
  if (head.type != boolean) at += head.size;
  return true;
}

bool RecordReader::follow(std::size_t target, Slot slot, unsigned depth) {
  if (target >= data_.size()) return fail("a pointer leads out of the data section");
  if (slot == Slot::ignored && checked_[target]) return true;
  const bool holds_code = slot <= Slot::subdivision;
  const std::uint64_t memory = std::uint64_t{target} << 8 | static_cast<std::uint64_t>(slot);
  if (holds_code) {
    if (const auto known = known_codes_.find(memory); known != known_codes_.end()) {
      codes_[static_cast<std::size_t>(slot)] = known->second;
      return true;
    }
  }
  if (data_[target] >> 5 == pointer) return fail("a pointer leads to a pointer");
  if (holds_code) codes_[static_cast<std::size_t>(slot)] = {};
  std::size_t at = target;
  if (!value(at, slot, depth + 1)) return false;
  if (slot == Slot::ignored) checked_[target] = true;
  if (holds_code) known_codes_.emplace(memory, codes_[static_cast<std::size_t>(slot)]);
  return true;
}

bool RecordReader::container(std::size_t& at, const Header& head, Slot slot, unsigned depth) {
  for (std::size_t i = 0; i < head.size; ++i) {
    Slot entry = Slot::ignored;
    if (head.type == map) {
      std::string_view name;
      if (!key(at, name)) return false;
      entry = child(slot, name);
    } else if (slot == Slot::subdivisions && i == 0) {
      entry = Slot::subdivision;
    }
    if (!value(at, entry, depth + 1)) return false;
  }
  return true;
}

bool RecordReader::key(std::size_t& at, std::string_view& name) {
  Header head;
  if (!header(at, head)) return false;
  std::size_t target = head.size;
  std::size_t& start = head.type == pointer ? target : at;
  if (head.type == pointer && !header(start, head)) return false;
  if (head.type != text) return fail("a key is not text");
  name = {reinterpret_cast<const char*>(data_.data()) + start, head.size};
  start += head.size;
  return true;
}

bool RecordReader::store(const Header& head, std::size_t at, Slot slot) {
  switch (slot) {
    case Slot::country_code:
    case Slot::registered_code:
    case Slot::continent_code:
    case Slot::subdivision_code: {
      if (head.type != text) return fail("a country, continent or subdivision code is not text");
      ShortText& code = codes_[static_cast<std::size_t>(slot) - static_cast<std::size_t>(Slot::country_code)];
      code = {};
      if (head.size <= code.size())
        std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(at), head.size, code.begin());
      return true;
    }
    case Slot::latitude:
    case Slot::longitude:
      return store_coordinate(head, at, slot);
    case Slot::asn:
      return store_asn(head, at);
    default:
      return true;
  }
}

bool RecordReader::store_coordinate(const Header& head, std::size_t at, Slot slot) {
  double degrees = 0;
  if (head.type == float64) {
    degrees = std::bit_cast<double>(number(at, 8));
  } else if (head.type == float32) {
    degrees = std::bit_cast<float>(static_cast<std::uint32_t>(number(at, 4)));
  } else {
    return fail("a coordinate is not a floating-point number");
  }
  const double limit = slot == Slot::latitude ? 90 : 180;
  if (!(std::abs(degrees) <= limit)) return fail("a coordinate is not on the globe");
  (slot == Slot::latitude ? latitude_ : longitude_) = degrees;
  return true;
}

bool RecordReader::store_asn(const Header& head, std::size_t at) {
  if (head.type != uint16 && head.type != uint32 && head.type != uint64) return fail("an AS number is not a number");
  const std::uint64_t asn = number(at, head.size);
  if (asn > 0xffffffff) return fail("an AS number is larger than 32 bits");
  record_.asn = static_cast<std::uint32_t>(asn);
  return true;
}

}  // namespace gslb::geo
