#include "zones/export.hpp"

#include <algorithm>
#include <array>

#include "dns/rdata.hpp"
#include "dns/types.hpp"
#include "zones/canonical.hpp"
#include "zones/zone_image.hpp"

namespace gslb::zones {

using dns::Rtype;

namespace {

constexpr std::size_t record_head = 12;  // C0 0C TYPE CLASS TTL RDLENGTH

/// What BIND, NSD, Knot DNS and PowerDNS of the last years all know by name. Other types are as good in RFC 3597 form.
bool has_name_everywhere(Rtype type) noexcept {
  constexpr auto known = std::to_array<std::uint16_t>(
      {1, 2, 5, 6, 12, 13, 15, 16, 17, 18, 28, 29, 33, 35, 36, 39, 43, 44, 46, 47, 48, 52, 59, 60, 61, 64, 65, 257});
  return std::ranges::binary_search(known, static_cast<std::uint16_t>(type));
}

/// Whether a query can see an RRset of this type at a name: at a zone cut and below, most of the data is another
/// zone's.
bool is_served(std::uint8_t flags, Rtype type) noexcept {
  if ((flags & (image::cut | image::occluded)) == 0) return true;
  if (type == Rtype::A || type == Rtype::AAAA) return true;
  return (flags & image::occluded) == 0 && (type == Rtype::NS || type == Rtype::DS);
}

class Exporter {
 public:
  Exporter(const Zone& zone, const ZoneSignatures* signatures, const ChooseAnswer& choose)
      : zone_(zone), signatures_(signatures), choose_(choose), octets_(zone.octets_at(0)) {}

  std::string write(const std::vector<std::string>& head) {
    for (const std::string& line : head) out_ += "; " + line + "\n";
    for (const std::uint32_t name : names_in_order(zone_)) write_name(name);
    return std::move(out_);
  }

 private:
  void write_name(std::uint32_t index) {
    const image::Slot& slot = image::slots(octets_)[index];
    const dns::NameView relative{image::name_of(octets_, slot), slot.name_size};
    std::vector<std::uint8_t> wire(relative.begin(), relative.end());
    wire.insert(wire.end(), zone_.apex().begin(), zone_.apex().end());
    owner_ = dns::to_string(wire);

    const std::span rrsets(reinterpret_cast<const Rrset*>(octets_ + slot.body), slot.rrsets);
    const auto write = [&](bool soa) {
      for (std::uint32_t i = 0; i < rrsets.size(); ++i) {
        const auto type = static_cast<Rtype>(rrsets[i].type);
        if ((type == Rtype::SOA) != soa || !is_served(slot.flags, type)) continue;
        write_records(zone_.records(rrsets[i]));
        if (signatures_ != nullptr) write_records(signatures_->rrsigs(index, i).octets);
      }
    };
    write(true);
    if (image::has_service(slot)) write_service(slot.service);
    write(false);
    if (signatures_ == nullptr || (slot.flags & image::occluded) != 0) return;
    if (slot.name_size == 0) write_keys();
    if (!signatures_->in_chain(index)) return;
    const ZoneSignatures::Nsec nsec = signatures_->nsec(signatures_->chain_at(index));
    write_records(nsec.record.octets);
    write_records(nsec.rrsigs.octets);
  }

  void write_service(std::uint32_t service) {
    const StaticAnswer answer = choose_(service);
    out_ += "; " + owner_ + " is steered: " + answer.comment + "\n";
    write_records(answer.records);
  }

  void write_keys() {
    for (const Rtype type : {Rtype::DNSKEY, Rtype::CDS, Rtype::CDNSKEY}) {
      const auto [records, rrsigs] = signatures_->key_rrset(static_cast<std::uint16_t>(type));
      write_records(records.octets);
      write_records(rrsigs.octets);
    }
  }

  void write_records(std::span<const std::uint8_t> records) {
    while (!records.empty()) {
      const auto u16 = [&](std::size_t at) { return static_cast<std::uint16_t>(records[at] << 8 | records[at + 1]); };
      const std::uint32_t ttl = std::uint32_t{u16(6)} << 16 | u16(8);
      const std::size_t size = u16(10);
      write_record(static_cast<Rtype>(u16(2)), ttl, records.subspan(record_head, size));
      records = records.subspan(record_head + size);
    }
  }

  void write_record(Rtype type, std::uint32_t ttl, std::span<const std::uint8_t> rdata) {
    const bool named = has_name_everywhere(type);
    out_ += owner_;
    out_ += '\t';
    out_ += std::to_string(ttl);
    out_ += "\tIN\t";
    out_ += named ? dns::to_string(type) : "TYPE" + std::to_string(static_cast<unsigned>(type));
    out_ += '\t';
    out_ += named ? dns::rdata_to_string(type, rdata) : dns::rdata_to_generic(rdata);
    out_ += '\n';
  }

  const Zone& zone_;
  const ZoneSignatures* signatures_;
  const ChooseAnswer& choose_;
  const std::uint8_t* octets_;
  std::string owner_;
  std::string out_;
};

}  // namespace

std::string export_zone(const Zone& zone, const ZoneSignatures* signatures, const std::vector<std::string>& head,
                        const ChooseAnswer& choose) {
  return Exporter(zone, signatures, choose).write(head);
}

}  // namespace gslb::zones
