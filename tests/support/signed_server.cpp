#include "tests/support/signed_server.hpp"

namespace gslb::test {

dns::SigningKeyPtr fixed_key(unsigned number, bool sep, dns::DnssecAlgorithm algorithm) {
  dns::Secret secret{};
  secret.fill(static_cast<std::uint8_t>(number + 1));
  return *dns::SigningKey::from_secret(algorithm, sep, secret);
}

namespace {

std::shared_ptr<zones::ZoneKeys> keys_of(const dns::SigningKeyPtr& of_keys, const dns::SigningKeyPtr& of_zone) {
  auto out = std::make_shared<zones::ZoneKeys>();
  out->key_signers = {of_keys};
  out->zone_signers = {of_zone};
  for (const auto& key : {of_keys, of_zone}) out->dnskeys.emplace_back(key->dnskey().begin(), key->dnskey().end());
  return out;
}

}  // namespace

std::shared_ptr<zones::ZoneKeys> csk(dns::DnssecAlgorithm algorithm) {
  const auto key = fixed_key(1, true, algorithm);
  return keys_of(key, key);
}

std::shared_ptr<zones::ZoneKeys> ksk_and_zsk(dns::DnssecAlgorithm algorithm) {
  return keys_of(fixed_key(2, true, algorithm), fixed_key(3, false, algorithm));
}

SignedServer::SignedServer(const std::string& apex, const std::string& yaml, zones::ZoneKeysPtr keys, std::int64_t now)
    : store_(std::make_unique<zones::SignatureStore>()), validator_(apex, keys->dnskeys, now) {
  engine::CompileOptions options;
  options.store = store_.get();
  options.clock = {now};
  options.keys_of = [keys](const zones::ZoneSpec&, base::ErrorList&) { return keys; };
  server_ = std::make_unique<TestServer>("state: /nonexistent\n" + yaml, options);
}

Reply SignedServer::ask(const std::string& name, unsigned type, unsigned payload) {
  Ask ask;
  ask.name = name;
  ask.type = type;
  ask.dnssec_ok = true;
  if (payload == 0) {
    ask.transport = engine::Transport::stream;
  } else {
    ask.payload = payload;
  }
  return server_->ask(ask);
}

}  // namespace gslb::test
