#include "server/key_keeper.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <map>

#include "base/log.hpp"
#include "dns/types.hpp"
#include "server/dns_asker.hpp"
#include "server/kept_keys.hpp"
#include "server/key_orders.hpp"

namespace gslb::server {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

using Answer = base::Result<std::vector<Answered>>;

constexpr seconds shortest_pause{1}, longest_pause{300};  // between questions while something waits for their answers
constexpr seconds longest_calm{3600};                     // and while nothing does
constexpr seconds files_pause{60};                        // between looks at the key files

seconds asking_pause(const KeptKeys& keys) {
  const seconds ttl = keys.spec().dnskey_ttl;
  return keys.waits_for_others() ? std::clamp(ttl / 4, shortest_pause, longest_pause)
                                 : std::clamp(ttl, shortest_pause, longest_calm);
}

template <class Time>
seconds until(Time time, Time now) {
  return std::max(seconds(0), std::chrono::ceil<seconds>(time - now));
}

}  // namespace

struct KeyKeeper::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& c, Builder& b, Publish p, Now n)
      : control(c), builder(b), publish(std::move(p)), now(std::move(n)), timer(c) {}

  /// A zone, and what is under way for it.
  struct Zone {
    explicit Zone(SignedZone zone) : keys(std::move(zone)), handed(keys.live()) {}
    KeptKeys keys;
    zones::ZoneKeysPtr handed;   ///< what workers have, or are about to have
    base::SteadyTime look_at{};  ///< when to step next
    base::SteadyTime ask_at{};   ///< when to ask next
    unsigned open_questions = 0;
    bool publishing = false;
  };

  // -- builder thread

  void keep(std::vector<SignedZone>& kept) {
    std::map<std::string, Zone> next;
    for (SignedZone& zone : kept) {
      std::string name = zone.apex.to_string();
      if (auto had = zones.extract(name)) {
        Zone& known = had.mapped();
        known.keys.reconfigure(std::move(zone));
        if (!known.publishing) known.handed = known.keys.live();
        known.look_at = known.ask_at = {};
        next.insert(std::move(had));
      } else {
        next.emplace(std::move(name), Zone(std::move(zone)));
      }
    }
    zones = std::move(next);
    tick();
  }

  /// Steps the zones that are due, and sleeps until the next is.
  void tick() {
    for (auto& [name, zone] : zones) {
      if (zone.look_at <= base::steady_now()) look(zone);
    }
    sleep();
  }

  void look(Zone& zone) {
    zone.keys.run(now());
    if (!zone.publishing && !same_keys(zone.keys.wanted(), zone.keys.live())) republish(zone);
    if (zone.open_questions == 0 && base::steady_now() >= zone.ask_at) ask(zone);
    const KeptKeys& keys = zone.keys;
    seconds pause = std::clamp(keys.spec().dnskey_ttl / 4, shortest_pause, files_pause);
    if (keys.next()) pause = std::min(pause, until(*keys.next(), now()));
    if (asks(keys)) pause = std::min(pause, until(zone.ask_at, base::steady_now()));
    zone.look_at = base::steady_now() + std::max(pause, shortest_pause);
  }

  static bool asks(const KeptKeys& keys) { return !keys.spec().servers.empty() || !keys.spec().parent.empty(); }

  void republish(Zone& zone) {
    zone.publishing = true;
    zone.handed = zone.keys.wanted();
    publish(zone.keys.apex(), zone.handed,
            [self = shared_from_this(), apex = zone.keys.apex(), handed = zone.handed](bool published) {
              self->builder.post([self, apex, handed, published] { self->published(apex, handed, published); });
            });
  }

  void published(const dns::Name& apex, const zones::ZoneKeysPtr& keys, bool done) {
    const auto found = zones.find(apex.to_string());
    if (found == zones.end()) return;
    Zone& zone = found->second;
    zone.publishing = false;
    if (done) {
      zone.keys.set_live(keys);
      look(zone);
    } else {
      zone.handed = zone.keys.live();
    }
    sleep();
  }

  void ask(Zone& zone) {
    zone.ask_at = base::steady_now() + asking_pause(zone.keys);
    const dns::Name& apex = zone.keys.apex();
    for (const auto& server : zone.keys.spec().servers) ask_server_about(apex, server.value);
    for (const auto& parent : zone.keys.spec().parent) ask_parent_about(apex, parent.value);
    zone.open_questions = static_cast<unsigned>(zone.keys.spec().servers.size() + zone.keys.spec().parent.size());
  }

  // -- any thread, then control

  void ask_server_about(const dns::Name& apex, const base::SocketAddress& address) {
    ask_server(control, address, apex, dns::Rtype::DNSKEY, [self = shared_from_this(), apex, address](Answer dnskey) {
      if (!dnskey) return self->in_vain(apex, address, dnskey.error());
      ask_server(self->control, address, apex, dns::Rtype::SOA,
                 [self, apex, address, dnskey = std::move(dnskey)](const Answer& soa) {
                   if (!soa) return self->in_vain(apex, address, soa.error());
                   self->note(apex,
                              [address, dnskey, soa](KeySightings& seen) { seen.saw_server(address, *dnskey, *soa); });
                 });
    });
  }

  void ask_parent_about(const dns::Name& apex, const base::SocketAddress& address) {
    ask_server(control, address, apex, dns::Rtype::DS, [self = shared_from_this(), apex, address](const Answer& ds) {
      if (!ds) return self->in_vain(apex, address, ds.error());
      self->note(apex, [address, ds](KeySightings& seen) { seen.saw_parent(address, *ds); });
    });
  }

  void in_vain(const dns::Name& apex, const base::SocketAddress& address, const base::Error& error) {
    base::log_debug(
        "asked about keys in vain",
        {{"dns.zone", apex.to_string()}, {"server.address", base::to_string(address)}, {"error.message", error.what}});
    note(apex, [address](KeySightings& seen) { seen.saw_nothing(address); });
  }

  /// One question less; after the last of a round the zone takes its next step.
  void note(const dns::Name& apex, std::function<void(KeySightings&)> saw) {
    builder.post([self = shared_from_this(), apex, saw = std::move(saw)] {
      const auto found = self->zones.find(apex.to_string());
      if (found == self->zones.end()) return;
      Zone& zone = found->second;
      saw(zone.keys.sightings());
      if (zone.open_questions > 0) --zone.open_questions;
      if (zone.open_questions > 0) return;
      self->look(zone);
      self->sleep();
    });
  }

  // -- builder thread, then control

  void sleep() {
    auto wake = base::steady_now() + longest_calm;
    bool all_settled = true;
    std::vector<std::string> found;
    for (const auto& [name, zone] : zones) {
      wake = std::min(wake, zone.look_at);
      all_settled = all_settled && zone.keys.sightings().asked_all() && !zone.publishing &&
                    same_keys(zone.keys.wanted(), zone.keys.live());
      for (const std::string& warning : zone.keys.warnings()) found.emplace_back(name).append(" ").append(warning);
    }
    asio::post(control, [self = shared_from_this(), wake, all_settled, found = std::move(found)]() mutable {
      self->settled = all_settled;
      self->warnings = std::move(found);
      self->timer.expires_at(wake);
      self->timer.async_wait([weak = std::weak_ptr(self)](const boost::system::error_code& error) {
        const auto impl = weak.lock();
        if (!error && impl) impl->builder.post([impl] { impl->tick(); });
      });
    });
  }

  asio::io_context& control;
  Builder& builder;
  Publish publish;
  Now now;
  std::map<std::string, Zone> zones;  // by apex; builder thread
  // Control thread:
  asio::steady_timer timer;
  bool settled = false;
  std::vector<std::string> warnings;
};

