#include "zones/zone.hpp"

#include <algorithm>
#include <cstring>

#include "dns/name_hash.hpp"
#include "zones/relative_labels.hpp"
#include "zones/zone_image.hpp"

namespace gslb::zones {

using dns::Rtype;
using image::Slot;

namespace {

constexpr std::uint8_t star[2] = {1, '*'};

/// What a name that exists, or the wildcard that stands for one, says to a type.
Answer answer_at(const std::uint8_t* octets, const Slot& slot, Rtype qtype) noexcept {
  Answer answer;
  answer.slot = static_cast<std::uint32_t>(&slot - image::slots(octets));
  const bool any = qtype == Rtype::ANY;
  const unsigned steered = slot.flags & image::service_types;
  if (steered != 0) {
    if (any) qtype = (steered & image::service_a) != 0 ? Rtype::A : Rtype::AAAA;
    const unsigned asked = qtype == Rtype::A       ? image::service_a
                           : qtype == Rtype::AAAA  ? image::service_aaaa
                           : qtype == Rtype::HTTPS ? image::service_https
                                                   : 0;
    if ((steered & asked) != 0) {
      answer.outcome = Outcome::service;
      answer.service = slot.service;
      answer.type = static_cast<std::uint16_t>(qtype);
      return answer;
    }
  }
  const bool cname = (slot.flags & image::cname) != 0;
  if (cname && image::has_service(slot)) {
    answer.outcome = Outcome::service;
    answer.service = slot.service;
    answer.type = static_cast<std::uint16_t>(Rtype::CNAME);
    return answer;
  }
  if (any) {
    if (slot.rrsets != 0) answer.rrset = reinterpret_cast<const Rrset*>(octets + slot.body);
  } else if (cname && qtype != Rtype::CNAME) {
    answer.outcome = Outcome::cname;
    answer.rrset = image::rrset_of(octets, slot, static_cast<std::uint16_t>(Rtype::CNAME));
    return answer;
  } else {
    answer.rrset = image::rrset_of(octets, slot, static_cast<std::uint16_t>(qtype));
  }
  answer.outcome = answer.rrset != nullptr ? Outcome::answer : Outcome::nodata;
  return answer;
}

}  // namespace

const image::Header& Zone::header() const noexcept { return *reinterpret_cast<const image::Header*>(image_.data()); }

dns::NameView Zone::apex() const noexcept { return {image_.data() + header().apex_name, header().apex_size}; }
std::uint64_t Zone::apex_hash() const noexcept { return header().apex_hash; }
unsigned Zone::apex_labels() const noexcept { return header().apex_labels; }
std::uint32_t Zone::serial() const noexcept { return header().serial; }
std::size_t Zone::names() const noexcept { return header().names; }
std::uint32_t Zone::longest_ttl() const noexcept { return header().longest_ttl; }
const Rrset& Zone::negative_soa() const noexcept { return rrset_at(header().negative_soa); }

dns::NameView Zone::name_at(std::uint32_t offset) const noexcept {
  const std::uint8_t* name = image_.data() + offset;
  std::size_t size = 1;
  for (; name[size - 1] != 0; size += name[size - 1] + 1U) {
  }
  return {name, size};
}

const Rrset* Zone::rrset_of(std::uint32_t slot, std::uint16_t type) const noexcept {
  return image::rrset_of(image_.data(), image::slots(image_.data())[slot], type);
}

std::uint32_t Zone::rrset_index(std::uint32_t slot, const Rrset& rrset) const noexcept {
  const std::uint8_t* octets = image_.data();
  return static_cast<std::uint32_t>(&rrset - reinterpret_cast<const Rrset*>(octets + image::slots(octets)[slot].body));
}

std::uint8_t Zone::flags_of(std::uint32_t slot) const noexcept { return image::slots(image_.data())[slot].flags; }

std::uint32_t Zone::slot_of(dns::NameView name) const noexcept {
  const RelativeLabels labels(name.first(name.size() - header().apex_size), header().apex_hash);
  const std::uint8_t* octets = image_.data();
  return static_cast<std::uint32_t>(image::find(octets, labels.hash[0], labels.name) - image::slots(octets));
}

bool Zone::is_alias(dns::NameView name) const noexcept {
  return (image::slots(image_.data())[slot_of(name)].flags & image::cname) != 0;
}

std::optional<std::uint32_t> Zone::challenge_slot(dns::NameView name) const noexcept {
  const RelativeLabels labels(name.first(name.size() - header().apex_size), header().apex_hash);
  const std::uint8_t* octets = image_.data();
  const Slot* slot = image::find(octets, labels.hash[0], labels.name);
  if (slot == nullptr || slot->service != image::challenge_place) return std::nullopt;
  return static_cast<std::uint32_t>(slot - image::slots(octets));
}

std::vector<dns::Name> Zone::challenge_names() const {
  const std::uint8_t* octets = image_.data();
  std::vector<dns::Name> out;
  for (const Slot& slot : std::span(image::slots(octets), header().slots)) {
    if (slot.service != image::challenge_place) continue;
    const std::uint8_t* relative = image::name_of(octets, slot);
    std::vector<std::uint8_t> wire(relative, relative + slot.name_size);
    wire.insert(wire.end(), apex().begin(), apex().end());
    out.push_back(dns::Name::from_wire(wire));
  }
  return out;
}

void Zone::prefetch(const dns::Query& query) const noexcept {
  __builtin_prefetch(image::slots(image_.data()) + image::first_slot(query.hash[0], header().slots));
}

void Zone::prefetch_body(const dns::Query& query) const noexcept {
  const std::uint8_t* octets = image_.data();
  const std::uint8_t* body = octets + image::slots(octets)[image::first_slot(query.hash[0], header().slots)].body;
  __builtin_prefetch(body);
  __builtin_prefetch(body + 64);
}

// RFC 1034 section 4.3.2 step 3, from the longest name that can exist upwards: every ancestor of a name that exists is
// in the table too, so the first one found is the closest encloser.
Answer Zone::lookup(const dns::Query& query, unsigned apex_label) const noexcept {
  const std::uint8_t* octets = image_.data();
  const auto qtype = static_cast<Rtype>(query.qtype);
  const auto find = [&](unsigned label) {
    return image::find(octets, query.hash[label],
                       {query.name.data() + query.offset[label],
                        static_cast<std::size_t>(query.offset[apex_label] - query.offset[label])});
  };

  unsigned label = apex_label - std::min<unsigned>(apex_label, header().depth);
  const Slot* encloser = find(label);
  while (encloser == nullptr) encloser = find(++label);  // ends at the apex, which exists

  while ((encloser->flags & image::occluded) != 0) encloser = find(++label);
  const bool exact = label == 0;
  Answer answer;
  answer.slot = static_cast<std::uint32_t>(encloser - image::slots(octets));
  if ((encloser->flags & image::cut) != 0 && !(exact && qtype == Rtype::DS)) {
    answer.outcome = Outcome::referral;
    answer.owner_label = static_cast<std::uint8_t>(label);
    answer.rrset = image::rrset_of(octets, *encloser, static_cast<std::uint16_t>(Rtype::NS));
    return answer;
  }
  if (exact) return answer_at(octets, *encloser, qtype);

  if ((encloser->flags & image::dname) != 0) {  // RFC 6672 section 3.2
    answer.outcome = Outcome::dname;
    answer.owner_label = static_cast<std::uint8_t>(label);
    answer.rrset = image::rrset_of(octets, *encloser, static_cast<std::uint16_t>(Rtype::DNAME));
    return answer;
  }
  answer.encloser_label = static_cast<std::uint8_t>(label);
  if ((encloser->flags & image::wildcard_child) == 0) return answer;

  // RFC 4592 section 3.3.1: the source of synthesis.
  const std::uint8_t* parent = query.name.data() + query.offset[label];
  const std::size_t parent_size = query.offset[apex_label] - query.offset[label];
  const Slot* source = image::find(octets, dns::child_hash(query.hash[label], star + 1, 1), sizeof(star) + parent_size,
                                   [&](const std::uint8_t* name) {
                                     return std::memcmp(name, star, sizeof(star)) == 0 &&
                                            std::memcmp(name + sizeof(star), parent, parent_size) == 0;
                                   });
  answer = answer_at(octets, *source, qtype);
  answer.wildcard = true;
  answer.encloser_label = static_cast<std::uint8_t>(label);
  return answer;
}

}  // namespace gslb::zones
