// The verbs of gslbctl about keys of signed zones and challenges for certificates: key, acme.
#include <memory>

#include "control/ctl_acme.hpp"
#include "control/ctl_keys.hpp"
#include "control/words.hpp"

namespace gslb::control {

namespace {

void add_key_questions(Words& words, CLI::App* group) {
  struct Options {
    std::string zone;
    std::string digest = "sha256";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* status =
      words.verb(group, "status", "every key, what it does and what it waits for",
                 "  gslbctl key status                    all signed zones\n"
                 "  gslbctl key status example.org\n"
                 "  gslbctl --json key status             for scripts",
                 [options](const Asked& asked) { return key_status(asked.connection, asked.output, options->zone); });
  CLI::App* ds = words.verb(
      group, "ds", "the DS records that the parent should have now, ready to paste",
      "  gslbctl key ds example.org\n"
      "  gslbctl key ds example.org --digest sha384",
      [options](const Asked& asked) { return key_ds(asked.connection, asked.output, options->zone, options->digest); });
  ds->add_option("--digest", options->digest, "digest of the DS")
      ->type_name("sha256|sha384")
      ->check(CLI::IsMember({"sha256", "sha384"}))
      ->capture_default_str();
  for (CLI::App* sub : {status, ds}) sub->add_option("ZONE", options->zone, "all if left out");
}

void add_key_orders(Words& words, CLI::App* group) {
  using Verb = KeyOrder::Verb;
  const auto order = std::make_shared<KeyOrder>();
  const auto add = [&](const char* name, const char* does, const std::string& examples, Verb verb) {
    CLI::App* sub = words.verb(group, name, does, examples, [order, verb](const Asked& asked) {
      order->verb = verb;
      return key_order(asked.connection, asked.output, *order);
    });
    sub->add_option("ZONE", order->zone, "name of the zone")->required();
    return sub;
  };
  add("generate", "makes a key; it replaces the one before, step by step",
      "  gslbctl key generate example.org        a new CSK or KSK\n"
      "  gslbctl key generate example.org --zsk  a new ZSK",
      Verb::generate)
      ->add_flag("--zsk", order->zsk, "a ZSK, in a zone of style ksk+zsk");
  add("import", "takes keys in BIND's format into the zone's folder",
      "  gslbctl key import example.org /srv/keys/Kexample.org.+013+57470\n"
      "  gslbctl key import example.org /srv/keys/Kexample.org.*.key       a KSK and its ZSK, at once",
      Verb::import)
      ->add_option("PATH", order->paths, "of each .key or .private file, on the server")
      ->required();
  add("ds-seen", "says that every server of the parent shows the DS of the new key",
      "  gslbctl key ds-seen example.org         of the newest key\n"
      "  gslbctl key ds-seen example.org 57470",
      Verb::ds_seen)
      ->add_option("TAG", order->tag, "of the key; the newest if left out")
      ->check(CLI::Range(0, 65535));
  add("ds-gone", "says that no server of the parent has a DS any more (dnssec.unsign)",
      "  gslbctl key ds-gone example.org", Verb::ds_gone);
  add("retire", "has a key leave: at once if nothing relies on it, else a new one replaces it",
      "  gslbctl key retire example.org 57470", Verb::retire)
      ->add_option("TAG", order->tag, "of the key")
      ->required()
      ->check(CLI::Range(0, 65535));
}

void add_acme_orders(Words& words, CLI::App* group) {
  const auto options = std::make_shared<AcmeOptions>();
  using Order = Exit (*)(const AcmeOptions&, const Output&);
  const auto add = [&](const char* name, const char* does, const std::string& examples, Order order) {
    const auto deed = [options, order](const Asked& asked) {
      if (options->sockets.empty()) options->sockets = {asked.connection.socket};
      options->timeout = asked.connection.timeout;
      return order(*options, asked.output);
    };
    CLI::App* sub = words.verb(group, name, does, examples, deed, Words::campaign);
    sub->add_option("NAME", options->name, "of a service, or the apex of its zone; *. before it means the same")
        ->required();
    sub->add_option("VALUE", options->value, "what the ACME client gives its DNS hook")->required(order == &acme_set);
    sub->add_option("--server", options->sockets, "control socket of each server (default: that of --socket)")
        ->type_name("PATH")
        ->allow_extra_args(false);
    sub->add_option("--ns", options->name_servers, "ask these name servers (default: every NS of the zone, at port 53)")
        ->type_name("ADDRESS[:PORT]")
        ->allow_extra_args(false);
    return sub;
  };
  add("set", "answers a CA; returns when every name server of the zone does",
      "  gslbctl acme set www.gslb.example.org VALUE\n"
      "  gslbctl acme set www.gslb.example.org VALUE --for 10m\n"
      "  gslbctl acme set gslb.example.org VALUE --server /run/ns1.sock --server /run/ns2.sock",
      &acme_set)
      ->add_option("--for", options->lasts, "how long; then it is gone by itself; at most 7d")
      ->type_name("DURATION")
      ->capture_default_str();
  add("clear", "takes it away before it expires; returns when no name server shows it",
      "  gslbctl acme clear www.gslb.example.org VALUE\n"
      "  gslbctl acme clear www.gslb.example.org        all values",
      &acme_clear);
}

}  // namespace

void add_secret_words(Words& words) {
  CLI::App* key = words.group("key", "keys of signed zones: what each does and waits for; new ones, the parent's DS",
                              "  gslbctl key status\n"
                              "  gslbctl key ds example.org");
  add_key_questions(words, key);
  add_key_orders(words, key);
  CLI::App* acme = words.group("acme", "challenges of ACME DNS-01, for certificates",
                               "  gslbctl acme set www.gslb.example.org VALUE\n"
                               "  gslbctl acme clear www.gslb.example.org");
  add_acme_orders(words, acme);
  words.verb(acme, "list", "what is set, and until when", "  gslbctl acme list",
             [](const Asked& asked) { return acme_list(asked.connection, asked.output); });
}

}  // namespace gslb::control
