// dns/signing_key.hpp: a private key of a zone and the DNSKEY that belongs to it (RFC 4034 section 2).
//
//   key file ──► SigningKey ──dnskey()──► what the zone publishes
//   generate ─┘             ──sign()────► the signature field of an RRSIG
//
// Owns:    the private half, inside OpenSSL, which wipes it when the last owner goes.
// Threads: immutable; sign() from any thread, several at once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace gslb::dns {

/// Those of RFC 8624 that a new zone should be signed with. Both sign with 64 octets and have private keys of 32.
enum class DnssecAlgorithm : std::uint8_t { ecdsap256sha256 = 13, ed25519 = 15 };

/// The mnemonic: "ECDSAP256SHA256", "ED25519".
std::string_view to_string(DnssecAlgorithm algorithm) noexcept;
/// From the number in a DNSKEY; nothing for algorithms that this server does not sign with.
std::optional<DnssecAlgorithm> signing_algorithm(unsigned number) noexcept;

inline constexpr std::uint16_t flag_zone = 0x0100;    ///< RFC 4034 section 2.1.1: without it no key of a zone
inline constexpr std::uint16_t flag_sep = 0x0001;     ///< secure entry point: the parent's DS is for this key
inline constexpr std::uint16_t flag_revoke = 0x0080;  ///< RFC 5011 section 3

using Signature = std::array<std::uint8_t, 64>;
/// The private half alone. Whoever holds one wipes it with wipe().
using Secret = std::array<std::uint8_t, 32>;

/// Overwrites octets in a way that no compiler leaves out.
void wipe(std::span<std::uint8_t> octets) noexcept;

class SigningKey;
using SigningKeyPtr = std::shared_ptr<const SigningKey>;

class SigningKey {
 public:
  /// A new key from the system's randomness.
  /// @param sep  a KSK or CSK (flags 257) rather than a ZSK (256)
  [[nodiscard]] static base::Result<SigningKeyPtr> generate(DnssecAlgorithm algorithm, bool sep);
  /// The key whose private half is `secret`; the public half is computed from it.
  [[nodiscard]] static base::Result<SigningKeyPtr> from_secret(DnssecAlgorithm algorithm, bool sep,
                                                               const Secret& secret);
  ~SigningKey();
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  DnssecAlgorithm algorithm() const noexcept { return static_cast<DnssecAlgorithm>(dnskey_[3]); }
  std::uint16_t flags() const noexcept { return static_cast<std::uint16_t>(dnskey_[0] << 8 | dnskey_[1]); }
  bool sep() const noexcept { return (flags() & flag_sep) != 0; }
  /// RFC 4034 appendix B.
  std::uint16_t tag() const noexcept { return tag_; }
  /// The RDATA of the DNSKEY.
  std::span<const std::uint8_t> dnskey() const noexcept { return dnskey_; }

  /// Signs `data`: for ECDSA r | s as in RFC 6605 section 4, for Ed25519 the signature of RFC 8080 section 4.
  /// @return false if OpenSSL could not, which only lack of memory explains; `out` is then unspecified
  [[nodiscard]] bool sign(std::span<const std::uint8_t> data, Signature& out) const;

  /// Copies the private half out, for key files only.
  [[nodiscard]] bool copy_secret(Secret& out) const;

 private:
  struct Private;
  SigningKey(std::unique_ptr<Private> key, std::vector<std::uint8_t> dnskey);
  static base::Result<SigningKeyPtr> finish(std::unique_ptr<Private> key, DnssecAlgorithm algorithm, bool sep);

  std::unique_ptr<Private> key_;
  std::vector<std::uint8_t> dnskey_;
  std::uint16_t tag_;
};

}  // namespace gslb::dns
