#include "dns/signing_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "dns/dnskey.hpp"

namespace gslb::dns {

namespace {

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* what) const noexcept {
    free(what);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

constexpr std::size_t coordinate = 32;                  // octets of a number of P-256
constexpr std::size_t point_size = 1 + 2 * coordinate;  // 4 | x | y
constexpr std::size_t longest_der = 72;                 // of an ECDSA signature on P-256

base::Error failure() { return {"OpenSSL cannot make this key"}; }

Pkey p256_key(const Secret& secret) {
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const SecretNumber number(BN_secure_new());
  if (!group || !number || BN_bin2bn(secret.data(), secret.size(), number.get()) == nullptr) return nullptr;
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0) return nullptr;
  const Point point(EC_POINT_new(group.get()));
  std::array<std::uint8_t, point_size> octets{};
  if (!point || EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, octets.data(), octets.size(),
                         nullptr) != octets.size())
    return nullptr;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size()) != 1)
    return nullptr;
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1)
    return nullptr;
  return Pkey(key);
}

/// Appends the public key field of a DNSKEY: x | y (RFC 6605 section 4), or the 32 octets of RFC 8080 section 3.
bool append_public(const EVP_PKEY* key, DnssecAlgorithm algorithm, std::vector<std::uint8_t>& out) {
  std::array<std::uint8_t, point_size> octets{};
  std::size_t size = octets.size();
  if (algorithm == DnssecAlgorithm::ed25519) {
    if (EVP_PKEY_get_raw_public_key(key, octets.data(), &size) != 1) return false;
    for (std::size_t i = 0; i < size; ++i) out.push_back(octets[i]);
    return true;
  }
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size(), &size) != 1 ||
      size != point_size)
    return false;
  for (std::size_t i = 1; i < size; ++i) out.push_back(octets[i]);
  return true;
}

/// SEQUENCE { r, s } to r | s.
bool flatten(std::span<const std::uint8_t> der, Signature& out) {
  const std::uint8_t* at = der.data();
  const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  return parsed && BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out.data(), coordinate) == coordinate &&
         BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out.data() + coordinate, coordinate) == coordinate;
}

}  // namespace

std::string_view to_string(DnssecAlgorithm algorithm) noexcept {
  return algorithm == DnssecAlgorithm::ed25519 ? "ED25519" : "ECDSAP256SHA256";
}

std::optional<DnssecAlgorithm> signing_algorithm(unsigned number) noexcept {
  for (const auto known : {DnssecAlgorithm::ecdsap256sha256, DnssecAlgorithm::ed25519}) {
    if (number == static_cast<unsigned>(known)) return known;
  }
  return std::nullopt;
}

void wipe(std::span<std::uint8_t> octets) noexcept { OPENSSL_cleanse(octets.data(), octets.size()); }

struct SigningKey::Private {
  Pkey pkey;
};

SigningKey::SigningKey(std::unique_ptr<Private> key, std::vector<std::uint8_t> dnskey)
    : key_(std::move(key)), dnskey_(std::move(dnskey)), tag_(key_tag(dnskey_)) {}

SigningKey::~SigningKey() = default;

base::Result<SigningKeyPtr> SigningKey::finish(std::unique_ptr<Private> key, DnssecAlgorithm algorithm, bool sep) {
  constexpr std::uint8_t protocol = 3;  // RFC 4034 section 2.1.2
  std::vector<std::uint8_t> dnskey{flag_zone >> 8, sep ? std::uint8_t{flag_sep} : std::uint8_t{0}, protocol,
                                   static_cast<std::uint8_t>(algorithm)};
  if (!key->pkey || !append_public(key->pkey.get(), algorithm, dnskey)) return failure();
  return SigningKeyPtr(new SigningKey(std::move(key), std::move(dnskey)));
}

base::Result<SigningKeyPtr> SigningKey::generate(DnssecAlgorithm algorithm, bool sep) {
  auto key = std::make_unique<Private>();
  key->pkey.reset(algorithm == DnssecAlgorithm::ed25519
                      ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", SN_X9_62_prime256v1));
  return finish(std::move(key), algorithm, sep);
}

base::Result<SigningKeyPtr> SigningKey::from_secret(DnssecAlgorithm algorithm, bool sep, const Secret& secret) {
  auto key = std::make_unique<Private>();
  key->pkey = algorithm == DnssecAlgorithm::ed25519
                  ? Pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), secret.size()))
                  : p256_key(secret);
  return finish(std::move(key), algorithm, sep);
}

bool SigningKey::sign(std::span<const std::uint8_t> data, Signature& out) const {
  const bool ed25519 = algorithm() == DnssecAlgorithm::ed25519;
  const DigestContext context(EVP_MD_CTX_new());
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, ed25519 ? nullptr : EVP_sha256(), nullptr, key_->pkey.get()) != 1)
    return false;
  if (ed25519) {
    std::size_t size = out.size();
    return EVP_DigestSign(context.get(), out.data(), &size, data.data(), data.size()) == 1 && size == out.size();
  }
  std::array<std::uint8_t, longest_der> der{};
  std::size_t size = der.size();
  return EVP_DigestSign(context.get(), der.data(), &size, data.data(), data.size()) == 1 &&
         flatten(std::span(der).first(size), out);
}

bool SigningKey::copy_secret(Secret& out) const {
  if (algorithm() == DnssecAlgorithm::ed25519) {
    std::size_t size = out.size();
    return EVP_PKEY_get_raw_private_key(key_->pkey.get(), out.data(), &size) == 1 && size == out.size();
  }
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key_->pkey.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) return false;
  const SecretNumber owned(number);
  return BN_bn2binpad(number, out.data(), coordinate) == coordinate;
}

}  // namespace gslb::dns
