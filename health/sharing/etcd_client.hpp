// health/sharing/etcd_client.hpp: etcd as a SharedStore, over its HTTP/JSON gateway (API v3, etcd 3.4 and later).
//
// Each request goes to the endpoint that answered last; one that does not answer within two seconds, or says that it
// cannot, is left alone for a while, and the next is asked. Reads are linearizable: without a majority they fail.
// Threads: everything on the io_context's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "health/sharing/shared_store.hpp"
#include "health/sharing/sharing_spec.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::health {

class EtcdClient final : public SharedStore {
 public:
  struct Endpoint {
    std::string address;
    bool preferred = false;  ///< asked first
    std::string problem;     ///< why it was left alone last; "" if it answers
  };

  EtcdClient(boost::asio::io_context& context, EtcdSpec spec);
  /// Ends what is under way, without callbacks.
  ~EtcdClient() override;
  EtcdClient(const EtcdClient&) = delete;
  EtcdClient& operator=(const EtcdClient&) = delete;

  void put(std::string key, std::string value, std::optional<std::uint64_t> fence, Changed done) override;
  void remove(std::string key, std::optional<std::uint64_t> fence, Changed done) override;
  void list(std::string prefix, Listed done) override;
  /// Revisions by which a store that compacts by itself would have done so.
  static constexpr std::uint64_t young = 10'000;
  /// What to say of a store that does not.
  static constexpr const char* grows =
      "the shared store has never been compacted and will fill up: start etcd with --auto-compaction-retention";
  /// Whether anything was ever compacted: a store that keeps every revision fills up. True of one with no more than
  /// `most` revisions, too: it has had no reason to.
  void is_compacted(std::uint64_t most, std::function<void(base::Result<bool>)> done);

  std::vector<Endpoint> endpoints() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::health
