#include "server/key_orders.hpp"

#include <algorithm>

namespace gslb::server {

namespace {

using control::KeyOrder;
using control::KeyOutcome;

constexpr const char* see_status = "gslbctl key status shows the keys and what they wait for";

/// "2026-11-24 04:19:07 UTC"
std::string at(dns::UnixTime time) {
  const std::string text = dns::key_time_text(time);
  return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2) + " " + text.substr(8, 2) + ":" +
         text.substr(10, 2) + ":" + text.substr(12, 2) + " UTC";
}

std::string name(unsigned tag) { return "key " + std::to_string(tag); }

class Orders {
 public:
  Orders(KeptKeys& keys, dns::UnixTime now) : keys_(keys), now_(now) {}

  KeyOutcome generate(bool sep) {
    const zones::DnssecSpec& spec = keys_.spec();
    if (!sep && !spec.split)
      return {false, "the zone has no ZSK: its style is csk", "set dnssec.style: ksk+zsk, or generate without --zsk"};
    if (spec.unsign) return {false, "the zone is on its way to unsigned", "take `unsign` out of the configuration"};
    const auto same = std::ranges::count_if(
        keys_.files(), [&](const dns::KeyFile& file) { return file.key->sep() == sep && !file.times.remove; });
    if (same > 1) return {false, "such a key is being replaced already", see_status};
    const auto present = present_keys();
    if (present >= dns::most_keys)
      return {false, "the zone has " + std::to_string(present) + " keys", "wait until one has left"};
    if (present == 0 && signed_elsewhere())
      return {false,
              "the zone is signed with a key that is not here: another name server publishes it, or the parent has "
              "its DS",
              "gslbctl key import takes it; otherwise have the DS removed, and wait until it has left the caches"};
    const dns::KeyFile* like = newest_sep();
    const auto made = keys_.make(like != nullptr ? like->key->algorithm() : spec.algorithm, sep,
                                 dns::times_of_new_key(now_, present == 0));
    if (!made) return {false, made.error().what, {}};
    return {true,
            "made " + name(made->key->tag()) + ", a " + keys_.role(*made) +
                (same == 0 ? "" : "; it replaces the one before step by step"),
            {}};
  }

  /// All or none. Keys beside others become successors: nobody can have them in a cache yet. Those of a zone that has
  /// none here take over as they are, together: with one of them missing, what the others signed would be bogus.
  KeyOutcome import(const std::vector<std::string>& paths) {
    std::vector<dns::KeyFile> files;
    for (const std::string& path : paths) {
      auto file = dns::read_key_file(path, keys_.apex());
      if (!file) return {false, file.error().what, "name the .key or .private file by its path on the server"};
      const std::uint16_t tag = file->key->tag();
      const bool twice = std::ranges::any_of(files, [tag](const auto& other) { return other.key->tag() == tag; });
      if (twice || keys_.find(tag) != nullptr)
        return {false, "the zone has a key with tag " + std::to_string(tag) + " already", {}};
      files.push_back(std::move(*file));
    }
    const auto present = present_keys();
    if (present + files.size() > dns::most_keys)
      return {false, "the zone would have " + std::to_string(present + files.size()) + " keys",
              "at most " + std::to_string(dns::most_keys) + " can be published at once"};
    for (dns::KeyFile& file : files) {
      if (present != 0) {
        file.times = dns::times_of_new_key(now_, false);
      } else {
        for (auto time : {&dns::KeyTimes::created, &dns::KeyTimes::publish, &dns::KeyTimes::activate}) {
          if (!(file.times.*time)) file.times.*time = now_;
        }
      }
      if (const auto written = keys_.put(file); !written) return {false, written.error().what, {}};
    }
    std::string what;
    for (const dns::KeyFile& file : files)
      what += (what.empty() ? "imported " : "; ") + name(file.key->tag()) + ", a " + keys_.role(file);
    return {true, what, {}};
  }

  KeyOutcome ds_seen(unsigned tag) {
    const dns::KeyFile* file = tag == 0 ? newest_sep() : keys_.find(tag);
    if (file == nullptr || !file->key->sep())
      return {false, tag == 0 ? "the zone has no key for a DS" : "no KSK or CSK has tag " + std::to_string(tag),
              see_status};
    if (!dns::reached(file->times.sync_publish, now_))
      return {false,
              "the DS of " + name(file->key->tag()) + " must not be at the parent yet: caches may lack the key" +
                  (file->times.sync_publish ? " until " + at(*file->times.sync_publish) : ""),
              see_status};
    dns::KeyFile changed = *file;
    if (!changed.times.ds_seen) changed.times.ds_seen = now_;
    if (const auto written = keys_.put(changed); !written) return {false, written.error().what, {}};
    return {true, "noted: every server of the parent shows the DS of " + name(changed.key->tag()), {}};
  }

