#include "dns/key_schedule.hpp"

#include <algorithm>
#include <tuple>

namespace gslb::dns {

namespace {

constexpr seconds keep_files{std::chrono::days{30}};  // of keys that are no longer published

bool holds(const std::vector<std::uint16_t>& tags, std::uint16_t tag) {
  return std::ranges::find(tags, tag) != tags.end();
}

bool published(const ScheduledKey& key, UnixTime now) {
  return reached(key.times.publish, now) && !reached(key.times.remove, now);
}

/// Not told to leave.
bool stays(const ScheduledKey& key) { return !key.times.remove; }

void set_earlier(std::optional<UnixTime>& time, UnixTime at) {
  if (!time || at < *time) time = at;
}

/// One run of step(). Each stage reads what the one before wrote into `keys_`.
class Schedule {
 public:
  Schedule(UnixTime now, const KeyPolicy& policy, const std::vector<ScheduledKey>& keys, const Observations& seen)
      : now_(now), policy_(policy), before_(keys), keys_(keys), waits_(keys.size()), seen_(seen) {}

  KeyStep run() {
    if (policy_.maker) {
      if (policy_.unsign) {
        leave();
      } else {
        establish();
        follow_up_sep();
        follow_up_zone_signers();
      }
      forget_old();
    }
    decide();
    describe();
    return std::move(out_);
  }

 private:
  struct Wait {
    std::string why;
    std::optional<UnixTime> until;
  };

  // -- who does what now

  void decide() {
    for (const ScheduledKey& key : keys_) {
      if (!published(key, now_)) continue;
      out_.publish.push_back(key.tag);
      if (key.sep) out_.key_signers.push_back(key.tag);
    }
    if (out_.key_signers.empty()) out_.key_signers = out_.publish;
    out_.zone_signer = choose_zone_signer();
    const ScheduledKey* newest = newest_of(true);
    if (policy_.unsign) {
      out_.cds_delete = newest != nullptr && !out_.publish.empty();
    } else if (newest != nullptr && reached(newest->times.sync_publish, now_) &&
               !reached(newest->times.sync_delete, now_)) {
      out_.cds = newest->tag;
    }
    if (out_.publish.size() > 1) out_.watch_servers = true;
    note_next();
  }

  /// The key that was activated last, a ZSK rather than a CSK; but not one that another name server does not publish
  /// yet while an older one will do: its signatures would meet a cached DNSKEY RRset without it.
  std::optional<std::uint16_t> choose_zone_signer() {
    std::vector<const ScheduledKey*> candidates;
    for (const ScheduledKey& key : keys_) {
      if (published(key, now_) && reached(key.times.activate, now_)) candidates.push_back(&key);
    }
    const auto rank = [&](const ScheduledKey* key) {
      return std::tuple(key->times.remove.has_value(), reached(key->times.inactive, now_), key->sep,
                        now_ - *key->times.activate, key->tag);
    };
    std::ranges::sort(candidates, {}, rank);
    if (candidates.empty()) return std::nullopt;
    for (const ScheduledKey* key : candidates) {
      if (!key->times.remove && lacking(key->tag, false).empty()) return key->tag;
      if (key != candidates.back()) wait(*key, "held back: " + lacking(key->tag, false) + " does not publish it yet");
    }
    return candidates.front()->tag;
  }

  void note_next() {
    const auto note = [this](const std::optional<UnixTime>& time) {
      if (time && *time > now_) set_earlier(out_.next, *time);
    };
    for (const ScheduledKey& key : keys_) {
      const KeyTimes& t = key.times;
      for (const auto& time : {t.publish, t.activate, t.inactive, t.remove, t.sync_publish, t.sync_delete}) note(time);
    }
    note(lifetime_end_);
  }

  // -- what others are seen to do

  /// The first server that does not publish `tag`; "" if all do. Silence is no proof, but no promise either.
  std::string lacking(std::uint16_t tag, bool silence_counts) const {
    for (const ServerObservation& server : seen_.servers) {
      if (!server.answered && silence_counts) return server.name + " (no answer)";
      if (server.answered && !holds(server.publishes, tag) && (silence_counts || &server != seen_.servers.data()))
        return server.name;
    }
    return {};
  }

