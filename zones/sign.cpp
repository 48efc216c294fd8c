#include "zones/sign.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "dns/types.hpp"
#include "policy/set_ranks.hpp"
#include "zones/canonical.hpp"
#include "zones/rrset_signer.hpp"
#include "zones/zone_image.hpp"

namespace gslb::zones {

namespace layout = signature_image;
using dns::Rtype;

namespace {

void set_u16(std::uint8_t* out, std::uint16_t value) noexcept {
  value = __builtin_bswap16(value);
  std::memcpy(out, &value, sizeof value);
}
void set_u32(std::uint8_t* out, std::uint32_t value) noexcept {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, sizeof value);
}

constexpr std::size_t record_head = 12;

/// RFC 4034 section 4.1.2. @param types  ascending
void append_bitmap(std::span<const std::uint16_t> types, std::vector<std::uint8_t>& out) {
  for (std::size_t i = 0; i < types.size();) {
    const auto window = static_cast<std::uint8_t>(types[i] >> 8);
    std::array<std::uint8_t, 32> bits{};
    std::size_t used = 0;
    for (; i < types.size() && types[i] >> 8 == window; ++i) {
      const unsigned low = types[i] & 0xffU;
      bits[low / 8] = static_cast<std::uint8_t>(bits[low / 8] | 0x80U >> low % 8);
      used = low / 8 + 1;
    }
    out.push_back(window);
    out.push_back(static_cast<std::uint8_t>(used));
    out.insert(out.end(), bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(used));
  }
}

/// Calls `use` with the data of each record of an RRset as it is rendered.
template <class Use>
void each_rdata(std::span<const std::uint8_t> records, Use&& use) {
  for (std::size_t at = 0; at < records.size();) {
    const std::size_t size = static_cast<std::size_t>(records[at + 10]) << 8 | records[at + 11];
    use(records.subspan(at + record_head, size));
    at += record_head + size;
  }
}

}  // namespace

/// One pass over one zone.
class ZoneSigner {
 public:
  ZoneSigner(const std::shared_ptr<const Zone>& zone, std::span<const SteeredName> services, const ZoneKeysPtr& keys,
             SignatureStore& store, const SigningMoment& moment)
      : zone_(*zone),
        octets_(zone->octets_at(0)),
        services_(services),
        keys_(*keys),
        store_(store),
        moment_(moment),
        out_(new ZoneSignatures(zone, keys)),
        image_(out_->image_),
        group_size_(rrsig_record_size(zone->apex()) * keys->zone_signers.size()) {}

  base::Result<ZoneSignaturesPtr> run() {
    check();
    if (!problem_.empty()) return base::Error{problem_};
    lay_out();
    if (!sign_all()) return base::Error{"OpenSSL cannot sign"};
    add_negative_soa();
    return ZoneSignaturesPtr(std::move(out_));
  }

 private:
  enum class Kind : std::uint8_t { fixed, nsec, set_v4, set_v6, set_whole, keys };
  /// Signatures to be found or made, and where they go.
  struct Job {
    std::uint32_t out;
    std::uint32_t slot;
    std::uint32_t index;  ///< of the RRset, the NSEC record's offset, the set's rank, or the layout::KeyType
    Kind kind;
  };

  layout::Header& header() noexcept { return *reinterpret_cast<layout::Header*>(image_.data()); }
  const image::Slot& slot(std::uint32_t index) const noexcept { return image::slots(octets_)[index]; }
  dns::NameView name_of(std::uint32_t index) const noexcept {
    return {image::name_of(octets_, slot(index)), slot(index).name_size};
  }
  const Rrset& rrset(std::uint32_t index, std::uint32_t which) const noexcept {
    return reinterpret_cast<const Rrset*>(octets_ + slot(index).body)[which];
  }
  template <class T>
  T& at(std::uint32_t offset) noexcept {
    return *reinterpret_cast<T*>(image_.data() + offset);
  }
  std::uint32_t append(std::size_t octets, std::size_t alignment) {
    const std::size_t start = (image_.size() + alignment - 1) & ~(alignment - 1);
    if (start + octets > std::numeric_limits<std::uint32_t>::max())
      throw std::length_error("the signatures of the zone take more than 4 GiB");
    image_.resize(start + octets);
    return static_cast<std::uint32_t>(start);
  }
  std::uint32_t append_group(Kind kind, std::uint32_t slot, std::uint32_t index) {
    const std::uint32_t out = append(group_size_, 1);
    jobs_.push_back({out, slot, index, kind});
    return out;
  }