  KeyOutcome ds_gone() {
    if (!keys_.spec().unsign)
      return {false, "the zone is to stay signed", "to take it back to unsigned: dnssec: { unsign: true }"};
    if (std::ranges::any_of(keys_.seen().parents, &dns::ParentObservation::any_ds))
      return {false, "a server of the parent still has a DS", see_status};
    const auto leaves = now_ + keys_.spec().ds_ttl + keys_.spec().propagation;
    const std::vector<dns::KeyFile> files = keys_.files();
    for (dns::KeyFile file : files) {
      if (file.times.remove) continue;
      file.times.remove = leaves;
      if (const auto written = keys_.put(file); !written) return {false, written.error().what, {}};
    }
    return {true, "noted: the zone stays signed until " + at(leaves) + ", when no cache has the DS any more", {}};
  }

  KeyOutcome retire(unsigned tag) {
    const dns::KeyFile* file = keys_.find(tag);
    if (file == nullptr) return {false, "no key has tag " + std::to_string(tag), see_status};
    if (file->times.remove) return {false, name(tag) + " leaves already, at " + at(*file->times.remove), {}};
    if (!dns::reached(file->times.activate, now_) && !dns::reached(file->times.sync_publish, now_))
      return withdraw(*file);
    const bool replaced = std::ranges::any_of(keys_.files(), [&](const dns::KeyFile& other) {
      return other.key->sep() == file->key->sep() && !other.times.remove && other.times.publish > file->times.publish;
    });
    if (replaced) return {false, name(tag) + " is being replaced already", see_status};
    KeyOutcome successor = generate(file->key->sep());
    if (successor.ok) successor.what = name(tag) + " will leave: " + successor.what;
    return successor;
  }

 private:
  /// A key that nothing relies on yet. What it was to replace goes on.
  KeyOutcome withdraw(dns::KeyFile file) {
    const std::vector<dns::KeyFile> all = keys_.files();
    for (dns::KeyFile other : all) {
      if (other.key->sep() != file.key->sep() || !other.times.inactive || *other.times.inactive <= now_) continue;
      other.times.inactive.reset();
      if (const auto written = keys_.put(other); !written) return {false, written.error().what, {}};
    }
    file.times.remove = now_;
    if (const auto written = keys_.put(file); !written) return {false, written.error().what, {}};
    return {true, name(file.key->tag()) + ", which nothing relied on yet, has left", {}};
  }

  bool signed_elsewhere() const {
    const dns::Observations seen = keys_.seen();
    return std::ranges::any_of(seen.parents, &dns::ParentObservation::any_ds) ||
           std::ranges::any_of(seen.servers, &dns::ServerObservation::publishes_foreign);
  }

  std::size_t present_keys() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        keys_.files(), [&](const dns::KeyFile& file) { return !dns::reached(file.times.remove, now_); }));
  }

  const dns::KeyFile* newest_sep() const {
    const dns::KeyFile* newest = nullptr;
    for (const dns::KeyFile& file : keys_.files()) {
      if (!file.key->sep() || file.times.remove) continue;
      if (newest == nullptr || file.times.publish > newest->times.publish) newest = &file;
    }
    return newest;
  }

  KeptKeys& keys_;
  dns::UnixTime now_;
};

KeyOutcome dispatch(const KeyOrder& order, KeptKeys& keys, dns::UnixTime now) {
  Orders orders(keys, now);
  switch (order.verb) {
    case KeyOrder::Verb::generate:
      return orders.generate(!order.zsk);
    case KeyOrder::Verb::import:
      return orders.import(order.paths);
    case KeyOrder::Verb::ds_seen:
      return orders.ds_seen(order.tag);
    case KeyOrder::Verb::ds_gone:
      return orders.ds_gone();
    case KeyOrder::Verb::retire:
      return orders.retire(order.tag);
  }
  return {false, "an unknown order", {}};
}

}  // namespace

KeyOutcome carry_out(const KeyOrder& order, KeptKeys& keys, dns::UnixTime now) {
  if (!keys.spec().maker)
    return {false, "this node does not make the keys of " + keys.apex().to_string() + ": its role is follower",
            "ask the node with dnssec.role: maker"};
  keys.run(now);
  KeyOutcome outcome = dispatch(order, keys, now);
  if (outcome.ok) keys.run(now);
  return outcome;
}

}  // namespace gslb::server
