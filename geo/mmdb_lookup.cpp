#include "geo/mmdb_lookup.hpp"

#include <maxminddb.h>
#include <netinet/in.h>

#include <cstring>
#include <initializer_list>
#include <memory>

#include "geo/sealed_copy.hpp"

namespace gslb::geo {

namespace {

struct Close {
  void operator()(MMDB_s* handle) const noexcept {
    MMDB_close(handle);
    delete handle;
  }
};

constexpr unsigned v4_in_v6 = 96;

sockaddr_storage to_sockaddr(const base::IpAddress& address) {
  sockaddr_storage storage{};
  if (address.family == base::Family::v4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.octets.data(), sizeof v4.sin_addr);
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.octets.data(), sizeof v6.sin6_addr);
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return storage;
}

std::string text_at(MMDB_entry_s entry, std::initializer_list<const char*> path) {
  std::vector<const char*> keys(path);
  keys.push_back(nullptr);
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&entry, &data, keys.data()) != MMDB_SUCCESS || !data.has_data) return {};
  if (data.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {data.utf8_string, data.data_size};
}

}  // namespace

base::Result<std::optional<DatabaseAnswer>> look_up(const std::string& path, std::uint64_t content_hash,
                                                    const base::IpAddress& address) {
  const auto copy = SealedCopy::of_file(path);
  if (!copy) return copy.error();
  if (copy->hash() != content_hash) return base::Error{path + ": has changed since it was loaded; reload first"};
  auto raw = std::make_unique<MMDB_s>();
  if (const int status = MMDB_open(copy->path().c_str(), MMDB_MODE_MMAP, raw.get()); status != MMDB_SUCCESS)
    return base::Error{path + ": " + MMDB_strerror(status)};
  const std::unique_ptr<MMDB_s, Close> handle(raw.release());
  const bool v4 = address.family == base::Family::v4;
  const bool tree_of_both = handle->metadata.ip_version == 6;
  if (!v4 && !tree_of_both) return std::optional<DatabaseAnswer>();
  const sockaddr_storage wanted = to_sockaddr(address);
  int status = MMDB_SUCCESS;
  MMDB_lookup_result_s found = MMDB_lookup_sockaddr(handle.get(), reinterpret_cast<const sockaddr*>(&wanted), &status);
  if (status != MMDB_SUCCESS) return base::Error{path + ": " + MMDB_strerror(status)};
  unsigned length = found.netmask;
  if (v4 && tree_of_both) {
    if (length < v4_in_v6) return std::optional<DatabaseAnswer>();  // it speaks of IPv6
    length -= v4_in_v6;
  }
  if (!found.found_entry) return std::optional<DatabaseAnswer>();
  RecordReader reader({handle->data_section, handle->data_section_size});
  const auto record = reader.read(found.entry.offset);
  if (!record) return base::Error{path + ": " + record.error().what};
  DatabaseAnswer answer{base::make_prefix(address, length), *record, {}, {}};
  answer.city = text_at(found.entry, {"city", "names", "en"});
  if (answer.city.empty()) answer.city = text_at(found.entry, {"city"});
  answer.organization = text_at(found.entry, {"autonomous_system_organization"});
  return std::optional(std::move(answer));
}

}  // namespace gslb::geo
