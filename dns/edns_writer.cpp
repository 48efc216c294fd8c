#include "dns/edns_writer.hpp"

#include <algorithm>

namespace gslb::dns {
namespace {

std::size_t address_size(const ClientSubnet& subnet) noexcept { return (subnet.source + 7U) / 8; }

void put_option(MessageWriter& writer, std::uint16_t code, std::size_t size) noexcept {
  writer.put_u16(code);
  writer.put_u16(static_cast<std::uint16_t>(size));
}

std::size_t options_size(const ReplyOptions& options) noexcept {
  std::size_t size = 0;
  if (options.subnet.present) size += 4 + 4 + address_size(options.subnet);
  if (!options.cookie.empty()) size += 4 + options.cookie.size();
  if (!options.nsid.empty()) size += 4 + options.nsid.size();
  if (options.keepalive) size += 4 + 2;
  if (options.error) size += 4 + 2 + options.error_text.size();
  return size;
}

std::span<const std::uint8_t> octets(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Octets of padding data that make a message of `size`, in a buffer of `capacity`, a multiple of the block; the option
/// itself is 4 more. None if not even that has room.
std::optional<std::size_t> padding_for(std::size_t size, std::size_t capacity) noexcept {
  if (size + 4 > capacity) return std::nullopt;
  const std::size_t whole = (size + 4 + padding_block - 1) / padding_block * padding_block;
  return std::min(whole, capacity) - size - 4;
}

}  // namespace

std::size_t opt_size(const ReplyOptions& options) noexcept { return 11 + options_size(options); }

void put_opt(MessageWriter& writer, Rcode rcode, const ReplyOptions& options) noexcept {
  const std::uint8_t record[] = {0,  // the root
                                 0,
                                 static_cast<std::uint8_t>(Rtype::OPT),
                                 udp_payload_limit >> 8,
                                 udp_payload_limit & 0xff,
                                 static_cast<std::uint8_t>(static_cast<std::uint16_t>(rcode) >> 4),
                                 0,  // version
                                 static_cast<std::uint8_t>(options.dnssec_ok ? 0x80 : 0),
                                 0};
  writer.put(record);
  std::size_t size = options_size(options);
  std::optional<std::size_t> padding;
  if (options.pad) {
    padding = padding_for(writer.size() + 2 + size, writer.capacity());
    if (padding) size += 4 + *padding;
  }
  writer.put_u16(static_cast<std::uint16_t>(size));
  if (options.subnet.present) {
    const std::uint8_t head[] = {0,
                                 option_client_subnet,
                                 0,
                                 static_cast<std::uint8_t>(4 + address_size(options.subnet)),
                                 0,
                                 static_cast<std::uint8_t>(options.subnet.family == base::Family::v4 ? 1 : 2),
                                 options.subnet.source,
                                 options.scope};
    writer.put(head);
    writer.put({options.subnet.address.octets.data(), address_size(options.subnet)});
  }
  if (!options.cookie.empty()) {
    put_option(writer, option_cookie, options.cookie.size());
    writer.put(options.cookie);
  }
  if (!options.nsid.empty()) {
    put_option(writer, option_nsid, options.nsid.size());
    writer.put(octets(options.nsid));
  }
  if (options.keepalive) {
    put_option(writer, option_keepalive, 2);
    writer.put_u16(*options.keepalive);
  }
  if (options.error) {
    put_option(writer, option_extended_error, 2 + options.error_text.size());
    writer.put_u16(static_cast<std::uint16_t>(*options.error));
    writer.put(octets(options.error_text));
  }
  if (padding) {
    put_option(writer, option_padding, *padding);
    writer.put_zeros(*padding);
  }
}

}  // namespace gslb::dns