  void check();
  void rank_sets();
  void lay_out();
  bool has_data(std::uint32_t index) const noexcept {
    return slot(index).rrsets != 0 || image::has_service(slot(index));
  }
  void lay_out_name(std::uint32_t index, std::uint32_t chain, std::uint32_t next);
  void append_nsec(std::uint32_t index, std::uint32_t chain, std::uint32_t next);
  std::vector<std::uint16_t> types_at(std::uint32_t index) const;
  void lay_out_service(std::uint32_t index);
  void lay_out_keys();
  bool sign_all();
  bool sign(const Job& job, RrsetSigner& signer);
  bool sign_set(const Job& job, policy::Aspect aspect, RrsetSigner& signer);
  void add_negative_soa();

  const Zone& zone_;
  const std::uint8_t* octets_;
  std::span<const SteeredName> services_;
  const ZoneKeys& keys_;
  SignatureStore& store_;
  const SigningMoment& moment_;
  std::shared_ptr<ZoneSignatures> out_;
  std::vector<std::uint8_t>& image_;
  std::size_t group_size_;
  std::vector<std::vector<policy::SetRanks>> ranks_;  ///< for each service and aspect
  std::vector<Job> jobs_;
  std::vector<std::uint8_t> scratch_;
  std::string problem_;
};

void ZoneSigner::check() {
  for (const Rtype type : {Rtype::DNSKEY, Rtype::CDS, Rtype::CDNSKEY})
    if (zone_.rrset_of(zone_.slot_of(zone_.apex()), static_cast<std::uint16_t>(type)) != nullptr)
      problem_ = "it has a " + dns::to_string(type) + " of its own at the apex, which the keys bring: leave it out";
  rank_sets();
}

void ZoneSigner::rank_sets() {
  for (const SteeredName& name : services_) {
    auto& ranks = ranks_.emplace_back();
    for (const policy::Aspect aspect : policy::aspects) ranks.emplace_back(name.service, aspect);
    const auto too_many = [&](policy::Aspect aspect) {
      return name.service.answers(aspect) && ranks[aspect.index()].too_many();
    };
    if (std::ranges::any_of(policy::aspects, too_many))
      problem_ = name.service.name + " can be answered with more than " + std::to_string(policy::SetRanks::limit) +
                 " sets of endpoints, and each would need a signature";
  }
}

void ZoneSigner::lay_out() {
  const auto slots = reinterpret_cast<const image::Header*>(octets_)->slots;
  std::vector<std::uint32_t> names = names_in_order(zone_);
  std::erase_if(names, [this](std::uint32_t i) { return (slot(i).flags & image::occluded) != 0; });
  std::vector<std::uint32_t> members;
  std::ranges::copy_if(names, std::back_inserter(members), [this](std::uint32_t i) { return has_data(i); });

  // About what follows, so that the image is not copied again and again while it grows.
  image_.reserve(sizeof(layout::Header) + slots * sizeof(std::uint32_t) +
                 members.size() * (sizeof(layout::ChainEntry) + 64 + 2 * (group_size_ + zone_.apex().size())));
  append(sizeof(layout::Header), 1);
  append(slots * sizeof(std::uint32_t), 4);
  const std::uint32_t chain = append(members.size() * sizeof(layout::ChainEntry), 4);
  const std::uint32_t services = append(services_.size() * policy::aspects.size() * sizeof(layout::ServiceSets), 4);
  header().slots = slots;
  header().chain = chain;
  header().chain_size = static_cast<std::uint32_t>(members.size());
  header().services = services;
  header().rrsig_size = static_cast<std::uint32_t>(rrsig_record_size(zone_.apex()));
  header().zone_signers = static_cast<std::uint32_t>(keys_.zone_signers.size());
  header().key_signers = static_cast<std::uint32_t>(keys_.key_signers.size());

  std::uint32_t position = 0;
  for (const std::uint32_t index : names) {
    if (has_data(index)) {
      lay_out_name(index, position, members[position + 1 == members.size() ? 0 : position + 1]);
      ++position;
    } else {
      const std::uint32_t body = append(sizeof(layout::NameBody), 4);
      at<layout::NameBody>(body) = {position - 1, 0};
      at<std::uint32_t>(static_cast<std::uint32_t>(sizeof(layout::Header) + index * sizeof(std::uint32_t))) = body;
    }
  }
  lay_out_keys();
}

