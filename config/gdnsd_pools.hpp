// config/gdnsd_pools.hpp: the resources of gdnsd's plugins that hold addresses, as groups of endpoints. Internal to the
// import.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/yaml.hpp"

namespace gslb::config {

struct PoolEndpoint {
  std::string target;  ///< an address, or a host name without final dot
  bool host = false;
  std::string weight;  ///< "" for 1
};

struct GdnsdPool {
  enum class Answers : std::uint8_t {
    all,       ///< all that are up (multifo, a single address)
    weighted,  ///< one by weight, drawn anew for each query
    ordered,   ///< the first that is up (simplefo)
  };
  Answers answers = Answers::all;
  std::vector<PoolEndpoint> endpoints;
  std::string up_thresh;     ///< share of weight, "" for gdnsd's default of 0.5
  std::string service_type;  ///< "up" is not probed
};

/// Reads pools; what has no counterpart becomes a warning.
class GdnsdPools {
 public:
  GdnsdPools(const Value& plugins, base::ErrorList& errors) : plugins_(plugins), errors_(errors) {}

  /// "multifo!web" as a zone names it. @return nothing, and a warning at `where`, if it is none that can be carried
  std::optional<GdnsdPool> resource(const std::string& plugin, const std::string& name,
                                    const base::SourcePosition& where);
  /// One datacenter of a resource of metafo or geoip. @param around  hashes whose keys it inherits, innermost first
  std::optional<GdnsdPool> datacenter(const Value& value, const std::vector<const Value*>& around,
                                      const std::string& path);

 private:
  std::optional<GdnsdPool> read(const std::string& plugin, const Value& value, std::vector<const Value*> around,
                                const std::string& path);
  void add_all(const Value& from, const std::string& path, GdnsdPool& pool);
  void add_weighted(const Value& from, const std::string& path, GdnsdPool& pool);
  void add_ordered(const Value& from, const std::string& path, GdnsdPool& pool);
  void add_target(const Value& value, const std::string& weight, const std::string& path, GdnsdPool& pool);
  void set_service_type(const std::vector<const Value*>& around, const std::string& path, GdnsdPool& pool);
  void lose(const Value& where, const std::string& path, std::string what, std::string hint = {});

  const Value& plugins_;
  base::ErrorList& errors_;
};

}  // namespace gslb::config