  /// The first server that still signs with `tag`, or with nothing; "" if there is none.
  std::string still_signing(std::uint16_t tag) const {
    for (const ServerObservation& server : seen_.servers) {
      if (!server.answered) return server.name + " (no answer)";
      if (server.signs_with.empty() || holds(server.signs_with, tag)) return server.name;
    }
    return {};
  }

  bool everybody_signs() const {
    return std::ranges::all_of(seen_.servers, [](const auto& server) { return !server.signs_with.empty(); });
  }

  seconds ds_ttl() const {
    seconds longest = policy_.ds_ttl;
    for (const ParentObservation& parent : seen_.parents) longest = std::max(longest, parent.ttl);
    return longest;
  }

  /// "2 of 3 parent servers", and whether that is all of them.
  struct Count {
    std::size_t good = 0;
    std::string text;
    bool all = false;
  };
  template <class Good>
  Count count_parents(Good good) const {
    Count out;
    for (const ParentObservation& parent : seen_.parents) out.good += parent.answered && good(parent) ? 1U : 0U;
    out.all = !seen_.parents.empty() && out.good == seen_.parents.size();
    out.text = std::to_string(out.good) + " of " + std::to_string(seen_.parents.size()) + " parent servers";
    return out;
  }

  // -- the keys

  ScheduledKey* newest_of(bool sep) {
    ScheduledKey* newest = nullptr;
    for (ScheduledKey& key : keys_) {
      if (key.sep != sep || !stays(key)) continue;
      if (newest == nullptr || std::tie(key.times.publish, key.tag) > std::tie(newest->times.publish, newest->tag))
        newest = &key;
    }
    return newest;
  }

  std::vector<ScheduledKey*> older_than(const ScheduledKey& newest) {
    std::vector<ScheduledKey*> out;
    for (ScheduledKey& key : keys_) {
      if (key.sep == newest.sep && stays(key) && &key != &newest) out.push_back(&key);
    }
    return out;
  }

  /// Nobody can have cached an answer of ours that was signed.
  bool unseen() const {
    return std::ranges::none_of(keys_, [&](const ScheduledKey& key) {
      return key.times.publish && *key.times.publish < now_ && !reached(key.times.remove, now_);
    });
  }

  void make(bool sep, DnssecAlgorithm algorithm, bool first) {
    const auto there =
        std::ranges::count_if(keys_, [&](const ScheduledKey& key) { return !reached(key.times.remove, now_); });
    if (static_cast<std::size_t>(there) >= most_keys) {
      out_.warnings.push_back("a key should be replaced, but the zone has " + std::to_string(there) +
                              " keys already: wait until one has left");
      return;
    }
    if (out_.make != KeyStep::Make::nothing) return;
    out_.make = sep ? KeyStep::Make::sep : KeyStep::Make::zsk;
    out_.make_algorithm = algorithm;
    out_.make_times = times_of_new_key(now_, first);
  }

  void wait(const ScheduledKey& key, std::string why, std::optional<UnixTime> until = {}) {
    waits_[static_cast<std::size_t>(&key - keys_.data())] = {std::move(why), until};
  }

  // -- the maker's stages

  /// The first keys, and the ZSK of a zone that gets one.
  void establish() {
    const ScheduledKey* newest = newest_of(true);
    if (newest == nullptr) {
      const bool first = unseen();
      if (first && !may_make_first()) return;
      return make(true, policy_.algorithm, first);
    }
    if (newest->algorithm != policy_.algorithm)
      out_.warnings.push_back("the keys are " + std::string(to_string(newest->algorithm)) + ", not " +
                              std::string(to_string(policy_.algorithm)) +
                              " as configured, and stay so: to change the algorithm take the zone back to unsigned "
                              "(unsign: true), then sign it anew");
    if (policy_.split && newest_of(false) == nullptr) make(false, newest->algorithm, unseen());
  }