void ZoneSigner::lay_out_name(std::uint32_t index, std::uint32_t chain, std::uint32_t next) {
  const unsigned rrsets = slot(index).rrsets;
  const bool parents_side = (slot(index).flags & image::cut) != 0;
  const std::uint32_t body = append(sizeof(layout::NameBody) + (parents_side ? rrsets : 0) * sizeof(std::uint32_t), 4);
  at<layout::NameBody>(body) = {chain, 1};
  at<std::uint32_t>(static_cast<std::uint32_t>(sizeof(layout::Header) + index * sizeof(std::uint32_t))) = body;
  for (std::uint32_t i = 0; i < rrsets; ++i) {
    if (parents_side && rrset(index, i).type != static_cast<std::uint16_t>(Rtype::DS)) continue;
    const std::uint32_t group = append_group(Kind::fixed, index, i);
    if (parents_side)
      at<std::uint32_t>(static_cast<std::uint32_t>(body + sizeof(layout::NameBody) + i * sizeof group)) = group;
    if (chain == 0 && rrset(index, i).type == static_cast<std::uint16_t>(Rtype::SOA)) header().negative_soa = group;
  }
  append_nsec(index, chain, next);
  if (image::has_service(slot(index))) lay_out_service(index);
}

void ZoneSigner::append_nsec(std::uint32_t index, std::uint32_t chain, std::uint32_t next) {
  scratch_.assign(name_of(next).begin(), name_of(next).end());
  scratch_.insert(scratch_.end(), zone_.apex().begin(), zone_.apex().end());
  append_bitmap(types_at(index), scratch_);
  const std::uint32_t record = append(record_head + scratch_.size(), 1);
  std::uint8_t* out = image_.data() + record;
  set_u16(out, 0xc00c);
  set_u16(out + 2, static_cast<std::uint16_t>(Rtype::NSEC));
  set_u16(out + 4, dns::class_in);
  set_u32(out + 6, zone_.negative_soa().ttl);  // RFC 9077 section 3
  set_u16(out + 10, static_cast<std::uint16_t>(scratch_.size()));
  std::ranges::copy(scratch_, out + record_head);
  at<layout::ChainEntry>(header().chain + chain * static_cast<std::uint32_t>(sizeof(layout::ChainEntry))) = {
      static_cast<std::uint32_t>(name_of(index).data() - octets_), slot(index).name_size, record};
  append_group(Kind::nsec, index, record);
}

/// From configuration and keys alone, never from health.
std::vector<std::uint16_t> ZoneSigner::types_at(std::uint32_t index) const {
  std::vector<std::uint16_t> types;
  const auto add = [&](Rtype type) { types.push_back(static_cast<std::uint16_t>(type)); };
  const image::Slot& at = slot(index);
  for (std::uint32_t i = 0; i < at.rrsets; ++i) {
    const std::uint16_t type = rrset(index, i).type;
    const bool at_cut = type == static_cast<std::uint16_t>(Rtype::NS) || type == static_cast<std::uint16_t>(Rtype::DS);
    if ((at.flags & image::cut) == 0 || at_cut) types.push_back(type);
  }
  if (image::has_service(at))
    for (const policy::Aspect aspect : policy::aspects)
      if (services_[at.service].has_type(aspect)) types.push_back(services_[at.service].type(aspect));
  add(Rtype::RRSIG);
  add(Rtype::NSEC);
  if (at.name_size == 0) {
    add(Rtype::DNSKEY);
    if (!keys_.cds.empty()) add(Rtype::CDS);
    if (!keys_.cdnskeys.empty()) add(Rtype::CDNSKEY);
  }
  std::ranges::sort(types);
  return types;
}

