// server/kept_keys.hpp: the keys of one zone: its files, what others were seen to do, and the last step of its
// schedule.
//
// Threads: the builder's. Reads and writes files; asks nobody.
#pragma once

#include <string>
#include <vector>

#include "control/key_views.hpp"
#include "dns/key_record.hpp"
#include "server/key_sightings.hpp"
#include "server/zone_key_ring.hpp"

namespace gslb::server {

class KeptKeys {
 public:
  explicit KeptKeys(SignedZone zone);
  /// A new configuration. Which keys are live stays as it was, unless they come from another folder now.
  void reconfigure(SignedZone zone);

  /// Reads the files, steps until nothing is left to do, writes files.
  void run(dns::UnixTime now);

  const dns::Name& apex() const noexcept { return zone_.apex; }
  const zones::DnssecSpec& spec() const noexcept { return zone_.dnssec; }
  KeySightings& sightings() noexcept { return sightings_; }
  const KeySightings& sightings() const noexcept { return sightings_; }

  /// What the zone should be signed with, and what workers sign it with. Null: nothing.
  const zones::ZoneKeysPtr& wanted() const noexcept { return wanted_; }
  const zones::ZoneKeysPtr& live() const noexcept { return zone_.keys; }
  void set_live(zones::ZoneKeysPtr live) noexcept {
    zone_.keys = std::move(live);
    zone_.awaits_keys = false;
  }

  /// When time alone changes something.
  const std::optional<dns::UnixTime>& next() const noexcept { return step_.next; }
  /// Whether something waits for what others do.
  bool waits_for_others() const noexcept { return step_.watch_servers || step_.watch_parents; }

  /// What other name servers are to know of its keys. @param by  the name of this one
  std::vector<dns::KeyRecord> records(const std::string& by) const;
  /// What the shared store says of the zone's keys. A follower writes the times into its files.
  /// @return whether a time is another now
  bool take(const std::vector<dns::KeyRecord>& shared, const std::string& self, dns::UnixTime now);

  // For orders of people.
  const std::vector<dns::KeyFile>& files() const noexcept { return files_; }
  /// Null: no key has this tag.
  const dns::KeyFile* find(unsigned tag) const;
  /// "CSK", "KSK" or "ZSK".
  std::string role(const dns::KeyFile& file) const;
  dns::Observations seen() const { return sightings_.of(apex(), files_, live()); }
  /// Writes a key's files, new or instead of those that have its tag.
  [[nodiscard]] base::Result<void> put(const dns::KeyFile& file);
  /// Makes a key and its files.
  [[nodiscard]] base::Result<dns::KeyFile> make(dns::DnssecAlgorithm algorithm, bool sep, const dns::KeyTimes& times);

  control::ZoneKeysView view() const;
  /// What the operator should know.
  std::vector<std::string> warnings() const;

 private:
  void read_files(dns::UnixTime now);
  bool apply();
  const dns::KeyFile* key_for_parent() const;
  void tell();

  SignedZone zone_;
  KeySightings sightings_;
  std::vector<dns::KeyFile> files_;
  std::vector<std::string> problems_;  ///< with files
  zones::ZoneKeysPtr wanted_;
  dns::KeyStep step_;
  std::vector<std::string> differences_;  ///< from what the shared store says
  std::vector<std::string> told_;         ///< what the log knows already
};

}  // namespace gslb::server
