// tests/zones/zone_fixture.hpp: small zones from text, and questions to them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/query.hpp"
#include "dns/rdata.hpp"
#include "zones/zone.hpp"
#include "zones/zone_builder.hpp"

namespace gslb::zones {

/// A folder of this test alone; gone at its end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zones-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = pattern;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { std::filesystem::remove_all(path_); }

  std::string write(const std::string& name, std::string_view text) const {
    const auto path = path_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

/// example.org with ns: [ns1.example.org.] and nothing else.
inline ZoneSpec example_spec() {
  ZoneSpec spec;
  spec.apex.value = name("example.org.");
  spec.ns.push_back({name("ns1.example.org."), {}});
  spec.soa.serial = 7;
  return spec;
}

inline policy::ServiceSpec service(const std::string& owner, bool v4, bool v6) {
  policy::ServiceSpec spec;
  spec.name.value = owner;
  auto& endpoint = spec.endpoints.emplace_back();
  if (v4) endpoint.v4 = {{*base::parse_address("192.0.2.1")}, {}};
  if (v6) endpoint.v6 = {{*base::parse_address("2001:db8::1")}, {}};
  return spec;
}

inline RecordSpec record(std::string owner, std::string type, std::string rdata) {
  return {std::move(owner), std::move(type), std::nullopt, std::move(rdata), {}};
}

inline std::string texts(const base::ErrorList& errors) {
  std::string all;
  for (const auto& error : errors.all()) all += to_string(error) + "\n";
  return all;
}

/// Builds, and fails the test if it cannot.
inline std::shared_ptr<const Zone> build(const ZoneSpec& spec) {
  base::ErrorList errors;
  auto zone = build_zone(spec, errors);
  EXPECT_EQ(texts(errors), "");
  if (zone == nullptr) throw std::runtime_error("the zone was not built");
  return zone;
}

inline std::shared_ptr<const Zone> build(ZoneSpec spec, std::string_view master_file) {
  const ScratchFolder folder;
  spec.files.push_back({folder.write("example.zone", master_file), {}});
  return build(spec);
}

inline dns::Query question(std::string_view qname, dns::Rtype qtype) {
  dns::Query query;
  dns::set_name(query, name(qname).wire());
  query.qtype = static_cast<std::uint16_t>(qtype);
  query.qclass = dns::class_in;
  query.has_question = true;
  return query;
}

/// An RRset's records as "TYPE TTL data" lines in the order of the image.
inline std::vector<std::string> lines(const Zone& zone, const Rrset& rrset) {
  std::vector<std::string> out;
  const auto records = zone.records(rrset);
  for (std::size_t at = 0; at < records.size();) {
    const auto u16 = [&](std::size_t i) { return static_cast<unsigned>(records[at + i] << 8 | records[at + i + 1]); };
    EXPECT_EQ(u16(0), 0xc00cU);
    EXPECT_EQ(u16(4), dns::class_in);
    const auto type = static_cast<dns::Rtype>(u16(2));
    const std::size_t size = u16(10);
    out.push_back(dns::to_string(type) + " " + std::to_string(u16(6) << 16 | u16(8)) + " " +
                  dns::rdata_to_string(type, records.subspan(at + 12, size)));
    at += 12 + size;
  }
  EXPECT_EQ(out.size(), rrset.count);
  return out;
}

struct Asked {
  Outcome outcome;
  std::string owner;               ///< of the RRset
  std::vector<std::string> lines;  ///< of the RRset
  Answer answer;
};

inline Asked ask(const Zone& zone, std::string_view qname, dns::Rtype qtype) {
  const dns::Query query = question(qname, qtype);
  const Answer answer = zone.lookup(query, query.labels - zone.apex_labels());
  Asked asked{answer.outcome, dns::to_string(query.suffix(answer.owner_label)), {}, answer};
  if (answer.rrset != nullptr) asked.lines = lines(zone, *answer.rrset);
  return asked;
}

/// The addresses that go with an RRset: "owner TYPE TTL address".
inline std::vector<std::string> additionals(const Zone& zone, const Rrset& rrset) {
  std::vector<std::string> out;
  for (const Additional& additional : zone.additionals(rrset))
    for (const auto& line : lines(zone, zone.rrset_at(additional.rrset)))
      out.push_back(dns::to_string(zone.name_at(additional.owner)) + " " + line);
  return out;
}

}  // namespace gslb::zones
