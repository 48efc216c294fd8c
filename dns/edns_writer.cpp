#include "dns/edns_writer.hpp"

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
  if (options.error) size += 4 + 2 + options.error_text.size();
  return size;
}

}  // namespace

std::size_t opt_size(const ReplyOptions& options) noexcept { return 11 + options_size(options); }

void put_opt(MessageWriter& writer, Rcode rcode, const ReplyOptions& options) noexcept {
  writer.put_u8(0);  // the root
  writer.put_u16(static_cast<std::uint16_t>(Rtype::OPT));
  writer.put_u16(udp_payload_limit);
  writer.put_u8(static_cast<std::uint8_t>(static_cast<std::uint16_t>(rcode) >> 4));
  writer.put_u8(0);  // version
  writer.put_u16(options.dnssec_ok ? 0x8000 : 0);
  writer.put_u16(static_cast<std::uint16_t>(options_size(options)));
  if (options.subnet.present) {
    put_option(writer, option_client_subnet, 4 + address_size(options.subnet));
    writer.put_u16(options.subnet.family == base::Family::v4 ? 1 : 2);
    writer.put_u8(options.subnet.source);
    writer.put_u8(options.scope);
    writer.put({options.subnet.address.octets.data(), address_size(options.subnet)});
  }
  if (!options.cookie.empty()) {
    put_option(writer, option_cookie, options.cookie.size());
    writer.put(options.cookie);
  }
  if (options.error) {
    put_option(writer, option_extended_error, 2 + options.error_text.size());
    writer.put_u16(static_cast<std::uint16_t>(*options.error));
    writer.put({reinterpret_cast<const std::uint8_t*>(options.error_text.data()), options.error_text.size()});
  }
}

}  // namespace gslb::dns
