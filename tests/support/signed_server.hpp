// tests/support/signed_server.hpp: a whole server without sockets whose zones are signed, and the resolver that checks
// its replies.
#pragma once

#include <memory>
#include <string>

#include "tests/support/test_server.hpp"
#include "tests/support/validator.hpp"
#include "zones/signature_store.hpp"

namespace gslb::test {

inline constexpr std::int64_t signing_time = 1'790'000'000;

/// Always the same key for the same number.
dns::SigningKeyPtr fixed_key(unsigned number, bool sep, dns::DnssecAlgorithm algorithm);
/// One key for everything.
std::shared_ptr<zones::ZoneKeys> csk(dns::DnssecAlgorithm algorithm = dns::DnssecAlgorithm::ecdsap256sha256);
/// A KSK and a ZSK.
std::shared_ptr<zones::ZoneKeys> ksk_and_zsk(dns::DnssecAlgorithm algorithm = dns::DnssecAlgorithm::ecdsap256sha256);

class SignedServer {
 public:
  /// Every zone of `yaml` that says dnssec is signed with `keys`; the validator trusts them for `apex`.
  SignedServer(const std::string& apex, const std::string& yaml, zones::ZoneKeysPtr keys = csk(),
               std::int64_t now = signing_time);

  /// Over TCP unless `payload` is given, with DO.
  Reply ask(const std::string& name, unsigned type, unsigned payload = 0);
  /// Why a resolver would call the reply bogus; "" if it would not.
  std::string why_bogus(const std::string& name, unsigned type) {
    return validator_.why_bogus(ask(name, type), name, type);
  }

  zones::SignatureStore& store() { return *store_; }
  TestServer& server() { return *server_; }
  Validator& validator() { return validator_; }

 private:
  std::unique_ptr<zones::SignatureStore> store_;
  std::unique_ptr<TestServer> server_;
  Validator validator_;
};

}  // namespace gslb::test