KeyKeeper::KeyKeeper(asio::io_context& control, Builder& builder, Publish publish, Now now)
    : impl_(std::make_shared<Impl>(control, builder, std::move(publish), std::move(now))) {}

KeyKeeper::~KeyKeeper() {
  std::promise<void> done;
  impl_->builder.post([this, &done] {
    impl_->zones.clear();
    done.set_value();
  });
  done.get_future().wait();
}

zones::ZoneKeysPtr KeyKeeper::keys_of(const zones::ZoneSpec& zone, base::ErrorList& errors) const {
  const auto known = impl_->zones.find(zone.apex.value.to_string());
  if (known != impl_->zones.end() && known->second.keys.spec().keys.value == zone.dnssec->keys.value)
    return known->second.handed;
  const std::size_t before = errors.all().size();
  auto keys = load_zone_keys(zone, impl_->now(), errors);
  const bool leaves_its_keys = known != impl_->zones.end() && known->second.handed != nullptr && keys == nullptr;
  if (leaves_its_keys && !zone.dnssec->unsign && errors.all().size() == before)
    errors.add(zone.dnssec->keys.where, "dnssec.keys",
               "the zone is signed, and none of its keys is in " + zone.dnssec->keys.value,
               "copy its key files there first");
  return keys;
}

void KeyKeeper::keep(std::vector<SignedZone> zones) {
  impl_->settled = false;
  impl_->builder.post([impl = impl_, zones = std::move(zones)]() mutable { impl->keep(zones); });
}

