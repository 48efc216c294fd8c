// dns/message_writer.hpp: a DNS message into a buffer that somebody else owns.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::dns {

/// Never allocates, never throws. The first overflow sticks, so code reads straight through and checks once an RRset.
class MessageWriter {
 public:
  explicit MessageWriter(std::span<std::uint8_t> out) noexcept : out_(out), limit_(out.size()) {}

  void put_u8(std::uint8_t value) noexcept {
    if (claim(1)) out_[size_ - 1] = value;
  }
  void put_u16(std::uint16_t value) noexcept {
    if (!claim(2)) return;
    const std::uint16_t big = __builtin_bswap16(value);
    std::memcpy(&out_[size_ - 2], &big, 2);
  }
  void put_u32(std::uint32_t value) noexcept {
    if (!claim(4)) return;
    const std::uint32_t big = __builtin_bswap32(value);
    std::memcpy(&out_[size_ - 4], &big, 4);
  }
  void put(std::span<const std::uint8_t> bytes) noexcept {
    if (claim(bytes.size()) && !bytes.empty()) std::memcpy(&out_[size_ - bytes.size()], bytes.data(), bytes.size());
  }
  void put_zeros(std::size_t count) noexcept {
    if (claim(count)) std::memset(out_.data() + size_ - count, 0, count);
  }
  /// A compression pointer (RFC 1035 section 4.1.4).
  void put_pointer(std::size_t offset) noexcept { put_u16(static_cast<std::uint16_t>(0xc000U | offset)); }
  void patch_u16(std::size_t at, std::uint16_t value) noexcept {
    out_[at] = static_cast<std::uint8_t>(value >> 8);
    out_[at + 1] = static_cast<std::uint8_t>(value & 0xff);
  }
  void patch_u32(std::size_t at, std::uint32_t value) noexcept {
    const std::uint32_t big = __builtin_bswap32(value);
    std::memcpy(&out_[at], &big, 4);
  }

  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return limit_; }
  bool overflowed() const noexcept { return overflowed_; }
  /// Drops everything after `size`, so that only whole RRsets leave (RFC 2181 section 9).
  void rewind(std::size_t size) noexcept {
    size_ = size;
    overflowed_ = false;
  }
  /// Keeps `count` octets at the end of the buffer free for what must fit there (OPT), until release().
  void reserve(std::size_t count) noexcept { limit_ = limit_ > count ? limit_ - count : 0; }
  /// Gives back all that reserve() kept.
  void release() noexcept { limit_ = out_.size(); }
  std::uint8_t* data() noexcept { return out_.data(); }

 private:
  bool claim(std::size_t count) noexcept {
    overflowed_ = overflowed_ || limit_ < size_ || limit_ - size_ < count;
    if (!overflowed_) size_ += count;
    return !overflowed_;
  }

  std::span<std::uint8_t> out_;
  std::size_t limit_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace gslb::dns
