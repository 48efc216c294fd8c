// zones/zone_compiler.hpp: collected records into the image of a zone.
//
//   RecordStore ──► link: a slot for every name, empty non-terminals too; the records of a name in a list
//               ──► occlude: what is below a zone cut or a DNAME
//               ──► check_targets: whether NS, MX and SRV point to something that has addresses
//               ──► emit: a body for every name, checked; records leave the store
//               ──► additionals: addresses for the targets of NS, MX and SRV ──► Zone
//
// Owned by one build, on one thread. Throws std::length_error if the image would take more than 4 GiB.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dns/name.hpp"
#include "dns/types.hpp"
#include "zones/record_store.hpp"
#include "zones/zone.hpp"
#include "zones/zone_image.hpp"

namespace gslb::zones {

/// Which types a service has.
struct ServiceTypes {
  bool a = false;
  bool aaaa = false;
  bool https = false;
  bool alias = false;  ///< instead of them, if nothing else is at its name, a CNAME
};

/// Where in the data of a type the name stands that additional addresses are for; none: this type has no such name.
inline std::optional<std::size_t> target_offset(dns::Rtype type) noexcept {
  switch (type) {
    case dns::Rtype::NS:
      return 0;
    case dns::Rtype::MX:
      return 2;
    case dns::Rtype::SRV:
      return 6;
    default:
      return std::nullopt;
  }
}

inline constexpr std::size_t record_head = 12;  ///< octets of C0 0C TYPE CLASS TTL RDLENGTH

class ZoneCompiler {
 public:
  /// Is told what is wrong with a record, or only odd about it.
  enum class Level : std::uint8_t { error, warning };
  using Complain = std::function<void(Level level, const StoredRecord& record, std::string what)>;

  /// All names in `records` are relative to `apex`. A service is a record of type 0 and source `service_source` whose
  /// line is its index in `services`. Records of source `challenge_source` are places for ACME challenges.
  ZoneCompiler(const dns::Name& apex, RecordStore& records, const std::vector<ServiceTypes>& services,
               std::uint16_t service_source, std::uint16_t challenge_source, Complain tell);

  /// Empties the store. The apex must have one SOA. The zone is good only if no error was told.
  std::shared_ptr<const Zone> compile();

 private:
  /// An RRset whose targets may have addresses here.
  struct Pointing {
    std::uint32_t rrset;
    bool glue;  ///< NS: addresses below a cut count too
  };

  image::Header& header() noexcept { return *reinterpret_cast<image::Header*>(image_.data()); }
  image::Slot* slots() noexcept { return reinterpret_cast<image::Slot*>(image_.data() + sizeof(image::Header)); }

  static constexpr std::uint32_t no_slot = 0xffffffff;

  void make_slots(std::uint32_t count);
  void resize_slots(std::uint32_t count);
  std::uint32_t find(std::uint64_t hash, dns::NameView name) noexcept;
  std::uint32_t create(std::uint64_t hash, RecordRef first);

  /// At least what the bodies will take.
  std::size_t body_bound() const;
  void link();
  void link(RecordRef ref);
  void note_type(image::Slot& slot, const StoredRecord& record);
  void settle_aliases();
  void occlude();
  void check_below_cut(RecordRef first, const StoredRecord& cut);
  void check_targets();
  void check_target(const StoredRecord& record, dns::NameView target);
  void check(const image::Slot& slot);
  void warn_of_ttls(std::span<const RecordRef> records, std::uint32_t lowest);
  void emit();
  void emit(RecordRef first);
  void append_rrset(std::uint32_t at, std::span<const RecordRef> records);
  void add_additionals();
  void add_additionals(const Pointing& from);
  /// The offset of an absolute name, the one of `slot`; written once.
  std::uint32_t full_name(std::uint32_t slot, dns::NameView name);
  void add_negative_soa();

  /// Zeros at the end of the image. @return their offset
  std::uint32_t append(std::size_t octets, std::size_t alignment);
  bool is_service(const StoredRecord& record) const noexcept {
    return record.type == 0 && record.source == service_source_;
  }
  std::string name_text(const StoredRecord& record) const;
  void complain(const StoredRecord& record, std::string what) { tell_(Level::error, record, std::move(what)); }
  void warn(const StoredRecord& record, std::string what) { tell_(Level::warning, record, std::move(what)); }

  const dns::Name& apex_;
  std::uint64_t apex_hash_;
  RecordStore& records_;
  const std::vector<ServiceTypes>& services_;
  std::uint16_t service_source_;
  std::uint16_t challenge_source_;
  Complain tell_;

  std::vector<std::uint8_t> image_;
  std::uint32_t slot_count_ = 0;
  std::uint32_t names_ = 0;
  std::uint32_t rrset_count_ = 0;
  std::uint32_t record_count_ = 0;
  unsigned depth_ = 0;  ///< labels below the apex of the deepest name
  bool has_cut_ = false;
  bool has_dname_ = false;
  std::vector<RecordRef> list_;    ///< the name being emitted: all its records
  std::vector<RecordRef> sorted_;  ///< without what is there twice, and by type
  std::vector<Pointing> pointing_;
  std::unordered_map<std::uint32_t, std::uint32_t> full_names_;  ///< slot to offset
};

}  // namespace gslb::zones
