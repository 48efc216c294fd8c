#include "geo/walk.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "geo/lookup.hpp"

namespace gslb::geo {

namespace {

constexpr unsigned number_bits = 128;
constexpr AddressNumber one = 1;

/// As many ones at the end.
constexpr AddressNumber ones(unsigned count) noexcept {
  return count >= number_bits ? ~AddressNumber{0} : (one << count) - 1;
}

unsigned zeros_at_end(AddressNumber number) noexcept {
  const auto low = static_cast<std::uint64_t>(number);
  if (low != 0) return static_cast<unsigned>(std::countr_zero(low));
  const auto high = static_cast<std::uint64_t>(number >> 64);
  return high != 0 ? 64 + static_cast<unsigned>(std::countr_zero(high)) : number_bits;
}

unsigned width(AddressNumber number) noexcept {
  const auto high = static_cast<std::uint64_t>(number >> 64);
  return high != 0 ? 64 + static_cast<unsigned>(std::bit_width(high))
                   : static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(number)));
}

/// Calls `visit(first address, bits after the network's length)` for each network of the block.
template <class Visit>
void each_network(const Block& block, Visit visit) {
  AddressNumber at = block.first;
  for (;;) {
    const AddressNumber left = block.last - at;  // one less than how many
    unsigned free = zeros_at_end(at);
    if (left != ~AddressNumber{0}) free = std::min(free, width(left + 1) - 1);
    visit(at, free);
    if (left == ones(free)) return;
    at += ones(free) + 1;
  }
}

}  // namespace

AddressNumber number_of(const base::IpAddress& address) noexcept { return key_of<V6Key>(address); }

base::IpAddress address_of(AddressNumber number, base::Family family) noexcept {
  base::IpAddress out;
  out.family = family;
  const unsigned octets = base::bits(family) / 8;
  for (unsigned i = 0; i < octets; ++i) out.octets[i] = static_cast<std::uint8_t>(number >> (number_bits - 8 - 8 * i));
  return out;
}

AddressNumber last_of(const base::Prefix& prefix) noexcept {
  return number_of(prefix.address) | ones(number_bits - prefix.length);
}

double addresses(const Block& block, base::Family family) noexcept {
  const unsigned unused = number_bits - base::bits(family);
  return static_cast<double>((block.last - block.first) >> unused) + 1;
}

std::vector<base::Prefix> networks(const Block& block, base::Family family) {
  std::vector<base::Prefix> out;
  each_network(block, [&](AddressNumber first, unsigned free) {
    out.push_back({address_of(first, family), static_cast<std::uint8_t>(number_bits - free)});
  });
  return out;
}

std::uint64_t count_networks(const Block& block, base::Family) noexcept {
  std::uint64_t count = 0;
  each_network(block, [&](AddressNumber, unsigned) { ++count; });
  return count;
}

Walk::Walk(const Locator& locator, base::Family family) : locator_(locator), family_(family), ahead_(step()) {}

std::optional<Block> Walk::next() {
  std::optional<Block> out = ahead_;
  if (!out) return out;
  while ((ahead_ = step()) && ahead_->place_class == out->place_class) out->last = ahead_->last;
  return out;
}

std::optional<Block> Walk::step() {
  while (!frames_.empty() || slot_ < image::direct_slots) {
    if (!frames_.empty()) {
      if (frames_.back().chunk == 64) {
        frames_.pop_back();
      } else if (auto block = step_in(frames_.back())) {
        return block;
      }
      continue;
    }
    const AddressNumber first = static_cast<AddressNumber>(slot_) << (number_bits - image::direct_bits);
    const std::uint32_t entry = locator_.direct_entry(family_, slot_++);
    if ((entry & image::direct_leaf) != 0)
      return Block{first, first + ones(number_bits - image::direct_bits), static_cast<std::uint16_t>(entry)};
    frames_.push_back({entry, image::direct_bits, 0, first});
  }
  return std::nullopt;
}

/// One entry or run of a node. The last nodes of IPv6 have more bits than addresses have: only their first entries of
/// each address are looked at.
std::optional<Block> Walk::step_in(Frame& frame) {
  const image::Node& node = locator_.node(family_, frame.node);
  const unsigned end = frame.depth + image::stride;
  const unsigned beyond = end > number_bits ? end - number_bits : 0;
  const unsigned shift = number_bits - std::min(end, number_bits);
  const unsigned chunk = frame.chunk;
  const AddressNumber first = frame.base + (static_cast<AddressNumber>(chunk >> beyond) << shift);
  if (is_child(node, chunk)) {
    ++frame.chunk;
    frames_.push_back({child_of(node, chunk), end, 0, first});  // `frame` is no more
    return std::nullopt;
  }
  unsigned next = chunk + 1;
  while (next < 64 && ((node.vector | node.runs) >> next & 1) == 0) ++next;
  frame.chunk = next;
  const AddressNumber last = frame.base + (static_cast<AddressNumber>((next - 1) >> beyond) << shift) + ones(shift);
  return Block{first, last, locator_.leaf(family_, leaf_index(node, chunk))};
}

}  // namespace gslb::geo