void ZoneSigner::lay_out_service(std::uint32_t index) {
  const std::uint32_t service = slot(index).service;
  constexpr std::array kinds{Kind::set_v4, Kind::set_v6, Kind::set_whole};
  for (const policy::Aspect aspect : policy::aspects) {
    if (!services_[service].service.answers(aspect)) continue;
    const std::uint32_t sets = ranks_[service][aspect.index()].size();
    const auto first = static_cast<std::uint32_t>(image_.size());
    for (std::uint32_t rank = 0; rank < sets; ++rank) append_group(kinds[aspect.index()], index, rank);
    const std::size_t entry = std::size_t{service} * policy::aspects.size() + aspect.index();
    at<layout::ServiceSets>(static_cast<std::uint32_t>(header().services + entry * sizeof(layout::ServiceSets))) = {
        first, sets};
  }
}

void ZoneSigner::lay_out_keys() {
  const std::array<const std::vector<std::vector<std::uint8_t>>*, 3> sources{&keys_.dnskeys, &keys_.cds,
                                                                             &keys_.cdnskeys};
  constexpr std::array types{Rtype::DNSKEY, Rtype::CDS, Rtype::CDNSKEY};
  for (std::uint32_t which = 0; which < sources.size(); ++which) {
    auto rdatas = *sources[which];
    std::ranges::sort(rdatas);
    rdatas.erase(std::unique(rdatas.begin(), rdatas.end()), rdatas.end());
    if (rdatas.empty()) continue;
    layout::KeyRrset rrset{static_cast<std::uint32_t>(image_.size()), 0, static_cast<std::uint32_t>(rdatas.size())};
    for (const auto& rdata : rdatas) {
      const std::uint32_t record = append(record_head + rdata.size(), 1);
      std::uint8_t* out = image_.data() + record;
      set_u16(out, 0xc00c);
      set_u16(out + 2, static_cast<std::uint16_t>(types[which]));
      set_u16(out + 4, dns::class_in);
      set_u32(out + 6, keys_.ttl);
      set_u16(out + 10, static_cast<std::uint16_t>(rdata.size()));
      std::ranges::copy(rdata, out + record_head);
      rrset.size += static_cast<std::uint32_t>(record_head + rdata.size());
    }
    header().keys[which] = rrset;
    const std::uint32_t out = append(rrsig_record_size(zone_.apex()) * keys_.key_signers.size(), 1);
    jobs_.push_back({out, 0, which, Kind::keys});
  }
}

bool ZoneSigner::sign(const Job& job, RrsetSigner& signer) {
  switch (job.kind) {
    case Kind::fixed: {
      const Rrset& set = rrset(job.slot, job.index);
      signer.begin(name_of(job.slot), set.type, set.ttl);
      each_rdata(zone_.records(set), [&](auto rdata) { signer.add(rdata); });
      break;
    }
    case Kind::nsec: {
      const std::uint8_t* record = image_.data() + job.index;
      signer.begin(name_of(job.slot), static_cast<std::uint16_t>(Rtype::NSEC), zone_.negative_soa().ttl);
      signer.add({record + record_head, static_cast<std::size_t>(record[10]) << 8 | record[11]});
      break;
    }
    case Kind::set_v4:
      return sign_set(job, base::Family::v4, signer);
    case Kind::set_v6:
      return sign_set(job, base::Family::v6, signer);
    case Kind::set_whole:
      return sign_set(job, policy::Aspect::whole(), signer);
    case Kind::keys: {
      const layout::KeyRrset& set = header().keys[job.index];
      const std::span records(image_.data() + set.records, set.size);
      signer.begin({}, static_cast<std::uint16_t>(records[2] << 8 | records[3]), keys_.ttl);
      each_rdata(records, [&](auto rdata) { signer.add(rdata); });
      return signer.sign(keys_.key_signers, image_.data() + job.out);
    }
  }
  return signer.sign(keys_.zone_signers, image_.data() + job.out);
}