  /// A first key where others serve the zone signed already would break it.
  bool may_make_first() {
    for (const ServerObservation& server : seen_.servers) {
      if (!server.publishes_foreign) continue;
      out_.warnings.push_back(
          "no key is made: " + server.name +
          " publishes one that is not here; copy its key files, or let one node alone be the maker");
      return false;
    }
    for (const ParentObservation& parent : seen_.parents) {
      if (!parent.any_ds) continue;
      out_.warnings.push_back(
          "no key is made: " + parent.name +
          " has a DS for a key that is not here; import the key (gslbctl key import), or have the DS "
          "removed");
      return false;
    }
    return true;
  }

  /// RFC 7583 section 3.3.1, Double-KSK; of a CSK, section 3.2.1 (Pre-Publication) beside it.
  void follow_up_sep() {
    ScheduledKey* newest = newest_of(true);
    if (newest == nullptr) return;
    const auto older = older_than(*newest);
    KeyTimes& times = newest->times;
    if (!times.sync_publish) {
      out_.watch_servers = true;
      const std::string lacks = lacking(newest->tag, true);
      if (!lacks.empty()) return wait(*newest, "waits until " + lacks + " publishes it");
      const bool first = older.empty();
      const auto cached = now_ + policy_.dnskey_ttl + policy_.propagation;  // Ipub: by then everybody knows the key
      if (first && !times.activate) times.activate = cached;  // the one that it should replace has left early
      if (first && !everybody_signs()) return wait(*newest, "waits until every name server signs", times.activate);
      // Before a first DS, all that is unsigned must have left the caches too.
      const auto ready = first ? std::max(cached, now_ + policy_.zone_ttl + policy_.propagation) : cached;
      times.sync_publish = ready;
      if (!times.activate) times.activate = ready;
      for (ScheduledKey* old : older) set_earlier(old->times.inactive, ready);
    }
    if (!reached(times.sync_publish, now_)) return wait(*newest, "waits until caches have it", times.sync_publish);
    // It had a DS, and now no server of the parent has any: somebody took it away, or acted late on a CDS of ours that
    // asked for it.
    if (times.ds_seen && count_parents([](const ParentObservation& parent) { return !parent.any_ds; }).all)
      times.ds_seen = times.sync_delete = std::nullopt;
    if (!times.ds_seen) {
      out_.watch_parents = true;
      const Count count = count_parents([&](const ParentObservation& parent) { return holds(parent.ds, newest->tag); });
      if (!count.all)
        return wait(*newest, seen_.parents.empty() ? std::string("waits for the word that its DS is at the parent "
                                                                 "(gslbctl key ds-seen)")
                                                   : "waits for the new DS at the parent: seen at " + count.text);
      times.ds_seen = now_;
    }
    set_earlier(times.sync_delete, std::max(now_, *times.ds_seen));
    for (ScheduledKey* old : older) retire(*old, *times.ds_seen + ds_ttl());
    if (older.empty() && policy_.ksk_lifetime > seconds(0) && times.activate)
      replace_at(*times.activate + policy_.ksk_lifetime, *newest);
  }

  /// RFC 7583 section 3.2.1, Pre-Publication.
  void follow_up_zone_signers() {
    ScheduledKey* newest = newest_of(false);
    if (newest == nullptr) return;
    if (!policy_.split) return hand_over_to_csk();
    const auto older = older_than(*newest);
    if (!newest->times.activate) {
      out_.watch_servers = true;
      const std::string lacks = lacking(newest->tag, true);
      if (!lacks.empty()) return wait(*newest, "waits until " + lacks + " publishes it");
      newest->times.activate = now_ + policy_.dnskey_ttl + policy_.propagation;
      for (ScheduledKey* old : older) set_earlier(old->times.inactive, *newest->times.activate);
    }
    if (!reached(newest->times.activate, now_))
      return wait(*newest, "waits until caches have it", newest->times.activate);
    for (ScheduledKey* old : older) retire(*old, now_);
    if (older.empty() && policy_.zsk_lifetime > seconds(0))
      replace_at(*newest->times.activate + policy_.zsk_lifetime - policy_.dnskey_ttl - policy_.propagation, *newest);
  }

