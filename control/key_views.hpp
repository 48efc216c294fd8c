// control/key_views.hpp: the keys of signed zones as the control API shows and orders them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace gslb::control {

/// Nothing of the private half is ever in here.
struct KeyView {
  unsigned tag = 0;
  std::string algorithm;   ///< "ECDSAP256SHA256"
  std::string role;        ///< "CSK", "KSK", "ZSK"
  std::string does;        ///< "signs everything"
  std::string waits;       ///< "waits for the new DS at the parent: seen at 2 of 3 parent servers"; "" for nothing
  base::WallTime until{};  ///< when that ends; the epoch: nobody knows
  base::WallTime created{};
  std::string file;             ///< path without suffix
  bool ds_wanted = false;       ///< the parent should have the DS of this key, and of no other
  std::vector<std::string> ds;  ///< whole records, of a KSK or CSK, SHA-256 then SHA-384
};

struct ZoneKeysView {
  std::string zone;  ///< "example.org."
  bool maker = false;
  bool is_signed = false;
  bool awaits_keys = false;  ///< its first key is still to come: until then its queries get SERVFAIL
  std::vector<KeyView> keys;
  std::vector<std::string> warnings;
};

/// What a person wants done with the keys of a zone.
struct KeyOrder {
  enum class Verb { generate, import, ds_seen, ds_gone, retire };
  Verb verb{};
  std::string zone;
  bool zsk = false;                ///< of generate
  unsigned tag = 0;                ///< of ds_seen and retire; ds_seen: 0 is the newest
  std::vector<std::string> paths;  ///< of import: of each key's files, on the server
};

/// What came of an order, in a sentence.
struct KeyOutcome {
  bool ok = false;
  std::string what;
  std::string hint;  ///< what to do instead; may be empty
};

}  // namespace gslb::control