/// A set of a service's endpoints, as it will be answered: HTTPS records with the priorities of their order.
bool ZoneSigner::sign_set(const Job& job, policy::Aspect aspect, RrsetSigner& signer) {
  const std::uint32_t service = slot(job.slot).service;
  const SteeredName& name = services_[service];
  std::vector<std::vector<std::uint8_t>> rdatas;
  for (const policy::EndpointIndex member : ranks_[service][aspect.index()].set(job.index)) {
    each_rdata(name.record(aspect, member), [&](auto rdata) { rdatas.emplace_back(rdata.begin(), rdata.end()); });
    if (name.service.ordered(aspect)) set_u16(rdatas.back().data(), static_cast<std::uint16_t>(rdatas.size()));
  }
  std::ranges::sort(rdatas);
  rdatas.erase(std::unique(rdatas.begin(), rdatas.end()), rdatas.end());
  signer.begin(name_of(job.slot), name.type(aspect), name.service.ttl);
  for (const auto& rdata : rdatas) signer.add(rdata);
  return signer.sign(keys_.zone_signers, image_.data() + job.out);
}

/// Helpers take jobs in runs; each writes only where its jobs go.
bool ZoneSigner::sign_all() {
  constexpr std::size_t run = 64;
  constexpr unsigned most_helpers = 4;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&](RrsetSigner& signer) {
    for (std::size_t first = next.fetch_add(run); first < jobs_.size() && !failed; first = next.fetch_add(run))
      for (std::size_t i = first; i < std::min(first + run, jobs_.size()); ++i)
        if (!sign(jobs_[i], signer)) failed = true;
  };
  const unsigned helpers =
      jobs_.size() < 8 * run ? 1 : std::clamp(std::thread::hardware_concurrency(), 1U, most_helpers);
  std::vector<RrsetSigner> signers(helpers, RrsetSigner(zone_.apex(), store_, moment_));
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < helpers; ++i) threads.emplace_back([&work, &signer = signers[i]] { work(signer); });
    work(signers[0]);
  }
  out_->first_expiration_ = std::numeric_limits<std::uint32_t>::max();
  for (RrsetSigner& signer : signers) {
    signer.keep_made();
    out_->first_expiration_ = std::min(out_->first_expiration_, signer.first_expiration());
  }
  return !failed;
}

/// The signatures on the SOA, with the TTL that the SOA of a negative answer has.
void ZoneSigner::add_negative_soa() {
  const std::uint32_t copy = append(group_size_, 1);
  std::memcpy(image_.data() + copy, image_.data() + header().negative_soa, group_size_);
  for (std::uint32_t i = 0; i < header().zone_signers; ++i)
    set_u32(image_.data() + copy + i * header().rrsig_size + 6, zone_.negative_soa().ttl);
  header().negative_soa = copy;
}

base::Result<ZoneSignaturesPtr> sign_zone(const std::shared_ptr<const Zone>& zone,
                                          std::span<const SteeredName> services, const ZoneKeysPtr& keys,
                                          SignatureStore& store, const SigningMoment& moment) {
  try {
    return ZoneSigner(zone, services, keys, store, moment).run();
  } catch (const std::length_error& error) {
    return base::Error{error.what()};
  }
}

base::Result<std::vector<std::uint8_t>> sign_rrset(dns::NameView apex, dns::NameView owner, std::uint16_t type,
                                                   std::uint32_t ttl, std::span<const std::vector<std::uint8_t>> rdatas,
                                                   const ZoneKeys& keys, SignatureStore& store,
                                                   const SigningMoment& moment) {
  std::vector<std::vector<std::uint8_t>> sorted(rdatas.begin(), rdatas.end());
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  RrsetSigner signer(apex, store, moment);
  signer.begin(owner.first(owner.size() - apex.size()), type, ttl);
  for (const auto& rdata : sorted) signer.add(rdata);
  std::vector<std::uint8_t> out(rrsig_record_size(apex) * keys.zone_signers.size());
  if (!signer.sign(keys.zone_signers, out.data())) return base::Error{"OpenSSL cannot sign"};
  signer.keep_made();
  return out;
}

}  // namespace gslb::zones
