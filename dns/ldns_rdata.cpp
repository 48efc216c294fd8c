#include "dns/ldns_rdata.hpp"

#include <ldns/ldns.h>

#include <cstdlib>
#include <memory>

#include "base/text.hpp"

namespace gslb::dns {
namespace {

template <auto function>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    function(object);
  }
};
constexpr auto certificate = static_cast<Rtype>(37);

using Record = std::unique_ptr<ldns_rr, Free<ldns_rr_free>>;
using Dname = std::unique_ptr<ldns_rdf, Free<ldns_rdf_deep_free>>;
using Buffer = std::unique_ptr<ldns_buffer, Free<ldns_buffer_free>>;

/// ldns aborts the process when it is asked to write a record with a missing field.
bool is_whole(const ldns_rr* record) {
  for (std::size_t i = 0; i < ldns_rr_rd_count(record); ++i) {
    const ldns_rdf* field = ldns_rr_rdf(record, i);
    if (field == nullptr || (ldns_rdf_data(field) == nullptr && ldns_rdf_size(field) != 0)) return false;
  }
  return true;
}

std::optional<std::vector<std::uint8_t>> rdata_of(const ldns_rr* record) {
  if (!is_whole(record)) return std::nullopt;
  const Buffer buffer(ldns_buffer_new(512));
  if (!buffer || ldns_rr_rdata2buffer_wire(buffer.get(), record) != LDNS_STATUS_OK) return std::nullopt;
  const std::uint8_t* begin = ldns_buffer_begin(buffer.get());
  return std::vector<std::uint8_t>(begin, begin + ldns_buffer_position(buffer.get()));
}

bool has_all_fields(const ldns_rr* record) {
  const ldns_rr_descriptor* format = ldns_rr_descript(static_cast<std::uint16_t>(ldns_rr_get_type(record)));
  return ldns_rr_rd_count(record) >= ldns_rr_descriptor_minimum(format);
}

/// The record with this data, if ldns reads the data and would write the same octets again. ldns alone would take data
/// that ends after any field, follow compression, and leave out what it does not expect.
Record read_record(Rtype type, std::span<const std::uint8_t> rdata) {
  const auto number = static_cast<std::uint16_t>(type);
  const auto size = static_cast<std::uint16_t>(rdata.size());
  std::vector<std::uint8_t> wire{
      0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number), 0, 1, 0, 0, 0,
      0, static_cast<std::uint8_t>(size >> 8),   static_cast<std::uint8_t>(size)};
  wire.insert(wire.end(), rdata.begin(), rdata.end());
  ldns_rr* raw = nullptr;
  std::size_t at = 0;
  if (ldns_wire2rr(&raw, wire.data(), wire.size(), &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK) return nullptr;
  Record record(raw);
  const auto again = rdata_of(record.get());
  if (at != wire.size() || !has_all_fields(record.get()) || !again ||
      !std::equal(again->begin(), again->end(), rdata.begin(), rdata.end()))
    return nullptr;
  return record;
}

std::optional<std::vector<std::uint8_t>> canonical_rdata(ldns_rr* record) {
  if (!is_whole(record)) return std::nullopt;
  ldns_rr2canonical(record);
  return rdata_of(record);
}

/// ldns 1.8.3 leaks what it has read of a certificate type of 0, which is reserved (RFC 4398 section 2.1).
bool has_no_certificate_type(Rtype type, const char* text) noexcept {
  if (type != certificate) return false;
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  return end != text && (*end == ' ' || *end == '\0') && (value & 0xffff) == 0;
}

}  // namespace

bool ldns_knows(Rtype type) noexcept {
  const auto number = static_cast<ldns_rr_type>(type);
  const ldns_rr_descriptor* format = ldns_rr_descript(static_cast<std::uint16_t>(type));
  return format->_type == number && ldns_rr_descriptor_field_type(format, 0) != LDNS_RDF_TYPE_UNKNOWN;
}

base::Result<std::vector<std::uint8_t>> parse_with_ldns(Rtype type, std::string_view text, const Name& origin) {
  const std::string fields(text);
  if (has_no_certificate_type(type, fields.c_str())) return base::Error{"certificate type 0 is reserved"};
  const std::string line = ". 0 IN " + to_string(type) + ' ' + fields;
  const Dname base(ldns_dname_new_frm_data(static_cast<std::uint16_t>(origin.wire().size()), origin.wire().data()));
  ldns_rr* raw = nullptr;
  const ldns_status status = ldns_rr_new_frm_str(&raw, line.c_str(), 0, base.get(), nullptr);
  if (status != LDNS_STATUS_OK) return base::Error{ldns_get_errorstr_by_id(status)};
  const Record record(raw);
  auto rdata = canonical_rdata(record.get());
  if (!rdata) return base::Error{"a field has no value"};
  return std::move(*rdata);
}

std::optional<std::vector<std::uint8_t>> check_with_ldns(Rtype type, std::span<const std::uint8_t> rdata) {
  const Record record = read_record(type, rdata);
  return record ? canonical_rdata(record.get()) : std::nullopt;
}

std::optional<std::string> print_with_ldns(Rtype type, std::span<const std::uint8_t> rdata) {
  const Record record = read_record(type, rdata);
  // ldns 1.8.3 prints service parameters without making room: it aborts where the buffer is too small for them.
  constexpr std::size_t most_text_an_octet = 16;
  const Buffer buffer(ldns_buffer_new(1024 + most_text_an_octet * rdata.size()));
  if (!record || !buffer) return std::nullopt;
  if (ldns_rr2buffer_str_fmt(buffer.get(), ldns_output_format_nocomments, record.get()) != LDNS_STATUS_OK)
    return std::nullopt;
  std::string_view text(reinterpret_cast<const char*>(ldns_buffer_begin(buffer.get())),
                        ldns_buffer_position(buffer.get()));
  for (int field = 0; field < 4; ++field) {  // owner, TTL, class, type
    const std::size_t tab = text.find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    text.remove_prefix(tab + 1);
  }
  return std::string(text.substr(0, text.find_last_not_of(" \n") + 1));
}

}  // namespace gslb::dns
