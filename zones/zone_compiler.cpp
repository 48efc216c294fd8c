#include "zones/zone_compiler.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "dns/name_hash.hpp"
#include "dns/types.hpp"
#include "zones/relative_labels.hpp"

namespace gslb::zones {

using dns::Rtype;
using image::Slot;

namespace {

/// Slots for this many names: two thirds full.
std::uint32_t slots_for(std::size_t names) noexcept { return static_cast<std::uint32_t>(names + names / 2 + 8); }

Rtype type_of(const StoredRecord& record) noexcept { return static_cast<Rtype>(record.type); }

/// Look-ups in a large zone are random reads; with pages of 4 KiB each one also misses the TLB. Only a hint.
void use_huge_pages(std::vector<std::uint8_t>& octets) noexcept {
  constexpr std::size_t huge_page = std::size_t{2} << 20;
  if (octets.capacity() < 2 * huge_page) return;
  void* start = octets.data();
  std::size_t room = octets.capacity();
  if (std::align(huge_page, huge_page, start, room) != nullptr) ::madvise(start, room, MADV_HUGEPAGE);
}

}  // namespace

ZoneCompiler::ZoneCompiler(const dns::Name& apex, RecordStore& records, const std::vector<ServiceTypes>& services,
                           std::uint16_t service_source, std::uint16_t challenge_source, Complain tell)
    : apex_(apex),
      apex_hash_(dns::hash_name(apex.wire())),
      records_(records),
      services_(services),
      service_source_(service_source),
      challenge_source_(challenge_source),
      tell_(std::move(tell)) {}

std::shared_ptr<const Zone> ZoneCompiler::compile() {
  link();
  settle_aliases();
  occlude();
  check_targets();
  emit();

  image::Header head{};
  std::memcpy(head.magic, image::magic, sizeof head.magic);
  head.apex_hash = apex_hash_;
  head.version = image::format_version;
  head.slots = slot_count_;
  head.names = names_;
  head.rrsets = rrset_count_;
  head.records = record_count_;
  head.apex_size = static_cast<std::uint8_t>(apex_.wire().size());
  head.apex_labels = static_cast<std::uint8_t>(apex_.labels());
  head.depth = static_cast<std::uint8_t>(depth_);
  head.apex_name = append(apex_.wire().size(), 1);
  std::ranges::copy(apex_.wire(), image_.begin() + head.apex_name);
  header() = head;

  add_negative_soa();
  add_additionals();
  append(0, 8);
  header().size = static_cast<std::uint32_t>(image_.size());
  return std::shared_ptr<const Zone>(new Zone(std::move(image_)));
}

// ---- link

void ZoneCompiler::make_slots(std::uint32_t count) {
  image_.assign(sizeof(image::Header) + count * sizeof(Slot), 0);
  slot_count_ = count;
}

void ZoneCompiler::resize_slots(std::uint32_t count) {
  const std::vector<Slot> old(slots(), slots() + slot_count_);
  make_slots(count);
  for (const Slot& slot : old) {
    if (slot.body == 0) continue;
    StoredRecord& record = records_[slot.body];
    std::uint32_t at = image::first_slot(RelativeLabels(record.name(), apex_hash_).hash[0], count);
    while (slots()[at].body != 0) at = image::next_slot(at, count);
    slots()[at] = slot;
    record.slot = at;
  }
}

/// While linking, Slot::body is the first record of the owner's list.
std::uint32_t ZoneCompiler::find(std::uint64_t hash, dns::NameView name) noexcept {
  const Slot* all = slots();
  for (std::uint32_t at = image::first_slot(hash, slot_count_); all[at].body != 0;
       at = image::next_slot(at, slot_count_)) {
    if (all[at].tag == static_cast<std::uint32_t>(hash) && std::ranges::equal(records_[all[at].body].name(), name))
      return at;
  }
  return no_slot;
}

std::uint32_t ZoneCompiler::create(std::uint64_t hash, RecordRef first) {
  if (slots_for(names_) > slot_count_) resize_slots(slots_for(names_ * std::size_t{2}));
  std::uint32_t at = image::first_slot(hash, slot_count_);
  while (slots()[at].body != 0) at = image::next_slot(at, slot_count_);
  StoredRecord& record = records_[first];
  slots()[at] = {static_cast<std::uint32_t>(hash), first, image::no_service, 0, record.name_size, 0};
  record.slot = at;
  ++names_;
  return at;
}

void ZoneCompiler::link() {
  const std::uint32_t count = slots_for(records_.size() + 1);
  image_.reserve(sizeof(image::Header) + count * sizeof(Slot) + body_bound());
  use_huge_pages(image_);
  make_slots(count);
  records_.visit(
      [this](const StoredRecord& record) {
        const std::uint64_t hash = RelativeLabels(record.name(), apex_hash_).hash[0];
        return slots() + image::first_slot(hash, slot_count_);
      },
      [this](RecordRef ref) { link(ref); });
  if (slot_count_ / 2 > slots_for(names_)) resize_slots(slots_for(names_));
}

std::size_t ZoneCompiler::body_bound() const {
  std::size_t octets = 0;
  records_.visit([](const StoredRecord& record) { return &record; },
                 [&](RecordRef ref) {
                   const StoredRecord& record = records_[ref];
                   octets += sizeof(Rrset) + alignof(Rrset) + record.name_size + record_head + record.rdata_size;
                 });
  return octets;
}

void ZoneCompiler::link(RecordRef ref) {
  StoredRecord& record = records_[ref];
  const RelativeLabels labels(record.name(), apex_hash_);
  if (const std::uint32_t known = find(labels.hash[0], labels.name); known != no_slot) {
    // The list starts with its youngest record, so that emit() has passed the others when it comes to the first.
    const RecordRef first = slots()[known].body;
    if (first > ref) {
      record.next = records_[first].next;
      records_[first].next = ref;
    } else {
      record.next = first;
      record.slot = known;
      records_[first].slot = StoredRecord::no_slot;
      slots()[known].body = ref;
    }
    return note_type(slots()[known], record);
  }
  note_type(slots()[create(labels.hash[0], ref)], record);
  depth_ = std::max(depth_, labels.count);
  for (unsigned label = 1; label < labels.count; ++label)
    if (labels.is_star(label))
      warn(record, "the * in " + name_text(record) + " stands for itself: only a first label is a wildcard");
  bool known = false;
  for (unsigned label = 1; label <= labels.count && !known; ++label) {
    std::uint32_t slot = find(labels.hash[label], labels.suffix(label));
    known = slot != no_slot;
    if (!known) {  // an empty non-terminal, unless its records are yet to come
      slot = create(labels.hash[label], records_.add({}, labels.suffix(label), {}));
    }
    if (labels.is_star(label - 1)) slots()[slot].flags |= image::wildcard_child;
  }
}

void ZoneCompiler::note_type(Slot& slot, const StoredRecord& record) {
  if (is_service(record)) {
    if (image::has_service(slot)) return complain(record, "another service has this name");
    slot.service = record.line;
    const ServiceTypes& types = services_[record.line];
    slot.flags |= static_cast<std::uint8_t>((types.a ? image::service_a : 0) | (types.aaaa ? image::service_aaaa : 0) |
                                            (types.https ? image::service_https : 0));
  } else if (type_of(record) == Rtype::NS && record.name_size != 0) {
    slot.flags |= image::cut;
    has_cut_ = true;
  } else if (type_of(record) == Rtype::DNAME) {
    slot.flags |= image::dname;
    has_dname_ = true;
  } else if (type_of(record) == Rtype::CNAME) {
    slot.flags |= image::cname;
  } else if (record.source == challenge_source_) {
    slot.service = image::challenge_place;
  }
}

/// A service of hosts is a CNAME where it may be one: not at the apex, and beside nothing (RFC 2181 section 10.1).
void ZoneCompiler::settle_aliases() {
  if (std::ranges::none_of(services_, &ServiceTypes::alias)) return;
  for (std::uint32_t at = 0; at < slot_count_; ++at) {
    Slot& slot = slots()[at];
    if (slot.body == 0 || !image::has_service(slot) || !services_[slot.service].alias) continue;
    bool alone = records_[slot.body].name_size != 0;
    for (RecordRef ref = slot.body; ref != 0; ref = records_[ref].next) alone = alone && records_[ref].type == 0;
    slot.flags |= static_cast<std::uint8_t>(alone ? image::cname : image::service_a | image::service_aaaa);
  }
}

void ZoneCompiler::occlude() {
  if (!has_cut_ && !has_dname_) return;
  for (std::uint32_t at = 0; at < slot_count_; ++at) {
    Slot& slot = slots()[at];
    if (slot.body == 0) continue;
    const StoredRecord& record = records_[slot.body];
    const RelativeLabels labels(record.name(), apex_hash_);
    for (unsigned label = labels.count; label > 0; --label) {
      const Slot& above = slots()[find(labels.hash[label], labels.suffix(label))];
      if ((above.flags & image::cut) != 0) {
        slot.flags |= image::occluded;
        check_below_cut(slot.body, records_[above.body]);
        break;
      }
      if ((above.flags & image::dname) != 0) {  // RFC 6672 section 2.4
        const bool is_empty = record.type == 0 && !is_service(record);
        if (is_empty && record.next == 0) break;
        complain(is_empty ? records_[record.next] : record,
                 name_text(record) + " is below the DNAME at " + name_text(records_[above.body]));
        break;
      }
    }
  }
}

std::string ZoneCompiler::name_text(const StoredRecord& record) const {
  std::vector<std::uint8_t> wire(record.name().begin(), record.name().end());
  wire.insert(wire.end(), apex_.wire().begin(), apex_.wire().end());
  return dns::to_string(wire);
}

}  // namespace gslb::zones
