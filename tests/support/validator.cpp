#include "tests/support/validator.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

namespace gslb::test {

namespace {

struct Free {
  void operator()(ldns_rdf* rdf) const { ldns_rdf_deep_free(rdf); }
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rr_list* list) const { ldns_rr_list_free(list); }
};
using Rdf = std::unique_ptr<ldns_rdf, Free>;
using List = std::unique_ptr<ldns_rr_list, Free>;

Rdf dname(const std::string& text) {
  Rdf name(ldns_dname_new_frm_str(text.c_str()));
  ldns_dname2canonical(name.get());
  return name;
}

std::string text(const ldns_rdf* name) {
  char* raw = ldns_rdf2str(name);
  std::string out(raw);
  std::free(raw);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// Octets that are equal for equal records in equal order.
std::string wire_of(const std::vector<ldns_rr*>& records) {
  std::string out;
  for (const ldns_rr* rr : records) {
    std::uint8_t* octets = nullptr;
    std::size_t size = 0;
    if (ldns_rr2wire(&octets, rr, LDNS_SECTION_ANSWER, &size) == LDNS_STATUS_OK)
      out.append(reinterpret_cast<const char*>(octets), size);
    std::free(octets);
  }
  return out;
}

/// The records of a section by owner and type; signatures by what they cover.
struct Sets {
  std::map<std::pair<std::string, unsigned>, std::vector<ldns_rr*>> records;
  std::map<std::pair<std::string, unsigned>, std::vector<ldns_rr*>> rrsigs;

  explicit Sets(const ldns_rr_list* list) {
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
      ldns_rr* rr = ldns_rr_list_rr(list, i);
      const std::string owner = text(ldns_rr_owner(rr));
      const unsigned type = ldns_rr_get_type(rr);
      if (type == LDNS_RR_TYPE_OPT) continue;
      if (type == LDNS_RR_TYPE_RRSIG) {
        rrsigs[{owner, ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr))}].push_back(rr);
      } else {
        auto& known = records[{owner, type}];  // a resolver keeps one of what a CNAME loop says again and again
        if (std::ranges::none_of(known, [rr](ldns_rr* other) { return ldns_rr_compare(rr, other) == 0; }))
          known.push_back(rr);
      }
    }
  }
  bool has(const std::string& owner, unsigned type) const { return records.contains({owner, type}); }
};

bool is_below_or_equal(const std::string& name, const std::string& ancestor) {
  const Rdf a = dname(name);
  const Rdf b = dname(ancestor);
  return ldns_dname_compare(a.get(), b.get()) == 0 || ldns_dname_is_subdomain(a.get(), b.get());
}

std::string parent(const std::string& name) {
  const Rdf full = dname(name);
  const Rdf up(ldns_dname_left_chop(full.get()));
  return text(up.get());
}

/// The zone's denials in one reply.
class Denials {
 public:
  explicit Denials(const Sets& authority) {
    for (const auto& [key, list] : authority.records)
      if (key.second == LDNS_RR_TYPE_NSEC) nsecs_.insert(nsecs_.end(), list.begin(), list.end());
  }
  const ldns_rr* at(const std::string& name) const {
    for (const ldns_rr* nsec : nsecs_)
      if (text(ldns_rr_owner(nsec)) == name) return nsec;
    return nullptr;
  }
  const ldns_rr* covering(const std::string& name) const {
    const Rdf wanted = dname(name);
    for (const ldns_rr* nsec : nsecs_)
      if (text(ldns_rr_owner(nsec)) != name && ldns_nsec_covers_name(nsec, wanted.get())) return nsec;
    return nullptr;
  }
  static bool has_type(const ldns_rr* nsec, unsigned type) {
    return ldns_nsec_bitmap_covers_type(ldns_nsec_get_bitmap(nsec), static_cast<ldns_rr_type>(type));
  }
  static std::string next(const ldns_rr* nsec) { return text(ldns_rr_rdf(nsec, 0)); }

