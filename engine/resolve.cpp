#include "engine/resolve.hpp"

#include <algorithm>

namespace gslb::engine {

namespace {

/// The name in the record data of a record that is nothing but a name (CNAME, DNAME).
dns::NameView target_of(std::span<const std::uint8_t> record) noexcept { return record.subspan(12); }

constexpr auto type_a = static_cast<std::uint16_t>(dns::Rtype::A);
constexpr auto type_aaaa = static_cast<std::uint16_t>(dns::Rtype::AAAA);
constexpr auto type_cname = static_cast<std::uint16_t>(dns::Rtype::CNAME);
constexpr auto type_any = static_cast<std::uint16_t>(dns::Rtype::ANY);
constexpr auto type_txt = static_cast<std::uint16_t>(dns::Rtype::TXT);
constexpr auto type_ds = static_cast<std::uint16_t>(dns::Rtype::DS);
constexpr auto type_rrsig = static_cast<std::uint16_t>(dns::Rtype::RRSIG);
constexpr auto type_nsec = static_cast<std::uint16_t>(dns::Rtype::NSEC);

/// Under which aspect a service answers a type.
policy::Aspect aspect_of(std::uint16_t type) noexcept {
  if (type == type_a) return base::Family::v4;
  return type == type_aaaa ? policy::Aspect(base::Family::v6) : policy::Aspect::whole();
}

}  // namespace

dns::Rcode Resolution::run() noexcept {
  const dns::Rcode rcode = follow();
  for (unsigned i = 0; i < proof_count_ && !reply_.truncated(); ++i) add_proof(proofs_[i]);
  if (pointing_ != nullptr && !reply_.truncated()) add_additionals();
  if (whole_.plan != nullptr && !reply_.truncated()) add_addresses_of_whole();
  return rcode;
}

dns::Rcode Resolution::follow() noexcept {
  const Snapshot& snapshot = *generation_.snapshot;
  dns::Query& query = pending_.query;
  zones::ZoneTable::Found found = pending_.found;
  Reply::Mark first_link{};
  unsigned first_proofs = 0;
  for (unsigned link = 0; link < longest_chain; ++link) {
    zone_ = &snapshot.zones[found.zone];
    zone_signatures_ = snapshot.signatures[found.zone].get();
    if (zone_signatures_ == nullptr && snapshot.awaits_keys[found.zone] != 0) return not_ready(link);
    signatures_ = query.edns.dnssec_ok ? zone_signatures_ : nullptr;
    apex_label_ = found.apex_label;
    const zones::Answer answer = zone_->lookup(query, apex_label_);
    if (trace_ != nullptr) trace_->add(query.qname(), found.zone, answer);
    if (answer.wildcard && signatures_ != nullptr) prove_absent(0, false);  // RFC 4035 section 3.1.3.3
    switch (answer.outcome) {
      case zones::Outcome::answer:
        if (answer.rrset->type == type_txt && snapshot.challenges[found.zone] != nullptr &&
            add_challenge(*snapshot.challenges[found.zone], answer))
          return dns::Rcode::noerror;
        if (add_rrset(Section::answer, answer, *answer.rrset, reply_.base())) pointing_ = answer.rrset;
        return dns::Rcode::noerror;
      case zones::Outcome::service: {
        // RFC 7871 section 7.2.1: one scope cannot speak for two names, so the resolver asks for the steered one
        // itself.
        if (link > 0 && query.edns.subnet.present) {
          reply_.rewind(first_link);
          proof_count_ = first_proofs;
          if (trace_ != nullptr) trace_->left_to_resolver = true;
          return dns::Rcode::noerror;
        }
        const std::uint32_t first = snapshot.first_service[found.zone];
        const zones::SteeredName& name = snapshot.services[first + answer.service];
        const policy::Service& steered = name.service;
        if (answer.type == type_cname) {
          if (const auto rcode = lead_on(first, answer)) return *rcode;
          break;
        }
        if (!name.has_type(aspect_of(answer.type))) {
          deny(answer);
          return dns::Rcode::noerror;
        }
        if (steered.reflect == policy::Reflect::nothing) return steer(first, answer.service, aspect_of(answer.type));
        if (!reflect(steered, answer.type == type_a ? base::Family::v4 : base::Family::v6)) add_soa();
        return dns::Rcode::noerror;
      }
      case zones::Outcome::referral:
        reply_.set_authoritative(link > 0);
        refer(answer);
        return dns::Rcode::noerror;
      case zones::Outcome::nodata:
        if (zone_signatures_ != nullptr && answer_made(*zone_signatures_, answer)) return dns::Rcode::noerror;
        deny(answer);
        return dns::Rcode::noerror;
      case zones::Outcome::nxdomain:
        add_soa();
        if (signatures_ != nullptr) {
          prove_absent(0, false);
          prove_absent(answer.encloser_label, true);
        }
        return dns::Rcode::nxdomain;
      case zones::Outcome::cname: {
        if (zone_signatures_ != nullptr && answer_made(*zone_signatures_, answer)) return dns::Rcode::noerror;
        const std::size_t start = reply_.mark().size;
        if (!add_rrset(Section::answer, answer, *answer.rrset, reply_.base())) return dns::Rcode::noerror;
        dns::set_name(query, target_of(zone_->records(*answer.rrset)));
        reply_.set_base(start + 12);
        break;
      }
      case zones::Outcome::dname:
        if (const auto rcode = rename(answer)) return *rcode;
        break;
    }
    if (link == 0) {
      first_link = reply_.mark();
      first_proofs = proof_count_;
    }
    found = snapshot.zones.find(query);
    if (found.zone == zones::ZoneTable::none) return dns::Rcode::noerror;
  }
  return dns::Rcode::noerror;
}

/// A zone whose first key is still to come: unsigned answers could be bogus, and others may have signed ones.
dns::Rcode Resolution::not_ready(unsigned link) noexcept {
  if (link > 0) return dns::Rcode::noerror;  // the resolver asks for the rest of the chain itself
  reply_.set_authoritative(false);
  reply_.set_error(dns::ExtendedError::not_ready, "the zone's keys are not here yet");
  return dns::Rcode::servfail;
}

/// The name exists, the type does not.
void Resolution::deny(const zones::Answer& answer) noexcept {
  add_soa();
  if (signatures_ != nullptr) prove(signatures_->chain_at(answer.slot));
}

/// A service of hosts alone: the CNAME to the one that is drawn, whatever the type. Nothing: go on with its target.
std::optional<dns::Rcode> Resolution::lead_on(std::uint32_t first, const zones::Answer& answer) noexcept {
  dns::Query& query = pending_.query;
  if (zone_signatures_ != nullptr && answer_made(*zone_signatures_, answer)) return dns::Rcode::noerror;
  const std::size_t start = reply_.mark().size;
  const dns::Rcode rcode = steer(first, answer.service, policy::Aspect::whole());
  if (rcode != dns::Rcode::noerror || reply_.truncated()) return rcode;
  if (query.qtype == type_cname || query.qtype == type_any) return rcode;
  dns::set_name(query, reply_.octets().subspan(start + 12, reply_.octets()[start + 11]));
  reply_.set_base(start + 12);
  return std::nullopt;
}

/// RFC 6672 section 3.1: the DNAME, and the CNAME made of it, which is not signed.
std::optional<dns::Rcode> Resolution::rename(const zones::Answer& answer) noexcept {
  dns::Query& query = pending_.query;
  const Reply::Mark start = reply_.mark();
  const dns::NameView target = target_of(zone_->records(*answer.rrset));
  const auto prefix = query.qname().first(query.offset[answer.owner_label]);
  if (!add_rrset(Section::answer, answer, *answer.rrset, reply_.base() + query.offset[answer.owner_label]))
    return dns::Rcode::noerror;
  if (prefix.size() + target.size() > dns::max_name) return dns::Rcode::yxdomain;
  const std::size_t synthesized = reply_.mark().size;
  if (!reply_.add_cname(answer.rrset->ttl, prefix, target, reply_.base())) {
    reply_.rewind(start);
    reply_.truncate();
    return dns::Rcode::noerror;
  }
  std::array<std::uint8_t, dns::max_name> name;
  std::copy(prefix.begin(), prefix.end(), name.begin());
  std::copy(target.begin(), target.end(), name.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
  dns::set_name(query, {name.data(), prefix.size() + target.size()});
  reply_.set_base(synthesized + 12);
  return std::nullopt;
}

/// The NS of a zone cut; in a signed zone also its DS, or the proof that it has none (RFC 4035 section 3.1.4).
void Resolution::refer(const zones::Answer& answer) noexcept {
  const std::size_t owner = reply_.base() + pending_.query.offset[answer.owner_label];
  if (!add_rrset(Section::authority, answer, *answer.rrset, owner)) return;
  pointing_ = answer.rrset;
  glue_ = true;
  if (signatures_ == nullptr) return;
  if (const zones::Rrset* ds = zone_->rrset_of(answer.slot, type_ds)) {
    add_rrset(Section::authority, answer, *ds, owner);
  } else {
    const auto nsec = signatures_->nsec(signatures_->chain_at(answer.slot));
    add(Section::authority, nsec.record, nsec.rrsigs, owner);
  }
}

/// What the signing of the zone made, whoever asks: the keys' RRsets at the apex, a name's NSEC and a signature
/// (RFC 8482 section 4.1 does for RRSIG what it does for ANY). False if the query is for none of these.
bool Resolution::answer_made(const zones::ZoneSignatures& made, const zones::Answer& answer) noexcept {
  const std::uint16_t qtype = pending_.query.qtype;
  const auto with = [this](zones::Records rrsigs) { return signatures_ != nullptr ? rrsigs : zones::Records{}; };
  if (qtype == type_nsec || qtype == type_rrsig) {
    if (!made.in_chain(answer.slot)) return false;
    const auto nsec = made.nsec(made.chain_at(answer.slot));
    if (qtype == type_nsec) {
      add(Section::answer, nsec.record, with(nsec.rrsigs), reply_.base());
    } else {
      add(Section::answer, nsec.rrsigs, {}, reply_.base());
    }
    return true;
  }
  if (apex_label_ != 0 || answer.outcome != zones::Outcome::nodata) return false;
  const auto [records, rrsigs] = made.key_rrset(qtype);
  if (records.count == 0) return false;
  add(Section::answer, records, with(rrsigs), reply_.base());
  return true;
}

/// An RRset and the signatures on it, or nothing and TC.
bool Resolution::add(Section section, const zones::Records& records, const zones::Records& rrsigs,
                     std::size_t owner) noexcept {
  const Reply::Mark start = reply_.mark();
  if (reply_.add(section, records.octets, records.count, owner) &&
      (rrsigs.count == 0 || reply_.add(section, rrsigs.octets, rrsigs.count, owner)))
    return true;
  reply_.rewind(start);
  reply_.truncate();
  return false;
}

bool Resolution::add_rrset(Section section, const zones::Answer& answer, const zones::Rrset& rrset,
                           std::size_t owner) noexcept {
  const zones::Records rrsigs = signatures_ != nullptr
                                    ? signatures_->rrsigs(answer.slot, zone_->rrset_index(answer.slot, rrset))
                                    : zones::Records{};
  return add(section, {zone_->records(rrset), rrset.count}, rrsigs, owner);
}

/// What is set where a CA looks for it. False if nothing is, and the static TXT answers.
bool Resolution::add_challenge(const zones::Challenges& challenges, const zones::Answer& answer) noexcept {
  const zones::Challenges::Rrset* set = challenges.find(answer.slot);
  if (set == nullptr) return false;
  const zones::Records rrsigs =
      signatures_ != nullptr ? zones::Records{set->rrsigs, set->rrsig_count} : zones::Records{};
  add(Section::answer, {set->records, static_cast<unsigned>(set->rdatas.size())}, rrsigs, reply_.base());
  return true;
}

void Resolution::add_soa() noexcept {
  const zones::Records rrsigs = signatures_ != nullptr ? signatures_->negative_soa_rrsigs() : zones::Records{};
  add(Section::authority, {zone_->records(zone_->negative_soa()), 1}, rrsigs, apex());
}

/// Additional addresses: glue of a referral must be whole or TC says so (RFC 9471); others are a courtesy.
void Resolution::add_additionals() noexcept {
  for (const zones::Additional& additional : zone_->additionals(*pointing_)) {
    const zones::Rrset& addresses = zone_->rrset_at(additional.rrset);
    const dns::NameView owner = zone_->name_at(additional.owner);
    zones::Records rrsigs;
    if (signatures_ != nullptr) {
      const std::uint32_t slot = zone_->slot_of(owner);
      rrsigs = signatures_->rrsigs(slot, zone_->rrset_index(slot, addresses));
    }
    const Reply::Mark start = reply_.mark();
    if (reply_.add_named(Section::additional, owner, zone_->records(addresses), addresses.count) &&
        (rrsigs.count == 0 || reply_.add_named(Section::additional, owner, rrsigs.octets, rrsigs.count)))
      continue;
    reply_.rewind(start);
    if (glue_) reply_.truncate();
    return;
  }
}

std::size_t Resolution::apex() const noexcept { return reply_.base() + pending_.query.offset[apex_label_]; }

/// Remembers an NSEC for the authority section, which comes after all answers.
void Resolution::prove(std::uint32_t chain) noexcept {
  const Proof proof{signatures_, chain, apex()};
  for (unsigned i = 0; i < proof_count_; ++i)
    if (proofs_[i].signatures == proof.signatures && proofs_[i].chain == chain) return;
  proofs_[proof_count_++] = proof;
}

/// The NSEC that covers the present name from `label` on, or the wildcard below that.
void Resolution::prove_absent(unsigned label, bool star) noexcept {
  prove(signatures_->covering(pending_.query, label, apex_label_, star));
}

void Resolution::add_proof(const Proof& proof) noexcept {
  const auto nsec = proof.signatures->nsec(proof.chain);
  const Reply::Mark start = reply_.mark();
  if (reply_.add_below(Section::authority, nsec.owner, proof.apex, nsec.record.octets, nsec.record.count) &&
      reply_.add_below(Section::authority, nsec.owner, proof.apex, nsec.rrsigs.octets, nsec.rrsigs.count))
    return;
  reply_.rewind(start);
  reply_.truncate();
}

/// Answers with what is seen of the client.
/// @return false if nothing seen has this family
bool Resolution::reflect(const policy::Service& service, base::Family family) noexcept {
  using policy::Reflect;
  const dns::ClientSubnet& subnet = pending_.query.edns.subnet;
  const bool has_subnet = subnet.present && subnet.source > 0;
  const std::size_t before = reply_.mark().size;
  const auto add = [&](const base::IpAddress& address) noexcept {
    if (address.family == family && !reply_.add_address(address, service.ttl)) reply_.truncate();
  };
  if (service.reflect != Reflect::subnet || !has_subnet) add(pending_.client.address);
  if (service.reflect != Reflect::resolver && has_subnet) {
    reply_.set_scope(subnet.source);
    if (subnet.address != pending_.client.address || service.reflect == Reflect::subnet) add(subnet.address);
  }
  return reply_.mark().size != before || reply_.truncated();
}

/// DESIGN section 6: the client's network if the query says it and it means a place; else the resolver.
Resolution::Steering Resolution::place(const zones::SteeredName& name) const noexcept {
  const dns::ClientSubnet& subnet = pending_.query.edns.subnet;
  const geo::Locator* locator = name.service.signature.empty() ? nullptr : generation_.snapshot->locator.get();
  Steering out;
  if (subnet.present && subnet.source > 0) {
    const geo::Located located =
        locator != nullptr ? locator->locate(name.signature, subnet.address, subnet.source) : geo::Located{};
    out.scope = located.scope;
    out.special = located.special;
    if (!located.special) {
      out.address = subnet.address;
      out.length = subnet.source;
      out.from_subnet = true;
      out.client_class = located.service_class;
      return out;
    }
  }
  out.address = pending_.client.address;
  out.length = base::bits(out.address.family);
  if (locator != nullptr) out.client_class = locator->class_of(name.signature, out.address);
  return out;
}

/// @param service  the number of the service in its zone, whose first service is `first` of the generation
dns::Rcode Resolution::steer(std::uint32_t first, std::uint32_t service, policy::Aspect aspect) noexcept {
  const zones::SteeredName& name = generation_.snapshot->services[first + service];
  Steered steered{&name, generation_.plans[first + service].get(), service, place(name)};
  const policy::ClassPlan& decision = steered.plan->under(aspect).classes[steered.at.client_class];
  if (decision.draw == policy::Draw::nothing) {
    if (trace_ != nullptr) note(aspect, steered, 0, 0, 0);
    reply_.set_authoritative(false);
    reply_.set_scope(steered.at.scope);  // others may well be served
    const bool fenced = decision.mode == policy::Mode::fenced;
    reply_.set_error(fenced ? dns::ExtendedError::filtered : dns::ExtendedError::other,
                     fenced ? "no endpoint serves this client" : "no endpoint is up");
    proof_count_ = 0;
    return dns::Rcode::servfail;
  }
  if (decision.mode == policy::Mode::last_resort)
    reply_.set_error(dns::ExtendedError::stale_answer, "all that is left was taken out of service");
  if (decision.mode == policy::Mode::fail_open)
    reply_.set_error(dns::ExtendedError::stale_answer, "too little is up: answered as if all were");
  if (decision.draw == policy::Draw::by_query || aspect == policy::Aspect::whole()) steered.random = random_.next();
  if (!add_set(Section::answer, aspect, steered)) {
    reply_.truncate();
  } else if (name.service.https && aspect == policy::Aspect::whole()) {
    whole_ = steered;
  }
  return dns::Rcode::noerror;
}

/// The records and signatures of the set that is drawn for the client, or nothing if they do not fit.
bool Resolution::add_set(Section section, policy::Aspect aspect, Steered& steered) noexcept {
  const zones::SteeredName& name = *steered.name;
  const policy::AspectPlan& plan = steered.plan->under(aspect);
  const policy::ClassPlan& decision = plan.classes[steered.at.client_class];
  std::uint64_t bits = steered.random;
  unsigned hashed = 0;
  if (decision.draw == policy::Draw::by_client) {
    const Steering& at = steered.at;
    hashed = std::min<unsigned>(at.length, name.service.hash_prefix[static_cast<std::size_t>(at.address.family)]);
    bits = policy::client_hash(at.address, hashed, name.service.salt);
    if (at.from_subnet) steered.at.scope = std::max(at.scope, static_cast<std::uint8_t>(hashed));
  }
  reply_.set_scope(steered.at.scope);

  const Reply::Mark start = reply_.mark();
  const std::uint32_t set = plan.draw(decision, bits);
  if (trace_ != nullptr && section == Section::answer) note(aspect, steered, hashed, bits, set);
  if (trace_ != nullptr) trace_->steered->scope = steered.at.scope;
  zones::Records rrsigs;
  if (signatures_ != nullptr) {  // nothing else fetches them into the cache
    rrsigs = signatures_->steered_rrsigs(steered.service, aspect, plan.sets[set].rank);
    __builtin_prefetch(rrsigs.octets.data());
    __builtin_prefetch(rrsigs.octets.data() + 64);
  }
  std::uint16_t order = 0;
  for (const policy::EndpointIndex member : plan.set(set)) {
    const std::size_t start_of_record = reply_.size();
    const auto records = name.record(aspect, member);
    if (!reply_.add_steered(section, records, name.record_count(aspect, records), decision.ttl, reply_.base())) {
      reply_.rewind(start);
      return false;
    }
    if (name.service.ordered(aspect)) reply_.set_priority(start_of_record, ++order);
    const std::uint16_t site = name.site_of[member];
    if (section == Section::answer && site != zones::SteeredName::no_site)
      counters_.site_answers[generation_.snapshot->site_counter[site]].add();
  }
  if (rrsigs.count == 0 || reply_.add_steered(section, rrsigs.octets, rrsigs.count, decision.ttl, reply_.base()))
    return true;
  reply_.rewind(start);
  return false;
}

/// For whoever watches: the draw of an answer.
void Resolution::note(policy::Aspect aspect, const Steered& steered, unsigned hashed, std::uint64_t bits,
                      std::uint32_t set) noexcept {
  const Steering& at = steered.at;
  const auto service = static_cast<std::uint32_t>(steered.name - generation_.snapshot->services.data());
  trace_->steered = Trace::Steered{service,
                                   aspect,
                                   at.address,
                                   at.length,
                                   at.from_subnet,
                                   at.special,
                                   at.client_class,
                                   at.scope,
                                   hashed,
                                   bits,
                                   steered.plan->under(aspect).classes[at.client_class],
                                   set};
}

/// RFC 9460 section 4.1: the addresses of the HTTPS records' target, which is their owner; a courtesy.
void Resolution::add_addresses_of_whole() noexcept {
  for (const policy::Aspect family : {policy::Aspect(base::Family::v4), policy::Aspect(base::Family::v6)}) {
    const policy::ClassPlan& decision = whole_.plan->under(family).classes[whole_.at.client_class];
    if (decision.draw != policy::Draw::nothing && !add_set(Section::additional, family, whole_)) return;
  }
}

}  // namespace gslb::engine