bool KeyKeeper::settled() const { return impl_->settled; }
const std::vector<std::string>& KeyKeeper::warnings() const { return impl_->warnings; }

void KeyKeeper::known(const std::string& by, std::function<void(std::vector<Known>)> done) {
  impl_->builder.post([impl = impl_, by, done = std::move(done)]() mutable {
    std::vector<Known> out;
    for (const auto& [name, zone] : impl->zones) out.push_back({name, zone.keys.spec().maker, zone.keys.records(by)});
    asio::post(impl->control, [done = std::move(done), out = std::move(out)]() mutable { done(std::move(out)); });
  });
}

void KeyKeeper::take(std::map<std::string, std::vector<dns::KeyRecord>> shared, const std::string& by) {
  impl_->builder.post([impl = impl_, shared = std::move(shared), by] {
    for (auto& [name, zone] : impl->zones) {
      const auto found = shared.find(name);
      if (zone.keys.take(found == shared.end() ? std::vector<dns::KeyRecord>{} : found->second, by, impl->now()))
        impl->look(zone);
    }
    impl->sleep();
  });
}

void KeyKeeper::view(std::function<void(std::vector<control::ZoneKeysView>)> done) {
  impl_->builder.post([impl = impl_, done = std::move(done)]() mutable {
    std::vector<control::ZoneKeysView> out;
    for (const auto& [name, zone] : impl->zones) out.push_back(zone.keys.view());
    asio::post(impl->control, [done = std::move(done), out = std::move(out)]() mutable { done(std::move(out)); });
  });
}

void KeyKeeper::order(control::KeyOrder order, std::function<void(control::KeyOutcome)> done) {
  impl_->builder.post([impl = impl_, order = std::move(order), done = std::move(done)]() mutable {
    control::KeyOutcome outcome;
    const auto apex = dns::Name::parse(order.zone);
    const auto found = apex ? impl->zones.find(apex->to_string()) : impl->zones.end();
    if (found == impl->zones.end()) {
      std::vector<std::string> names;
      for (const auto& [name, zone] : impl->zones) names.push_back(name);
      const std::string near = base::nearest_word(apex ? apex->to_string() : order.zone, names);
      outcome = {false, "no zone that is to be signed is named \"" + order.zone + "\"",
                 near.empty() ? "to sign one: dnssec: on" : "did you mean \"" + near + "\"?"};
    } else {
      outcome = carry_out(order, found->second.keys, impl->now());
      if (outcome.ok) {
        impl->look(found->second);
        impl->sleep();
      }
    }
    asio::post(impl->control, [done = std::move(done), outcome = std::move(outcome)] { done(outcome); });
  });
}

}  // namespace gslb::server
