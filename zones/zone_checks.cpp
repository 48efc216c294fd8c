// What is wrong, or odd, about a zone whose every record could be read. Errors refuse the zone, warnings do not.
#include <algorithm>

#include "dns/types.hpp"
#include "zones/relative_labels.hpp"
#include "zones/zone_compiler.hpp"

namespace gslb::zones {

using dns::Rtype;
using image::Slot;

namespace {

Rtype type_of(const StoredRecord& record) noexcept { return static_cast<Rtype>(record.type); }

bool is_address(Rtype type) noexcept { return type == Rtype::A || type == Rtype::AAAA; }

}  // namespace

/// Records of a name below a zone cut: they are the child's, and only addresses are ever given out, as glue.
void ZoneCompiler::check_below_cut(RecordRef first, const StoredRecord& cut) {
  for (RecordRef ref = first; ref != 0; ref = records_[ref].next) {
    const StoredRecord& record = records_[ref];
    if (record.type == 0 || is_address(type_of(record))) continue;
    warn(record, dns::to_string(type_of(record)) + " below the delegation of " + name_text(cut) +
                     " is never answered: it belongs into that zone");
  }
}

// While linked and not yet emitted, every name and every record can be found.
void ZoneCompiler::check_targets() {
  records_.visit([](const StoredRecord& record) { return &record; },
                 [this](RecordRef ref) {
                   const StoredRecord& record = records_[ref];
                   const auto offset = target_offset(type_of(record));
                   if (!offset) return;
                   const dns::NameView target = record.rdata().subspan(*offset);
                   const dns::NameView apex = apex_.wire();
                   if (target.size() < apex.size()) return;
                   const dns::NameView relative = target.first(target.size() - apex.size());
                   std::size_t at = 0;
                   while (at < relative.size()) at += relative[at] + 1U;
                   if (at == relative.size() && std::ranges::equal(target.subspan(at), apex))
                     check_target(record, relative);
                 });
}

/// RFC 1912 section 2.3, RFC 2181 section 10.3: NS, MX and SRV point to names with addresses, not to aliases.
void ZoneCompiler::check_target(const StoredRecord& record, dns::NameView target) {
  const bool is_ns = type_of(record) == Rtype::NS;
  const auto text = [&](const char* is) {
    std::vector<std::uint8_t> wire(target.begin(), target.end());
    wire.insert(wire.end(), apex_.wire().begin(), apex_.wire().end());
    return dns::to_string(type_of(record)) + " of " + name_text(record) + " points to " + dns::to_string(wire) + is;
  };
  const RelativeLabels labels(target, apex_hash_);
  bool delegated = false;
  for (unsigned label = 1; label <= labels.count; ++label) {
    const std::uint32_t above = find(labels.hash[label], labels.suffix(label));
    if (above == no_slot) continue;
    const std::uint8_t flags = slots()[above].flags;
    if ((flags & image::dname) != 0)
      return is_ns ? complain(record, text(", which is below a DNAME"))
                   : warn(record, text(", which is below a DNAME"));
    delegated = delegated || (flags & image::cut) != 0;
  }
  if (delegated && !is_ns) return;  // another zone's business
  const std::uint32_t at = find(labels.hash[0], labels.name);
  if (at == no_slot) {
    unsigned encloser = 1;  // the closest one: a wildcard below it may give addresses
    while (find(labels.hash[encloser], labels.suffix(encloser)) == no_slot) ++encloser;
    const Slot& slot = slots()[find(labels.hash[encloser], labels.suffix(encloser))];
    if (!delegated && (slot.flags & image::wildcard_child) != 0) return;
    return warn(record, text(delegated ? ", whose address is not here as glue" : ", which does not exist"));
  }
  const Slot& slot = slots()[at];
  if ((slot.flags & image::cname) != 0)
    return is_ns ? complain(record, text(", which is a CNAME")) : warn(record, text(", which is a CNAME"));
  if ((slot.flags & (image::service_a | image::service_aaaa)) != 0) return;
  if ((slot.flags & image::cut) != 0 && !is_ns) return;
  for (RecordRef ref = slot.body; ref != 0; ref = records_[ref].next)
    if (is_address(type_of(records_[ref]))) return;
  warn(record, text(", which has no address"));
}

/// RFC 2181 section 5.2.
void ZoneCompiler::warn_of_ttls(std::span<const RecordRef> records, std::uint32_t lowest) {
  const auto other = std::ranges::find_if(records, [&](RecordRef ref) { return records_[ref].ttl != lowest; });
  if (other == records.end()) return;
  const StoredRecord& record = records_[*other];
  warn(record, "the TTLs of " + name_text(record) + " " + dns::to_string(type_of(record)) + " differ: all get " +
                   std::to_string(lowest) + " s");
}

void ZoneCompiler::check(const Slot& slot) {
  const bool has_service = image::has_service(slot);
  const auto count = [this](Rtype type) {
    const StoredRecord* before = nullptr;
    std::size_t distinct = 0;
    for (const RecordRef ref : sorted_) {
      const StoredRecord& record = records_[ref];
      if (type_of(record) != type) continue;
      if (before == nullptr || !std::ranges::equal(before->rdata(), record.rdata())) ++distinct;
      before = &record;
    }
    return distinct;
  };
  const auto first_of = [this](Rtype type) -> const StoredRecord& {
    return records_[*std::ranges::find_if(sorted_, [&](RecordRef ref) { return type_of(records_[ref]) == type; })];
  };

  if ((slot.flags & image::cname) != 0 && count(Rtype::CNAME) != 0) {
    const StoredRecord& cname = first_of(Rtype::CNAME);
    const auto other = std::ranges::find_if(
        sorted_, [&](RecordRef ref) { return records_[ref].type != 0 && type_of(records_[ref]) != Rtype::CNAME; });
    if (has_service) {
      complain(cname, "a CNAME cannot stand beside a service");
    } else if (other != sorted_.end()) {  // RFC 2181 section 10.1, RFC 6672 section 2.4
      complain(cname, name_text(cname) + " has a CNAME beside " + dns::to_string(type_of(records_[*other])));
    }
    if (count(Rtype::CNAME) > 1) complain(cname, name_text(cname) + " has two CNAMEs");
  }
  if ((slot.flags & image::dname) != 0 && count(Rtype::DNAME) > 1)
    complain(first_of(Rtype::DNAME), name_text(first_of(Rtype::DNAME)) + " has two DNAMEs");
  if ((slot.flags & image::cut) == 0 && count(Rtype::DS) != 0)
    complain(first_of(Rtype::DS), "a DS needs an NS of the same name: it speaks of a delegated zone");
  if (!has_service) return;
  for (const Rtype type : {Rtype::A, Rtype::AAAA})
    if (count(type) != 0)
      complain(first_of(type), "the addresses of " + name_text(first_of(type)) + " come from its service");
  if ((slot.flags & image::service_https) != 0 && count(Rtype::HTTPS) != 0)
    complain(first_of(Rtype::HTTPS), "the HTTPS records of " + name_text(first_of(Rtype::HTTPS)) +
                                         " come from its service: leave this one out, or https: of the service");
  if ((slot.flags & (image::cut | image::occluded)) != 0) {
    const StoredRecord& service =
        records_[*std::ranges::find_if(sorted_, [&](RecordRef ref) { return is_service(records_[ref]); })];
    complain(service, name_text(service) + " is delegated to other name servers by an NS record at or above it");
  }
}

}  // namespace gslb::zones
