#include "zones/zone_builder.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "dns/rdata.hpp"
#include "zones/challenges.hpp"
#include "zones/master_file.hpp"
#include "zones/zone_compiler.hpp"

namespace gslb::zones {

using dns::Rtype;

namespace {

constexpr std::size_t most_complaints = 100;  ///< errors, and as many warnings, of one zone, beyond those of its files

/// Who wrote a record: StoredRecord::source. From `first_file` on, it is a file of the zone.
enum Source : std::uint16_t { from_soa, from_ns, from_records, from_services, from_challenges, first_file };

std::int64_t modified_at(const std::string& path) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error);
  if (error) return 0;
  return std::chrono::floor<std::chrono::seconds>(std::chrono::file_clock::to_sys(time)).time_since_epoch().count();
}

void put_u32(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// The text of a file while somebody needs it. A large zone is compiled without; the rare error that quotes a line
/// later reads it again.
class FileText {
 public:
  explicit FileText(std::string path) : path_(std::move(path)) {}

  base::Result<std::shared_ptr<const base::SourceFile>> get() {
    if (auto file = file_.lock()) return file;
    auto text = base::read_file(path_);
    if (!text) return text.error();
    auto file = std::make_shared<const base::SourceFile>(base::SourceFile{path_, *std::move(text)});
    file_ = file;
    return std::shared_ptr<const base::SourceFile>(std::move(file));
  }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  std::weak_ptr<const base::SourceFile> file_;
};

class Builder final : private MasterRecordSink {
 public:
  Builder(const ZoneSpec& spec, base::ErrorList& errors)
      : spec_(spec), apex_(spec.apex.value), errors_(errors), errors_before_(errors.all().size()) {}

  std::shared_ptr<const Zone> build() {
    check_ttls();
    read_files();
    add_records();
    add_services();
    add_challenges();
    add_apex();
    if (!has_soa_) return nullptr;
    ZoneCompiler compiler(apex_, store_, service_types_, from_services, from_challenges,
                          [this](ZoneCompiler::Level level, const StoredRecord& record, std::string what) {
                            tell(level, record, std::move(what));
                          });
    auto zone = compiler.compile();
    return failed() ? nullptr : zone;
  }

 private:
  bool failed() const noexcept { return errors_.all().size() != errors_before_; }

  void fail(const base::SourcePosition& where, std::string path, std::string what, std::string hint = {}) {
    errors_.add(where, std::move(path), std::move(what), std::move(hint));
  }

  /// About a record in the store.
  void tell(ZoneCompiler::Level level, const StoredRecord& record, std::string what) {
    const bool is_error = level == ZoneCompiler::Level::error;
    if ((is_error ? complaints_ : warnings_)++ >= most_complaints) return;
    auto [where, path] = place_of(record);
    if (is_error) {
      errors_.add(std::move(where), std::move(path), std::move(what));
    } else {
      errors_.warn(std::move(where), std::move(path), std::move(what));
    }
  }

  std::pair<base::SourcePosition, std::string> place_of(const StoredRecord& record) {
    switch (record.source) {
      case from_soa:
      case from_challenges:
        return {spec_.apex.where, "soa"};
      case from_ns:
        return {spec_.ns[record.line].where, "ns"};
      case from_records:
        return {spec_.records[record.line].where, path_of(spec_.records[record.line])};
      case from_services: {
        const policy::ServiceSpec& service = spec_.services[record.line];
        return {service.name.where, "services." + service.name.value};
      }
      default: {
        FileText& text = files_[record.source - first_file];
        const auto file = text.get();
        return {{file ? *file : std::make_shared<const base::SourceFile>(base::SourceFile{text.path(), {}}),
                 static_cast<int>(record.line), 1},
                {}};
      }
    }
  }

  static std::string path_of(const RecordSpec& record) { return "records." + record.owner + "." + record.type; }

  void check_ttls() {
    const auto check = [this](std::uint32_t ttl, const char* what) {
      if (ttl > max_ttl) fail(spec_.apex.where, what, "is more than a TTL can be, 2147483647 seconds");
    };
    check(spec_.default_ttl, "default_ttl");
    check(spec_.ns_ttl, "ns_ttl");
    check(spec_.soa.ttl, "soa.ttl");
    check(spec_.soa.minimum, "soa.minimum");
  }

  void read_files() {
    for (const auto& path : spec_.files) {
      const auto file = open(path.value);
      if (!file) {
        fail(path.where, "files", file.error().what);
        continue;
      }
      scan_master_file(*file, apex_, spec_.default_ttl, *this, errors_);
    }
  }

  base::Result<std::shared_ptr<const base::SourceFile>> open(const std::string& path) override {
    source_file_ = nullptr;  // a new file may lie where an old one lay
    auto known = std::ranges::find(files_, path, &FileText::path);
    if (known == files_.end()) {
      if (files_.size() == most_files) return base::Error{path + ": the zone has more than 60,000 files"};
      known = files_.emplace(files_.end(), path);
      modified_ = std::max(modified_, modified_at(path));
    }
    return known->get();
  }

  /// The number of the file that a record being read is from.
  std::uint16_t source_of(const base::SourceFile* file) {
    if (file != source_file_) {
      source_file_ = file;
      const auto known = std::ranges::find(files_, file->path, &FileText::path);
      source_ = static_cast<std::uint16_t>(first_file + (known - files_.begin()));
    }
    return source_;
  }

  std::optional<std::string> add(const MasterRecord& record) override {
    const auto name = relative(record.owner);
    if (!name) return dns::to_string(record.owner) + " is not in the zone " + apex_.to_string();
    StoredRecord stored;
    stored.ttl = record.ttl;
    stored.line = static_cast<std::uint32_t>(record.line);
    stored.source = source_of(record.file);
    stored.type = static_cast<std::uint16_t>(record.type);
    return take(stored, *name, record.rdata);
  }

  /// The name without the apex's labels, if it is in the zone.
  std::optional<dns::NameView> relative(dns::NameView name) const noexcept {
    const dns::NameView apex = apex_.wire();
    if (name.size() < apex.size()) return std::nullopt;
    const std::size_t size = name.size() - apex.size();
    std::size_t at = 0;
    while (at < size) at += name[at] + 1U;
    if (at != size || !std::ranges::equal(name.subspan(size), apex)) return std::nullopt;
    return name.first(size);
  }

  /// A record of a file or of `records`. @return why not
  std::optional<std::string> take(const StoredRecord& record, dns::NameView name, std::span<const std::uint8_t> rdata) {
    if (is_challenge_name(name)) own_challenges_.insert(octets_of(name));
    const bool is_wildcard = name.size() >= 2 && name[0] == 1 && name[1] == '*';
    switch (static_cast<Rtype>(record.type)) {
      case Rtype::SOA:
        if (!name.empty()) return "an SOA stands only at the apex, " + apex_.to_string();
        return take_soa(record, rdata);
      case Rtype::NS:
        if (is_wildcard) return "a wildcard cannot be delegated (RFC 4592 section 4.2)";
        if (!name.empty()) break;
        if (!spec_.ns.empty()) {
          const bool same =
              std::ranges::any_of(spec_.ns, [&](const auto& ns) { return dns::Name::from_wire(rdata) == ns.value; });
          if (same) return std::nullopt;
          return "the name servers of the zone come from ns:, and this is none of them";
        }
        if (!first_ns_) first_ns_ = dns::Name::from_wire(rdata);
        break;
      case Rtype::DNAME:
        if (is_wildcard) return "a wildcard cannot have a DNAME (RFC 4592 section 4.4)";
        dnames_.push_back(octets_of(name));
        break;
      case Rtype::RRSIG:
      case Rtype::NSEC:
      case Rtype::NSEC3:
      case Rtype::NSEC3PARAM:
        return dns::to_string(static_cast<Rtype>(record.type)) +
               " records are made by the server that signs: leave them out";
      default:
        break;
    }
    store_.add(record, name, rdata);
    return std::nullopt;
  }

  std::optional<std::string> take_soa(const StoredRecord& record, std::span<const std::uint8_t> rdata) {
    if (!spec_.ns.empty() || !spec_.soa.mname.is_root() || !spec_.soa.rname.is_root())
      return "the SOA of this zone comes from soa: and ns:";
    if (has_soa_ && !std::ranges::equal(soa_rdata_, rdata)) return "a second SOA";
    has_soa_ = true;
    soa_ = record;
    soa_rdata_.assign(rdata.begin(), rdata.end());
    return std::nullopt;
  }

  void add_records() {
    std::vector<std::uint8_t> rdata;
    for (std::uint32_t index = 0; index < spec_.records.size(); ++index) {
      const RecordSpec& record = spec_.records[index];
      const auto refuse = [&](std::string what) { fail(record.where, path_of(record), std::move(what)); };
      const auto owner = dns::Name::parse(record.owner, apex_);
      if (!owner) {
        refuse("\"" + record.owner + "\" is no domain name");
        continue;
      }
      const auto name = relative(owner->wire());
      if (!name) {
        refuse(owner->to_string() + " is not in the zone " + apex_.to_string());
        continue;
      }
      const auto type = dns::parse_rtype(record.type);
      if (!type) {
        refuse("\"" + record.type + "\" is no record type");
        continue;
      }
      rdata.clear();
      if (const auto parsed = dns::parse_rdata(*type, record.rdata, apex_, rdata); !parsed) {
        refuse(parsed.error().what);
        continue;
      }
      StoredRecord stored;
      stored.ttl = record.ttl.value_or(spec_.default_ttl);
      stored.line = index;
      stored.source = from_records;
      stored.type = static_cast<std::uint16_t>(*type);
      if (stored.ttl > max_ttl) refuse("the TTL is more than a TTL can be, 2147483647 seconds");
      if (auto wrong = take(stored, *name, rdata)) refuse(std::move(*wrong));
    }
  }

  /// Those of the addresses that are answered with, also of services inside of the service, which no loop joins.
  void add_types(const std::vector<policy::EndpointSpec>& endpoints, ServiceTypes& types) {
    for (const policy::EndpointSpec& endpoint : endpoints) {
      const bool host = endpoint.host && !types.alias;  // it may have addresses of either family
      types.a = types.a || endpoint.v4.has_value() || host;
      types.aaaa = types.aaaa || endpoint.v6.has_value() || host;
      if (endpoint.service.value.empty()) continue;
      const auto inner = std::ranges::find(spec_.services, endpoint.service.value,
                                           [](const policy::ServiceSpec& s) { return s.name.value; });
      if (inner != spec_.services.end()) add_types(inner->endpoints, types);
    }
  }

  void add_services() {
    for (std::uint32_t index = 0; index < spec_.services.size(); ++index) {
      const policy::ServiceSpec& service = spec_.services[index];
      ServiceTypes& types = service_types_.emplace_back();
      types.a = types.aaaa = service.reflect != policy::Reflect::nothing;
      types.https = service.https.has_value();
      types.alias = policy::may_be_alias(service);
      add_types(service.endpoints, types);
      if (service.canary) add_types(service.canary->endpoints, types);
      for (const base::IpAddress& address : service.fallback)
        (address.family == base::Family::v4 ? types.a : types.aaaa) = true;
      const auto owner = dns::Name::parse(service.name.value, apex_);
      const auto name = owner ? relative(owner->wire()) : std::nullopt;
      if (!name) {
        fail(service.name.where, "services." + service.name.value,
             owner ? owner->to_string() + " is not in the zone " + apex_.to_string()
                   : "\"" + service.name.value + "\" is no domain name");
        continue;
      }
      StoredRecord stored;
      stored.line = index;
      stored.source = from_services;
      store_.add(stored, *name, {});
      challenges_.insert(octets_of(challenge_name(*name)));
      if (is_challenge_name(*name)) own_challenges_.insert(octets_of(*name));
    }
  }

  static bool is_challenge_name(dns::NameView name) noexcept {
    return name.size() > challenge_label.size() && name[0] == challenge_label.size() &&
           std::equal(challenge_label.begin(), challenge_label.end(), name.begin() + 1);
  }

  static std::string octets_of(dns::NameView name) { return {name.begin(), name.end()}; }

  bool is_below_dname(std::string_view name) const {
    return std::ranges::any_of(dnames_, [&](const std::string& dname) {
      std::size_t at = 0;
      while (name.size() - at > dname.size()) at += static_cast<std::uint8_t>(name[at]) + 1U;
      return name.substr(at) == dname;
    });
  }

  /// Each service's place for ACME challenges, and the apex's, unless the operator has said what is there. It always
  /// has a TXT, so that setting a challenge changes no NSEC.
  void add_challenges() {
    if (!spec_.services.empty()) challenges_.insert(octets_of(challenge_name({})));
    std::vector<std::uint8_t> rdata(1, static_cast<std::uint8_t>(no_challenge.size()));
    rdata.insert(rdata.end(), no_challenge.begin(), no_challenge.end());
    for (const std::string& name : challenges_) {
      if (name.size() + apex_.wire().size() > dns::max_name || own_challenges_.contains(name) || is_below_dname(name))
        continue;
      StoredRecord stored;
      stored.ttl = challenge_ttl;
      stored.source = from_challenges;
      stored.type = static_cast<std::uint16_t>(Rtype::TXT);
      store_.add(stored, {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()}, rdata);
    }
  }

  void add_apex() {
    for (std::uint32_t index = 0; index < spec_.ns.size(); ++index) {
      StoredRecord ns;
      ns.ttl = spec_.ns_ttl;
      ns.line = index;
      ns.source = from_ns;
      ns.type = static_cast<std::uint16_t>(Rtype::NS);
      store_.add(ns, {}, spec_.ns[index].value.wire());
    }
    if (!spec_.ns.empty()) first_ns_ = spec_.ns.front().value;
    if (!has_soa_ && spec_.files_are_whole)
      fail(spec_.apex.where, {}, "the zone " + apex_.to_string() + " has no SOA record");
    if (!first_ns_ && !failed())
      fail(spec_.apex.where, "ns", "the zone " + apex_.to_string() + " has no name servers", "ns: [ns1.example.org.]");
    if (!has_soa_ && first_ns_) make_soa();
    if (!has_soa_) return;
    constexpr std::size_t serial_from_end = 20;
    if (spec_.soa.serial) {
      std::vector<std::uint8_t> serial;
      put_u32(serial, *spec_.soa.serial);
      std::ranges::copy(serial, soa_rdata_.end() - serial_from_end);
    }
    check_soa();
    store_.add(soa_, {}, soa_rdata_);
  }

  /// RFC 1912 section 2.2 and RFC 2308 section 5, where they are more than taste.
  void check_soa() {
    constexpr std::uint32_t day = 86400;
    const auto time = [this](std::size_t from_end) {
      const std::uint8_t* at = soa_rdata_.data() + soa_rdata_.size() - from_end;
      return std::uint64_t{at[0]} << 24 | std::uint64_t{at[1]} << 16 | std::uint64_t{at[2]} << 8 | at[3];
    };
    const std::uint64_t refresh = time(16), retry = time(12), expire = time(8), minimum = time(4);
    const auto odd = [this](std::string what) { tell(ZoneCompiler::Level::warning, soa_, "SOA: " + std::move(what)); };
    if (retry >= refresh)
      odd("retry, " + std::to_string(retry) + " s, is not below refresh, " + std::to_string(refresh) + " s");
    if (expire < refresh + retry)
      odd("expire, " + std::to_string(expire) + " s, is below refresh and retry together: a copy would end too soon");
    if (minimum > day)
      odd("minimum, " + std::to_string(minimum) + " s, is more than a day: so long is a name missed that is added");
  }

  void make_soa() {
    const SoaSpec& soa = spec_.soa;
    const dns::Name mname = soa.mname.is_root() ? *first_ns_ : soa.mname;
    const auto rname = soa.rname.is_root() ? dns::Name::parse("hostmaster", apex_) : soa.rname;
    if (!rname)
      return fail(spec_.apex.where, "soa", "the zone's name is too long for hostmaster below it", "give rname:");
    soa_.ttl = soa.ttl;
    soa_.source = from_soa;
    soa_.type = static_cast<std::uint16_t>(Rtype::SOA);
    soa_rdata_.assign(mname.wire().begin(), mname.wire().end());
    soa_rdata_.insert(soa_rdata_.end(), rname->wire().begin(), rname->wire().end());
    put_u32(soa_rdata_, static_cast<std::uint32_t>(std::max(modified_, spec_.modified)));
    for (const std::uint32_t value : {soa.refresh, soa.retry, soa.expire, soa.minimum}) put_u32(soa_rdata_, value);
    has_soa_ = true;
  }

  const ZoneSpec& spec_;
  const dns::Name& apex_;
  base::ErrorList& errors_;
  const std::size_t errors_before_;
  std::size_t complaints_ = 0;
  std::size_t warnings_ = 0;

  RecordStore store_;
  std::vector<FileText> files_;
  std::uint16_t source_ = 0;  ///< of the records in source_file_
  const base::SourceFile* source_file_ = nullptr;
  std::int64_t modified_ = 0;  ///< newest of the files, Unix seconds
  std::vector<ServiceTypes> service_types_;
  // Names in wire form, without the apex's labels:
  std::set<std::string> challenges_;      ///< where CAs look for challenges
  std::set<std::string> own_challenges_;  ///< the same, where the operator has records
  std::vector<std::string> dnames_;       ///< owners of DNAME
  std::optional<dns::Name> first_ns_;     ///< of the apex
  bool has_soa_ = false;
  StoredRecord soa_;
  std::vector<std::uint8_t> soa_rdata_;
};

}  // namespace

std::shared_ptr<const Zone> build_zone(const ZoneSpec& spec, base::ErrorList& errors) {
  try {
    return Builder(spec, errors).build();
  } catch (const std::length_error& error) {
    errors.add(spec.apex.where, {}, "the zone " + spec.apex.value.to_string() + " is too large: " + error.what());
    return nullptr;
  }
}

}  // namespace gslb::zones
