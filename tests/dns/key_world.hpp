// tests/dns/key_world.hpp: a zone with its name servers, its parent and all caches of the world, over virtual months.
//
//   maker ─ files, copied late ─► followers          each polls the others, some answers get lost
//     └ CDS ─ somebody acts on it, days later ─► parent servers, each with a lag of its own
//
// The judge knows nothing of schedules. It keeps what every server ever said as intervals, and asks of each DS RRset,
// each DNSKEY RRset and each signature that can be in one cache at the same moment (cached until the TTL after the last
// moment it was served) whether a validator that has just these three accepts the answer (RFC 4035 section 5).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "dns/key_schedule.hpp"

namespace gslb::dns::testing {

using Tags = std::vector<std::uint16_t>;
using namespace std::chrono_literals;

/// What is really so, whatever the policy of the nodes believes.
struct Truth {
  seconds dnskey_ttl = 1h, zone_ttl = 2h, ds_ttl = 24h;
  seconds longest_copy = 5 * 24h;    ///< of key files to followers
  seconds longest_signing = 20min;   ///< from a step to its signatures being served
  seconds longest_registrar = 72h;   ///< from a CDS to the parent's zone
  seconds longest_parent_lag = 6h;   ///< from the parent's zone to each of its servers
  bool followers_are_listed = true;  ///< the maker knows of the other name servers
};

/// What was served, from when to when.
template <class State>
struct History {
  struct Interval {
    UnixTime from, to;
    State state;
  };
  std::vector<Interval> all;
  void serve(UnixTime now, const State& state) {
    if (!all.empty()) all.back().to = now;
    if (all.empty() || !(all.back().state == state)) all.push_back({now, now, state});
  }
  const State& now() const { return all.back().state; }
};

struct KeySet {
  Tags publish, key_signers;
  bool operator==(const KeySet&) const = default;
};

struct Node {
  KeyPolicy policy;
  std::vector<ScheduledKey> files;
  Observations seen;
  History<KeySet> dnskey;
  History<std::uint16_t> signer;  ///< 0: unsigned
  struct Pending {
    UnixTime at;
    KeySet keys;
    std::uint16_t signer;
  };
  std::deque<Pending> signing;
  UnixTime poll{};
};

class World {
 public:
  World(std::uint64_t seed, const Truth& truth, const KeyPolicy& policy, std::size_t followers, std::size_t parents)
      : truth_(truth), random_(seed), nodes_(followers + 1), parents_(parents) {
    for (Node& node : nodes_) {
      node.policy = policy;
      node.policy.maker = &node == nodes_.data();
      node.dnskey.serve(now_, {});
      node.signer.serve(now_, 0);
    }
    for (auto& parent : parents_) parent.serve(now_, {});
  }

  Node& maker() { return nodes_.front(); }
  UnixTime now() const { return now_; }
  std::size_t rolls() const { return next_tag_ - 1; }
  const std::vector<History<Tags>>& parents() const { return parents_; }

  /// Lets time pass.
  void run(seconds time) {
    const UnixTime end = now_ + time;
    while (now_ < end) {
      now_ += seconds(60 + random_.below(1800));
      copy_files();
      for (Node& node : nodes_) {
        poll(node);
        step_node(node);
        while (!node.signing.empty() && node.signing.front().at <= now_) {
          node.dnskey.serve(now_, node.signing.front().keys);
          node.signer.serve(now_, node.signing.front().signer);
          node.signing.pop_front();
        }
        node.dnskey.serve(now_, node.dnskey.now());
        node.signer.serve(now_, node.signer.now());
      }
      move_parent();
    }
  }

  /// A person wants a new key.
  void roll(bool sep) { add({next_tag_, maker().policy.algorithm, sep, times_of_new_key(now_, false)}); }
  void unsign(bool wanted) {
    for (Node& node : nodes_) node.policy.unsign = wanted;
  }

  /// Every set of three that can meet in a cache and does not validate; "" if there is none.
  std::string verdict() const {
    for (const auto& parent : parents_) {
      for (const auto& ds : parent.all) {
        if (ds.state.empty()) continue;  // insecure: anything goes
        for (const Node& keys_from : nodes_) {
          for (const auto& keys : keys_from.dnskey.all) {
            if (!meet(ds, truth_.ds_ttl, keys, truth_.dnskey_ttl)) continue;
            for (const Node& from : nodes_) {
              for (const auto& signer : from.signer.all) {
                const auto begin = std::max({ds.from, keys.from, signer.from});
                const auto end =
                    std::min({ds.to + truth_.ds_ttl, keys.to + truth_.dnskey_ttl, signer.to + truth_.zone_ttl});
                if (begin < end && !validates(ds.state, keys.state, signer.state))
                  return describe(begin, ds.state, keys.state, signer.state);
              }
            }
          }
        }
      }
    }
    return {};
  }

 private:
  template <class A, class B>
  static bool meet(const A& a, seconds a_ttl, const B& b, seconds b_ttl) {
    return std::max(a.from, b.from) < std::min(a.to + a_ttl, b.to + b_ttl);
  }
  static bool holds(const Tags& tags, std::uint16_t tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  }
  static bool validates(const Tags& ds, const KeySet& keys, std::uint16_t signer) {
    const bool trusted = std::any_of(ds.begin(), ds.end(), [&](std::uint16_t tag) {
      return holds(keys.publish, tag) && holds(keys.key_signers, tag);
    });
    return trusted && holds(keys.publish, signer);
  }
  std::string describe(UnixTime when, const Tags& ds, const KeySet& keys, std::uint16_t signer) const {
    std::string out = "at hour " + std::to_string((when - UnixTime{}) / 1h) + ": DS {";
    for (const auto tag : ds) out += " " + std::to_string(tag);
    out += " }, DNSKEY {";
    for (const auto tag : keys.publish) out += " " + std::to_string(tag);
    return out + " }, signature by " + std::to_string(signer);
  }

