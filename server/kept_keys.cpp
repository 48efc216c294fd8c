#include "server/kept_keys.hpp"

#include <algorithm>
#include <filesystem>

#include "base/log.hpp"
#include "dns/dnskey.hpp"
#include "dns/rdata.hpp"

namespace gslb::server {

namespace {

constexpr int most_rounds = 8;  // of steps at one time: two keys made and their times written need four

base::WallTime wall(const std::optional<dns::UnixTime>& time) {
  return time ? base::WallTime(*time) : base::WallTime{};
}

}  // namespace

KeptKeys::KeptKeys(SignedZone zone) : zone_(std::move(zone)) { sightings_.watch(spec()); }

void KeptKeys::reconfigure(SignedZone zone) {
  if (zone.dnssec.keys.value == spec().keys.value) {
    zone.keys = live();
  } else {
    files_.clear();
  }
  zone_ = std::move(zone);
  sightings_.watch(spec());
}

/// A key in use whose file is gone or can no longer be read stays in use: without it the zone could become bogus.
void KeptKeys::read_files(dns::UnixTime now) {
  problems_.clear();
  auto files = dns::read_key_files(spec().keys.value, apex(), problems_);
  for (const dns::KeyFile& had : files_) {
    const auto same = [&](const dns::KeyFile& file) { return file.key->tag() == had.key->tag(); };
    if (dns::reached(had.times.remove, now) || std::ranges::any_of(files, same)) continue;
    if (problems_.empty())
      problems_.push_back("the files of key " + std::to_string(had.key->tag()) + ", which is in use, are gone from " +
                          spec().keys.value);
    files.push_back(had);
  }
  files_ = std::move(files);
}

void KeptKeys::run(dns::UnixTime now) {
  read_files(now);
  for (int round = 0; round < most_rounds; ++round) {
    dns::KeyPolicy policy = key_policy(spec(), zone_.longest_ttl);
    // The first key waits for what others say: they may serve the zone signed already.
    policy.maker = policy.maker && (!files_.empty() || sightings_.asked_all());
    step_ = dns::step(now, policy, scheduled(files_), seen());
    if (!apply()) break;
  }
  wanted_ = zone_keys(apex(), files_, step_, spec().dnskey_ttl);
  if (wanted_ == nullptr && live() != nullptr && !spec().unsign) {
    problems_.push_back("by their times all keys have left, and none follows; the last ones stay in use");
    wanted_ = live();
  }
  tell();
}

/// @return whether something was changed, so that another step may do more
bool KeptKeys::apply() {
  bool changed = false;
  const auto failed = [this](const base::Error& error) {
    problems_.push_back(error.what);
    return false;
  };
  for (const dns::ScheduledKey& key : step_.changed) {
    const dns::KeyFile* file = find(key.tag);
    if (file == nullptr) continue;
    if (const auto written = put({file->key, key.times}); !written) return failed(written.error());
    changed = true;
  }
  if (step_.make != dns::KeyStep::Make::nothing) {
    const auto made = make(step_.make_algorithm, step_.make == dns::KeyStep::Make::sep, step_.make_times);
    if (!made) return failed(made.error());
    changed = true;
  }
  for (const std::uint16_t tag : step_.forget) {
    const auto file = std::ranges::find_if(files_, [&](const auto& other) { return other.key->tag() == tag; });
    if (file == files_.end()) continue;
    if (const auto removed = dns::remove_key_file(spec().keys.value, apex(), *file->key); !removed)
      return failed(removed.error());
    files_.erase(file);
  }
  return changed;
}

std::vector<dns::KeyRecord> KeptKeys::records(const std::string& by) const {
  std::vector<dns::KeyRecord> out;
  for (const dns::KeyFile& file : files_)
    out.push_back({static_cast<std::uint8_t>(file.key->algorithm()), file.key->tag(), by, file.times});
  return out;
}

bool KeptKeys::take(const std::vector<dns::KeyRecord>& shared, const std::string& self, dns::UnixTime now) {
  differences_.clear();
  bool changed = false;
  for (const dns::KeyRecord& record : shared) {
    const std::string key = "key " + std::to_string(record.tag);
    if (spec().maker) {
      if (record.by != self)
        differences_.push_back(record.by + " makes keys of this zone, too (" + key +
                               "): all but one name server are to have dnssec.role: follower");
      continue;
    }
    const dns::KeyFile* file = find(record.tag);
    if (file == nullptr || static_cast<std::uint8_t>(file->key->algorithm()) != record.algorithm) {
      if (!dns::reached(record.times.remove, now))
        differences_.push_back("the files of " + key + " of " + record.by + " are not in " + spec().keys.value +
                               ": copy them there");
    } else if (file->times != record.times) {
      const auto written = put({file->key, record.times});
      if (!written) differences_.push_back(written.error().what);
      changed = changed || written;
    }
  }
  return changed;
}

base::Result<void> KeptKeys::put(const dns::KeyFile& file) {
  const std::string& folder = spec().keys.value;
  std::error_code error;
  if (std::filesystem::create_directories(folder, error))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (auto written = dns::write_key_file(folder, apex(), file); !written) return written;
  const auto known = std::ranges::find_if(files_, [&](const auto& f) { return f.key->tag() == file.key->tag(); });
  if (known == files_.end()) {
    files_.push_back(file);
  } else {
    *known = file;
  }
  return {};
}

/// With a tag that no key of the zone has: DS and RRSIG tell keys apart by it.
base::Result<dns::KeyFile> KeptKeys::make(dns::DnssecAlgorithm algorithm, bool sep, const dns::KeyTimes& times) {
  for (;;) {
    auto key = dns::SigningKey::generate(algorithm, sep);
    if (!key) return key.error();
    if (find((*key)->tag()) != nullptr) continue;
    const dns::KeyFile file{*key, times};
    if (const auto written = put(file); !written) return written.error();
    base::log_info("key made", {{"dns.zone", apex().to_string()}, {"key", (*key)->tag()}, {"role", role(file)}});
    return file;
  }
}

const dns::KeyFile* KeptKeys::find(unsigned tag) const {
  const auto found = std::ranges::find_if(files_, [&](const dns::KeyFile& file) { return file.key->tag() == tag; });
  return found == files_.end() ? nullptr : &*found;
}

/// The key whose DS, and no other, the parent should have now. Null: none yet, or none any more.
const dns::KeyFile* KeptKeys::key_for_parent() const {
  if (step_.cds || spec().unsign) return step_.cds ? find(*step_.cds) : nullptr;
  const dns::KeyFile* newest = nullptr;
  for (const dns::KeyFile& file : files_) {
    if (!file.times.ds_seen || file.times.remove) continue;
    if (newest == nullptr || file.times.publish > newest->times.publish) newest = &file;
  }
  return newest;
}

std::string KeptKeys::role(const dns::KeyFile& file) const {
  if (!file.key->sep()) return "ZSK";
  const auto is_zsk = [](const dns::KeyFile& other) { return !other.key->sep() && !other.times.remove; };
  return spec().split || std::ranges::any_of(files_, is_zsk) ? "KSK" : "CSK";
}

std::vector<std::string> KeptKeys::warnings() const {
  std::vector<std::string> out = step_.warnings;
  out.insert(out.end(), problems_.begin(), problems_.end());
  out.insert(out.end(), differences_.begin(), differences_.end());
  if (spec().maker && spec().servers.empty() && zone_.name_servers > 1)
    out.push_back(
        "nothing is known of the zone's other name servers: list their addresses in dnssec.servers, so that no key is "
        "used that one of them does not publish");
  return out;
}

/// Each change, once.
void KeptKeys::tell() {
  std::vector<std::string> now;
  const auto say = [&](const std::string& what, bool warning) {
    now.push_back(what);
    if (std::ranges::find(told_, what) != told_.end()) return;
    base::log(warning ? base::LogLevel::warning : base::LogLevel::info, what, {{"dns.zone", apex().to_string()}});
  };
  for (const std::string& warning : warnings()) say(warning, true);
  for (const dns::KeyStatus& key : step_.status)
    say("key " + std::to_string(key.tag) + " " + key.does + (key.waits.empty() ? "" : "; " + key.waits), false);
  told_ = std::move(now);
}

control::ZoneKeysView KeptKeys::view() const {
  control::ZoneKeysView out;
  out.zone = apex().to_string();
  out.maker = spec().maker;
  out.is_signed = live() != nullptr;
  out.awaits_keys = !out.is_signed && zone_.awaits_keys;
  const dns::KeyFile* wanted_at_parent = key_for_parent();
  for (const dns::KeyFile& file : files_) {
    control::KeyView& key = out.keys.emplace_back();
    key.tag = file.key->tag();
    key.algorithm = dns::to_string(file.key->algorithm());
    key.role = role(file);
    key.created = wall(file.times.created);
    key.file = spec().keys.value + "/" + dns::key_file_stem(apex(), file.key->algorithm(), file.key->tag());
    const auto status = std::ranges::find(step_.status, file.key->tag(), &dns::KeyStatus::tag);
    if (status != step_.status.end()) {
      key.does = status->does;
      key.waits = status->waits;
      key.until = wall(status->until);
    }
    if (!file.key->sep()) continue;
    key.ds_wanted = &file == wanted_at_parent;
    for (const auto digest : {dns::DigestType::sha256, dns::DigestType::sha384})
      key.ds.push_back(out.zone + " IN DS " +
                       dns::rdata_to_string(dns::Rtype::DS, dns::ds_rdata(apex().wire(), file.key->dnskey(), digest)));
  }
  out.warnings = warnings();
  return out;
}

}  // namespace gslb::server
