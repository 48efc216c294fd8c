// health/sharing/bits.hpp: numbers of any width in a row of octets, the least significant bit first. Pure.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace gslb::health {

class BitWriter {
 public:
  /// @param width  1 to 64; higher bits of `value` are zero
  void put(std::uint64_t value, unsigned width) {
    pending_ |= static_cast<unsigned __int128>(value) << held_;
    held_ += width;
    while (held_ >= 8) {
      octets_ += static_cast<char>(pending_);
      pending_ >>= 8;
      held_ -= 8;
    }
  }
  /// `count` ones and a zero.
  void put_unary(std::uint64_t count) {
    for (; count >= 32; count -= 32) put(0xffffffff, 32);
    put((std::uint64_t{1} << count) - 1, static_cast<unsigned>(count) + 1);
  }
  /// The octets, the last filled up with zeros.
  std::string take() {
    if (held_ > 0) put(0, 8 - held_);
    return std::move(octets_);
  }

 private:
  std::string octets_;
  unsigned __int128 pending_ = 0;
  unsigned held_ = 0;
};

/// Past the end it reads zeros, and says so.
class BitReader {
 public:
  explicit BitReader(std::string_view octets) : octets_(octets) {}

  std::uint64_t get(unsigned width) {
    while (held_ < width) {
      if (at_ == octets_.size()) {
        overrun_ = true;
        held_ = 0;
        pending_ = 0;
        return 0;
      }
      pending_ |= static_cast<unsigned __int128>(static_cast<unsigned char>(octets_[at_++])) << held_;
      held_ += 8;
    }
    const auto value = static_cast<std::uint64_t>(pending_ & ((static_cast<unsigned __int128>(1) << width) - 1));
    pending_ >>= width;
    held_ -= width;
    return value;
  }
  std::uint64_t get_unary() {
    std::uint64_t count = 0;
    while (get(1) == 1) ++count;
    return count;
  }
  bool overrun() const noexcept { return overrun_; }
  /// Nothing is left but the zeros that filled up the last octet.
  bool at_end() const noexcept { return !overrun_ && at_ == octets_.size() && pending_ == 0; }

 private:
  std::string_view octets_;
  std::size_t at_ = 0;
  unsigned __int128 pending_ = 0;
  unsigned held_ = 0;
  bool overrun_ = false;
};

/// A number rounded down to its leading one and `mantissa` bits after that; small ones are exact.
struct RoundedDown {
  unsigned exponent;  ///< bits of it
  unsigned mantissa;
  constexpr unsigned width() const { return exponent + mantissa; }
  constexpr std::uint64_t most() const { return value(((std::uint64_t{1} << width()) - 1)); }
  /// The largest code whose value is not above `number`.
  constexpr std::uint64_t code(std::uint64_t number) const {
    if (number >= most()) return (std::uint64_t{1} << width()) - 1;
    const std::uint64_t one = std::uint64_t{1} << mantissa;
    if (number < one) return number;
    const unsigned shift = static_cast<unsigned>(std::bit_width(number)) - 1 - mantissa;
    return ((std::uint64_t{shift} + 1) << mantissa) | ((number >> shift) & (one - 1));
  }
  constexpr std::uint64_t value(std::uint64_t code) const {
    const std::uint64_t one = std::uint64_t{1} << mantissa;
    const std::uint64_t step = code >> mantissa;
    return step == 0 ? code : ((code & (one - 1)) | one) << (step - 1);
  }
};

}  // namespace gslb::health