  void add(ScheduledKey key) {
    ++next_tag_;
    maker().files.push_back(std::move(key));
    announce();
  }

  /// The maker's files have changed; followers get them later.
  void announce() {
    for (std::size_t i = 1; i < nodes_.size(); ++i)
      copies_.push_back({now_ + random_time(random_.below(4) == 0 ? truth_.longest_copy : 1h), i});
  }
  void copy_files() {
    for (auto copy = copies_.begin(); copy != copies_.end();) {
      if (copy->at > now_) {
        ++copy;
      } else {
        nodes_[copy->node].files = maker().files;
        copy = copies_.erase(copy);
      }
    }
  }

  void poll(Node& node) {
    if (node.poll > now_) return;
    node.poll = now_ + seconds(300 + random_.below(1800));
    Observations& seen = node.seen;
    seen.servers.resize(node.policy.maker && !truth_.followers_are_listed ? 1 : nodes_.size());
    std::size_t at = 1;
    for (const Node& other : nodes_) {
      if (&other == &node || at >= seen.servers.size()) continue;
      ServerObservation& server = seen.servers[at++];
      server.name = "other";
      if (random_.below(5) == 0) continue;  // no answer: what was seen before stays
      server.answered = true;
      server.publishes = other.dnskey.now().publish;
      server.signs_with = other.signer.now() == 0 ? Tags{} : Tags{other.signer.now()};
    }
    seen.parents.resize(parents_.size());
    for (std::size_t i = 0; i < parents_.size(); ++i) {
      if (random_.below(5) == 0) continue;
      seen.parents[i].answered = true;
      seen.parents[i].ds = parents_[i].now();
      seen.parents[i].any_ds = !parents_[i].now().empty();
      seen.parents[i].ttl = truth_.ds_ttl / 2;  // of the set that is there now: what was before may have had more
    }
  }

  void step_node(Node& node) {
    KeyStep outcome;
    for (bool again = true; again;) {
      again = false;
      if (node.seen.servers.empty()) node.seen.servers.resize(1);
      node.seen.servers[0] = {"self", true, node.dnskey.now().publish,
                              node.signer.now() == 0 ? Tags{} : Tags{node.signer.now()}, false};
      outcome = step(now_, node.policy, node.files, node.seen);
      for (const ScheduledKey& changed : outcome.changed) {
        for (ScheduledKey& key : node.files) {
          if (key.tag == changed.tag) key = changed;
        }
        announce();
      }
      if (outcome.make != KeyStep::Make::nothing) {
        add({next_tag_, outcome.make_algorithm, outcome.make == KeyStep::Make::sep, outcome.make_times});
        again = true;
      }
      std::erase_if(node.files, [&](const ScheduledKey& key) { return holds(outcome.forget, key.tag); });
    }
    if (node.policy.maker) {
      cds_ = outcome.cds ? Tags{*outcome.cds} : Tags{};
      cds_delete_ = outcome.cds_delete;
    }
    const Node::Pending next{now_ + random_time(truth_.longest_signing),
                             {outcome.publish, outcome.key_signers},
                             outcome.zone_signer.value_or(0)};
    const bool same = node.signing.empty()
                          ? next.keys == node.dnskey.now() && next.signer == node.signer.now()
                          : next.keys == node.signing.back().keys && next.signer == node.signing.back().signer;
    if (!same) node.signing.push_back(next);
  }

  /// The registrar acts on a CDS some time after it appeared; then each server of the parent follows.
  void move_parent() {
    const Tags wanted = cds_delete_ ? Tags{} : cds_;
    if ((!wanted.empty() || cds_delete_) && wanted != parent_zone_ && !registrar_) {
      registrar_ = now_ + random_time(truth_.longest_registrar);
      registrar_wants_ = wanted;
    }
    if (registrar_ && *registrar_ <= now_) {
      registrar_.reset();
      parent_zone_ = registrar_wants_;
      for (std::size_t i = 0; i < parents_.size(); ++i)
        spreading_.push_back({now_ + random_time(truth_.longest_parent_lag), i});
    }
    for (auto one = spreading_.begin(); one != spreading_.end();) {
      if (one->at > now_) {
        ++one;
      } else {
        parents_[one->node].serve(now_, parent_zone_);
        one = spreading_.erase(one);
      }
    }
    for (auto& parent : parents_) parent.serve(now_, parent.now());
  }

  seconds random_time(seconds longest) {
    return seconds(random_.below(static_cast<std::uint32_t>(longest.count()) + 1));
  }

  struct Due {
    UnixTime at;
    std::size_t node;
  };
  Truth truth_;
  base::Random random_;
  UnixTime now_{std::chrono::days(20'000)};
  std::vector<Node> nodes_;
  std::vector<History<Tags>> parents_;
  std::vector<Due> copies_, spreading_;
  std::uint16_t next_tag_ = 1;
  Tags cds_, parent_zone_, registrar_wants_;
  bool cds_delete_ = false;
  std::optional<UnixTime> registrar_;
};

}  // namespace gslb::dns::testing