  /// `style: csk` where there was `ksk+zsk`.
  void hand_over_to_csk() {
    const ScheduledKey* csk = newest_of(true);
    if (csk == nullptr || !reached(csk->times.sync_publish, now_) || !reached(csk->times.activate, now_)) return;
    for (ScheduledKey& key : keys_) {
      if (key.sep || !stays(key)) continue;
      set_earlier(key.times.inactive, now_);
      retire(key, now_);
    }
  }

  /// Iret: when nobody signs with the key any more, what it signed leaves the caches, then the key leaves the zone.
  /// @param not_before  when its DS has left the caches
  void retire(ScheduledKey& key, UnixTime not_before) {
    out_.watch_servers = true;
    const std::string signing = still_signing(key.tag);
    if (!signing.empty()) return wait(key, "waits until " + signing + " signs with its successor");
    const auto leaves = std::max(not_before, now_ + policy_.zone_ttl) + policy_.propagation;
    key.times.remove = leaves;
    set_earlier(key.times.inactive, leaves);
  }

  void replace_at(UnixTime when, const ScheduledKey& key) {
    if (when <= now_) return make(key.sep, key.algorithm, false);
    set_earlier(lifetime_end_, when);
  }

  /// RFC 8078 section 4, RFC 6781 section 4.3.4: first no DS in any cache, then no key.
  void leave() {
    if (std::ranges::none_of(keys_, stays)) return;
    out_.watch_parents = true;
    const Count gone = count_parents([](const ParentObservation& parent) { return !parent.any_ds; });
    for (ScheduledKey& key : keys_) {
      if (!stays(key)) continue;
      if (!gone.all) {
        wait(key, seen_.parents.empty()
                      ? std::string("waits for the word that no DS is left at the parent (gslbctl key ds-gone)")
                      : "waits until no DS is left at the parent: gone at " + gone.text);
      } else {
        key.times.remove = now_ + ds_ttl() + policy_.propagation;
        set_earlier(key.times.sync_delete, now_);
      }
    }
  }

  void forget_old() {
    for (const ScheduledKey& key : keys_) {
      if (key.times.remove && *key.times.remove + keep_files <= now_) out_.forget.push_back(key.tag);
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i].times != before_[i].times) out_.changed.push_back(keys_[i]);
    }
  }

  // -- for people

  std::string does(const ScheduledKey& key) const {
    if (reached(key.times.remove, now_)) return "has left the zone";
    if (!published(key, now_)) return "is not in the zone yet";
    const bool signs_zone = out_.zone_signer == key.tag;
    if (holds(out_.key_signers, key.tag)) return signs_zone ? "signs everything" : "signs the keys";
    return signs_zone ? "signs the zone" : "is published";
  }

  void describe() {
    for (const ServerObservation& server : seen_.servers) {
      if (server.publishes_foreign && !keys_.empty())
        out_.warnings.push_back(server.name + " publishes a key that is not here: " +
                                (policy_.maker ? "does a second node make keys?" : "copy the maker's key files"));
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const KeyTimes& times = keys_[i].times;
      Wait& wait = waits_[i];
      if (times.remove && !reached(times.remove, now_)) wait = {"leaves the zone", times.remove};
      if (wait.why.empty() && times.activate && !reached(times.activate, now_))
        wait = {"signs from then on", times.activate};
      out_.status.push_back({keys_[i].tag, does(keys_[i]), wait.why, wait.until});
    }
  }

  UnixTime now_;
  const KeyPolicy& policy_;
  const std::vector<ScheduledKey>& before_;
  std::vector<ScheduledKey> keys_;
  std::vector<Wait> waits_;
  const Observations& seen_;
  std::optional<UnixTime> lifetime_end_;
  KeyStep out_;
};

}  // namespace

KeyStep step(UnixTime now, const KeyPolicy& policy, const std::vector<ScheduledKey>& keys, const Observations& seen) {
  return Schedule(now, policy, keys, seen).run();
}

KeyTimes times_of_new_key(UnixTime now, bool first) noexcept {
  KeyTimes times;
  times.created = times.publish = now;
  if (first) times.activate = now;
  return times;
}

}  // namespace gslb::dns