  /// The name exists and has nothing but names below it.
  bool is_empty_non_terminal(const std::string& name) const {
    const ldns_rr* nsec = covering(name);
    return nsec != nullptr && next(nsec) != name && is_below_or_equal(next(nsec), name);
  }
  bool has_no_type(const std::string& name, unsigned type) const {
    const ldns_rr* nsec = at(name);
    if (nsec == nullptr) return is_empty_non_terminal(name);
    const bool delegation = has_type(nsec, LDNS_RR_TYPE_NS) && !has_type(nsec, LDNS_RR_TYPE_SOA);
    if (delegation && type != LDNS_RR_TYPE_DS) return false;  // RFC 6840 section 4.1
    return !has_type(nsec, type) && !has_type(nsec, LDNS_RR_TYPE_CNAME);
  }
  /// The closest encloser, by the NSEC that covers the name (RFC 6840 section 4.4); "" if none does.
  std::string encloser(const std::string& name) const {
    const ldns_rr* nsec = covering(name);
    if (nsec == nullptr) return "";
    for (std::string up = parent(name); up != "."; up = parent(up))
      if (is_below_or_equal(text(ldns_rr_owner(nsec)), up) || is_below_or_equal(next(nsec), up)) return up;
    return "";
  }
  std::size_t size() const { return nsecs_.size(); }

 private:
  std::vector<const ldns_rr*> nsecs_;
};

}  // namespace

Validator::Validator(const std::string& apex, const std::vector<std::vector<std::uint8_t>>& dnskeys, std::int64_t now)
    : keys_(ldns_rr_list_new()), now_(now) {
  add_zone(apex, dnskeys);
}

