// The second half of ZoneCompiler: what is linked becomes octets.
#include <algorithm>
#include <limits>
#include <stdexcept>

#include "dns/types.hpp"
#include "zones/relative_labels.hpp"
#include "zones/zone_compiler.hpp"

namespace gslb::zones {

using dns::Rtype;
using image::Slot;

namespace {

/// Octets of an RRset in a message. Beside it there is room for all that may come with it, a chain of names before it,
/// signatures, proofs and the OPT record, so that nothing is ever truncated over TCP.
constexpr std::size_t largest_rrset = 40 << 10;

Rtype type_of(const StoredRecord& record) noexcept { return static_cast<Rtype>(record.type); }

void store_u16(std::uint8_t* out, std::uint16_t value) noexcept {
  value = __builtin_bswap16(value);
  std::memcpy(out, &value, sizeof value);
}

void store_u32(std::uint8_t* out, std::uint32_t value) noexcept {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, sizeof value);
}

std::uint32_t load_u32(const std::uint8_t* in) noexcept {
  std::uint32_t value;
  std::memcpy(&value, in, sizeof value);
  return __builtin_bswap32(value);
}

}  // namespace

std::uint32_t ZoneCompiler::append(std::size_t octets, std::size_t alignment) {
  const std::size_t at = (image_.size() + alignment - 1) & ~(alignment - 1);
  if (at + octets > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("the zone takes more than 4 GiB");
  image_.resize(at + octets);
  return static_cast<std::uint32_t>(at);
}

void ZoneCompiler::emit() {
  records_.visit(
      [this](const StoredRecord& record) { return slots() + (record.slot != StoredRecord::no_slot ? record.slot : 0); },
      [this](RecordRef ref) {
        if (records_[ref].slot != StoredRecord::no_slot) emit(ref);
      });
}

void ZoneCompiler::emit(RecordRef first) {
  list_.clear();
  for (RecordRef ref = first; ref != 0; ref = records_[ref].next) list_.push_back(ref);
  sorted_ = list_;
  std::ranges::sort(sorted_, [this](RecordRef a, RecordRef b) {
    const StoredRecord& x = records_[a];
    const StoredRecord& y = records_[b];
    if (x.type != y.type) return x.type < y.type;
    const int data = std::memcmp(x.rdata().data(), y.rdata().data(), std::min(x.rdata_size, y.rdata_size));
    if (data != 0) return data < 0;
    return x.rdata_size != y.rdata_size ? x.rdata_size < y.rdata_size : a < b;
  });
  const StoredRecord& head = records_[first];
  const std::uint32_t slot = head.slot;
  check(slots()[slot]);

  std::size_t types = 0;
  std::uint16_t last = 0;
  for (const RecordRef ref : sorted_)
    if (const std::uint16_t type = records_[ref].type; type != last) last = type, ++types;
  const std::uint32_t body = append(types * sizeof(Rrset) + head.name_size, alignof(Rrset));
  std::ranges::copy(head.name(), image_.data() + body + types * sizeof(Rrset));
  slots()[slot].body = body;
  slots()[slot].rrsets = static_cast<std::uint16_t>(types);
  std::uint32_t at = body;
  for (std::size_t i = 0; i < sorted_.size();) {
    const std::uint16_t type = records_[sorted_[i]].type;
    std::size_t end = i + 1;
    while (end < sorted_.size() && records_[sorted_[end]].type == type) ++end;
    if (type != 0) {
      append_rrset(at, std::span(sorted_).subspan(i, end - i));
      if (target_offset(static_cast<Rtype>(type)))
        pointing_.push_back({at, type_of(records_[sorted_[i]]) == Rtype::NS});
      at += sizeof(Rrset);
    }
    i = end;
  }
  for (const RecordRef ref : list_) records_.release(ref);
}

void ZoneCompiler::append_rrset(std::uint32_t at, std::span<const RecordRef> records) {
  const StoredRecord& first = records_[records.front()];
  Rrset rrset{};
  rrset.type = first.type;
  rrset.ttl = first.ttl;
  for (const RecordRef ref : records) rrset.ttl = std::min(rrset.ttl, records_[ref].ttl);  // RFC 2181 section 5.2
  warn_of_ttls(records, rrset.ttl);
  header().longest_ttl = std::max(header().longest_ttl, rrset.ttl);
  rrset.records = static_cast<std::uint32_t>(image_.size());
  const StoredRecord* before = nullptr;
  for (const RecordRef ref : records) {
    const StoredRecord& record = records_[ref];
    if (before != nullptr && std::ranges::equal(before->rdata(), record.rdata())) {
      warn(record, "this record is there twice");
      continue;
    }
    before = &record;
    const std::uint32_t start = append(record_head + record.rdata_size, 1);  // moves the image if it is full
    std::uint8_t* out = image_.data() + start;
    store_u16(out, 0xc00c);
    store_u16(out + 2, record.type);
    store_u16(out + 4, dns::class_in);
    store_u32(out + 6, rrset.ttl);
    store_u16(out + 10, record.rdata_size);
    std::ranges::copy(record.rdata(), out + record_head);
    ++rrset.count;
    ++record_count_;
  }
  rrset.size = static_cast<std::uint32_t>(image_.size()) - rrset.records;
  if (rrset.size > largest_rrset)
    complain(first, "the records of this name and type are too many: " + std::to_string(rrset.size) +
                        " octets in a message; " + std::to_string(largest_rrset) + " is the most");
  std::memcpy(image_.data() + at, &rrset, sizeof rrset);
  ++rrset_count_;
}

// ---- what needs all names to be there

void ZoneCompiler::add_negative_soa() {
  const Slot* apex = image::find(image_.data(), apex_hash_, apex_.wire().first(0));
  const Rrset* soa = image::rrset_of(image_.data(), *apex, static_cast<std::uint16_t>(Rtype::SOA));
  Rrset negative = *soa;
  const std::uint8_t* rdata_end = image_.data() + soa->records + soa->size;
  constexpr std::size_t serial_from_end = 20;
  header().serial = load_u32(rdata_end - serial_from_end);
  negative.ttl = std::min(soa->ttl, load_u32(rdata_end - sizeof(std::uint32_t)));
  const std::uint32_t at = append(sizeof(Rrset), alignof(Rrset));
  const std::uint32_t records = append(negative.size, 1);
  std::memcpy(image_.data() + records, image_.data() + negative.records, negative.size);
  store_u32(image_.data() + records + 6, negative.ttl);
  negative.records = records;
  std::memcpy(image_.data() + at, &negative, sizeof negative);
  header().negative_soa = at;
}

void ZoneCompiler::add_additionals() {
  for (const Pointing& from : pointing_) add_additionals(from);
}

void ZoneCompiler::add_additionals(const Pointing& from) {
  std::vector<Additional> found;
  std::vector<std::uint32_t> seen;
  const auto rrset = [&]() -> Rrset& { return *reinterpret_cast<Rrset*>(image_.data() + from.rrset); };
  std::uint32_t at = rrset().records;
  const std::uint32_t end = at + rrset().size;
  while (at < end) {
    const std::uint32_t rdata = at + record_head;
    at = rdata + (std::uint32_t{image_[rdata - 2]} << 8 | image_[rdata - 1]);
    const std::size_t target = rdata + *target_offset(static_cast<Rtype>(rrset().type));
    const dns::Name name = dns::Name::from_wire({image_.data() + target, at - target});
    if (!name.is_below_or_equal(apex_)) continue;
    const RelativeLabels labels(name.wire().first(name.wire().size() - apex_.wire().size()), apex_hash_);
    const Slot* slot = image::find(image_.data(), labels.hash[0], labels.name);
    if (slot == nullptr || (!from.glue && (slot->flags & (image::cut | image::occluded)) != 0)) continue;
    const auto index = static_cast<std::uint32_t>(slot - slots());
    if (std::ranges::find(seen, index) != seen.end()) continue;
    seen.push_back(index);
    for (const Rtype type : {Rtype::A, Rtype::AAAA}) {
      const Rrset* addresses = image::rrset_of(image_.data(), slots()[index], static_cast<std::uint16_t>(type));
      if (addresses == nullptr) continue;
      const auto offset = static_cast<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(addresses) - image_.data());
      found.push_back({full_name(index, name.wire()), offset});
    }
  }
  if (found.empty()) return;
  const std::uint32_t list = append(found.size() * sizeof(Additional), alignof(Additional));
  std::memcpy(image_.data() + list, found.data(), found.size() * sizeof(Additional));
  rrset().additionals = list;
  rrset().additional_count = static_cast<std::uint32_t>(found.size());
}

std::uint32_t ZoneCompiler::full_name(std::uint32_t slot, dns::NameView name) {
  const auto [entry, is_new] = full_names_.try_emplace(slot, 0);
  if (is_new) {
    entry->second = append(name.size(), 1);
    std::ranges::copy(name, image_.data() + entry->second);
  }
  return entry->second;
}

}  // namespace gslb::zones
