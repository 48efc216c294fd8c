#include "dns/rdata.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "dns/ldns_rdata.hpp"
#include "dns/svcb.hpp"
#include "dns/text_scanner.hpp"

namespace gslb::dns {
namespace {

constexpr std::size_t max_rdata = 65535;
constexpr std::string_view generic_mark = "\\#";

/// Types that only queries and messages use (RFC 6895 section 3.1); no record of a zone has one.
bool is_meta(Rtype type) noexcept {
  const auto number = static_cast<std::uint16_t>(type);
  return number == 0 || type == Rtype::OPT || (number >= 128 && number <= 255);
}

/// The common types, straight to wire. @return false if `type` is not one of them.
bool scan_common(Rtype type, TextScanner& in, std::vector<std::uint8_t>& out) {
  switch (type) {
    case Rtype::A:
      in.address(base::Family::v4, out);
      return true;
    case Rtype::AAAA:
      in.address(base::Family::v6, out);
      return true;
    case Rtype::NS:
    case Rtype::CNAME:
    case Rtype::DNAME:
    case Rtype::PTR:
      in.name(out, "target");
      return true;
    case Rtype::MX:
      in.u16(out, "preference");
      in.name(out, "exchange");
      return true;
    case Rtype::SRV:
      in.u16(out, "priority");
      in.u16(out, "weight");
      in.u16(out, "port");
      in.name(out, "target");
      return true;
    case Rtype::TXT:
      do in.character_string(out);
      while (!in.at_end());
      return true;
    case Rtype::SOA:
      in.name(out, "mname");
      in.name(out, "rname");
      in.u32(out, "serial");
      in.period(out, "refresh");
      in.period(out, "retry");
      in.period(out, "expire");
      in.period(out, "minimum");
      return true;
    default:
      return false;
  }
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// RFC 3597 section 5: "\# length hex ...". The scanner stands behind the mark.
base::Result<std::vector<std::uint8_t>> scan_generic(Rtype type, TextScanner& in) {
  std::vector<std::uint8_t> length;
  in.u16(length, "length");
  std::string digits;
  while (!in.at_end()) digits += in.field("hex");
  if (const auto read = in.finish(); !read) return read.error();
  const std::size_t size = static_cast<std::size_t>(length[0]) << 8 | length[1];
  if (digits.size() != 2 * size)
    return base::Error{"\\# announces " + std::to_string(size) + " octets, but " + std::to_string(digits.size()) +
                       " hexadecimal digits follow"};
  std::vector<std::uint8_t> rdata(size);
  for (std::size_t i = 0; i < size; ++i) {
    const int high = hex_digit(digits[2 * i]);
    const int low = hex_digit(digits[2 * i + 1]);
    if (high < 0 || low < 0)
      return base::Error{'"' + base::printable(digits.substr(2 * i, 2)) + "\" is not hexadecimal"};
    rdata[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (!ldns_knows(type)) return rdata;
  auto checked = check_with_ldns(type, rdata);
  if (!checked) return base::Error{"the octets are not valid " + to_string(type) + " data"};
  return std::move(*checked);
}

/// The rest of the fields by ldns, which takes an unclosed quote and cuts at a semicolon: the scanner has refused both.
base::Result<std::vector<std::uint8_t>> scan_other(Rtype type, TextScanner& in, const Name& origin) {
  std::string line;
  while (!in.at_end()) (line += ' ') += in.field("field");
  if (const auto read = in.finish(); !read) return read.error();
  auto rdata = parse_with_ldns(type, line, origin);
  if (rdata && check_with_ldns(type, *rdata) != *rdata) rdata = base::Error{"a value is out of its range"};
  if (!rdata)
    return base::Error{'"' + base::printable(line.substr(line.empty() ? 0 : 1)) +
                       "\" is not valid: " + rdata.error().what};
  return rdata;
}

base::Result<std::vector<std::uint8_t>> scan(Rtype type, std::string_view text, const Name& origin) {
  if (is_meta(type)) return base::Error{"no record of a zone has this type"};
  if (text.find('\0') != std::string_view::npos) return base::Error{"a NUL octet must be written as \\000"};
  TextScanner in(text, origin);
  if (in.skip_field(generic_mark)) return scan_generic(type, in);
  std::vector<std::uint8_t> rdata;
  if (scan_common(type, in, rdata)) {
    if (const auto read = in.finish(); !read) return read.error();
    return rdata;
  }
  if (!ldns_knows(type)) return base::Error{"data of this type is written as \\# length hexadecimal (RFC 3597)"};
  return scan_other(type, in, origin);
}

}  // namespace

base::Result<void> parse_rdata(Rtype type, std::string_view text, const Name& origin, std::vector<std::uint8_t>& out) {
  const auto failure = [&](const std::string& what) { return base::Error{to_string(type) + ": " + what}; };
  const auto rdata = scan(type, text, origin);
  if (!rdata) return failure(rdata.error().what);
  if (rdata->size() > max_rdata) return failure("the data is longer than 65,535 octets");
  if (type == Rtype::SVCB || type == Rtype::HTTPS) {
    if (const auto fault = svcb_fault(*rdata)) return failure(*fault);
  }
  out.insert(out.end(), rdata->begin(), rdata->end());
  return {};
}

std::string rdata_to_generic(std::span<const std::uint8_t> rdata) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text = "\\# " + std::to_string(rdata.size());
  if (!rdata.empty()) text += ' ';
  for (const std::uint8_t octet : rdata) (text += digits[octet >> 4]) += digits[octet & 15];
  return text;
}

std::string rdata_to_string(Rtype type, std::span<const std::uint8_t> rdata) {
  if (!is_meta(type) && ldns_knows(type)) {
    auto text = print_with_ldns(type, rdata);
    const auto again = text ? scan(type, *text, Name()) : base::Error{};  // ldns misprints, for one, times far away
    if (again && std::equal(again->begin(), again->end(), rdata.begin(), rdata.end())) return std::move(*text);
  }
  return rdata_to_generic(rdata);
}

}  // namespace gslb::dns