void Validator::add_zone(const std::string& apex, const std::vector<std::vector<std::uint8_t>>& dnskeys) {
  apexes_.push_back(apex);
  for (const auto& rdata : dnskeys) {
    std::vector<std::uint8_t> wire;
    const Rdf owner = dname(apex);
    wire.insert(wire.end(), ldns_rdf_data(owner.get()), ldns_rdf_data(owner.get()) + ldns_rdf_size(owner.get()));
    for (const std::uint8_t octet : {0, 48, 0, 1, 0, 0, 0, 0}) wire.push_back(octet);
    wire.push_back(static_cast<std::uint8_t>(rdata.size() >> 8));
    wire.push_back(static_cast<std::uint8_t>(rdata.size() & 0xff));
    wire.insert(wire.end(), rdata.begin(), rdata.end());
    ldns_rr* rr = nullptr;
    std::size_t at = 0;
    if (ldns_wire2rr(&rr, wire.data(), wire.size(), &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK) std::abort();
    ldns_rr_list_push_rr(keys_, rr);
  }
}

Validator::~Validator() { ldns_rr_list_deep_free(keys_); }

std::string Validator::zone_of(const std::string& name) const {
  std::string best;
  for (const std::string& apex : apexes_)
    if (is_below_or_equal(name, apex) && apex.size() > best.size()) best = apex;
  return best;
}

std::string Validator::why_bogus(const Reply& reply, const std::string& qname, unsigned qtype) const {
  if (reply.rcode() != 0 && reply.rcode() != 3 && reply.rcode() != 6) return "";
  ldns_pkt* raw = nullptr;
  if (ldns_wire2pkt(&raw, reply.octets().data(), reply.octets().size()) != LDNS_STATUS_OK) return "not a message";
  const std::unique_ptr<ldns_pkt, Free> packet(raw);
  const Sets answer(ldns_pkt_answer(raw));
  const Sets authority(ldns_pkt_authority(raw));
  const Sets additional(ldns_pkt_additional(raw));
  const Denials denials(authority);

  const auto is_made_of_dname = [&](const std::string& owner) {
    for (const auto& [key, list] : answer.records)
      if (key.second == LDNS_RR_TYPE_DNAME && owner != key.first && is_below_or_equal(owner, key.first)) return true;
    return false;
  };
  const auto verify = [&](const Sets& sets, const std::string& where) -> std::string {
    for (const auto& [key, list] : sets.records) {
      const auto& [owner, type] = key;
      const std::string what = where + ": " + owner + " TYPE" + std::to_string(type) + ": ";
      const bool referral = type == LDNS_RR_TYPE_NS && std::ranges::find(apexes_, owner) == apexes_.end();
      const bool is_bare = referral || (type == LDNS_RR_TYPE_CNAME && is_made_of_dname(owner));
      const auto found = sets.rrsigs.find(key);
      if (found == sets.rrsigs.end()) {
        if (is_bare || where == "additional") continue;
        return what + "no signature";
      }
      if (is_bare) return what + "must not be signed";
      List rrset(ldns_rr_list_new());
      for (ldns_rr* rr : list) ldns_rr_list_push_rr(rrset.get(), rr);
      for (ldns_rr* rrsig : found->second) {
        if (ldns_rr_ttl(rrsig) != ldns_rr_ttl(list[0])) return what + "the signature has another TTL";
        if (ldns_rr_ttl(rrsig) > ldns_rdf2native_int32(ldns_rr_rrsig_origttl(rrsig)))
          return what + "TTL above original";
        const unsigned labels = ldns_rdf2native_int8(ldns_rr_rrsig_labels(rrsig));
        const bool is_star = owner.starts_with("*.");
        const unsigned full = ldns_dname_label_count(ldns_rr_owner(rrsig)) - (is_star ? 1U : 0U);
        if (labels > full) return what + "too many labels";
        if (labels < full && denials.covering(owner) == nullptr) return what + "from a wildcard, and no proof";
        std::string content = wire_of(list);
        content += wire_of({rrsig});
        if (verified_.contains(content)) continue;
        List good(ldns_rr_list_new());
        // ldns lowers the TTL of what it verifies to the original one; work on copies.
        ldns_rr_list* copy = ldns_rr_list_clone(rrset.get());
        const auto status =
            ldns_verify_rrsig_keylist_time(copy, rrsig, keys_, static_cast<std::time_t>(now_), good.get());
        ldns_rr_list_deep_free(copy);
        if (status != LDNS_STATUS_OK) return what + ldns_get_errorstr_by_id(status);
        verified_.insert(std::move(content));
      }
    }
    for (const auto& [key, list] : sets.rrsigs)
      if (qtype != LDNS_RR_TYPE_RRSIG && !sets.records.contains(key))
        return where + ": a signature on nothing at " + key.first;
    return "";
  };
  for (const auto& [sets, where] :
       {std::pair{&answer, "answer"}, {&authority, "authority"}, {&additional, "additional"}})
    if (auto wrong = verify(*sets, where); !wrong.empty()) return wrong;

  std::string name = text(dname(qname).get());
  for (unsigned link = 0; link < 8; ++link) {
    if (zone_of(name).empty()) return "";
    if (qtype == LDNS_RR_TYPE_RRSIG &&
        std::ranges::any_of(answer.rrsigs, [&](const auto& e) { return e.first.first == name; }))
      return "";
    const bool any = qtype == LDNS_RR_TYPE_ANY &&
                     std::ranges::any_of(answer.records, [&](const auto& e) { return e.first.first == name; });
    if (answer.has(name, qtype) || any) return "";
    const auto cname = answer.records.find({name, LDNS_RR_TYPE_CNAME});
    if (cname == answer.records.end()) break;
    name = text(ldns_rr_rdf(cname->second[0], 0));
    if (link == 7) return "";
  }
  if (reply.rcode() == 6) return "";
  std::string zone = zone_of(qtype == LDNS_RR_TYPE_DS ? parent(name) : name);  // RFC 4035 section 3.1.4.1
  if (zone.empty()) zone = zone_of(name);
  const std::string where = "denial of " + name + " TYPE" + std::to_string(qtype) + ": ";
  for (const auto& [key, list] : authority.records) {  // a referral
    const std::string& cut = key.first;
    if (key.second != LDNS_RR_TYPE_NS || cut == zone || !is_below_or_equal(name, cut)) continue;
    if (authority.has(cut, LDNS_RR_TYPE_DS)) return "";
    const ldns_rr* nsec = denials.at(cut);
    const bool proven = nsec != nullptr && Denials::has_type(nsec, LDNS_RR_TYPE_NS) &&
                        !Denials::has_type(nsec, LDNS_RR_TYPE_DS) && !Denials::has_type(nsec, LDNS_RR_TYPE_SOA);
    return proven ? "" : where + "neither DS nor proof of none at " + cut;
  }
  if (!authority.has(zone, LDNS_RR_TYPE_SOA)) return where + "no SOA";
  if (reply.rcode() == 3) {
    const std::string encloser = denials.encloser(name);
    if (encloser.empty()) return where + "the name is not covered";
    if (denials.is_empty_non_terminal(name)) return where + "the name exists";
    return denials.covering("*." + encloser) != nullptr ? "" : where + "the wildcard is not covered";
  }
  if (denials.has_no_type(name, qtype)) return "";
  const std::string encloser = denials.encloser(name);
  if (encloser.empty()) return where + "the type is not denied";
  return denials.has_no_type("*." + encloser, qtype) ? "" : where + "the type is not denied at the wildcard";
}

}  // namespace gslb::test
