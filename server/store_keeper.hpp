// server/store_keeper.hpp: the store that all nodes share, as this one keeps up with it.
//
//   etcd ─list, every 5 s─► StoreFence ─trusted─► listeners
//   own record ─put, when it changed and once a minute─► etcd
//
// The list is all there is: what was missed is in the next one. Nothing waits for it.
// Threads: control.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/sharing_views.hpp"
#include "health/sharing/etcd_client.hpp"
#include "health/sharing/node_watch.hpp"
#include "health/sharing/store_fence.hpp"

namespace gslb::server {

class StoreKeeper {
 public:
  struct Hooks {
    std::function<health::NodeRecord()> own;              ///< what this node publishes of itself
    std::function<void(const health::Listing&)> trusted;  ///< all under /gslb/, each time it was read and believed
  };
  static constexpr std::chrono::seconds every{5};

  StoreKeeper(boost::asio::io_context& control, Hooks hooks);
  ~StoreKeeper();
  StoreKeeper(const StoreKeeper&) = delete;
  StoreKeeper& operator=(const StoreKeeper&) = delete;

  /// Keeps up from now on, as the node `self`; without endpoints, with no store. Again after a reload.
  void follow(const health::EtcdSpec& spec, const std::string& self);
  /// Null if there is none.
  health::SharedStore* store() const noexcept { return client_.get(); }
  /// Reads it now: there is something to bring.
  void refresh();
  /// A person has looked at a store that is refused: it is believed from now on.
  void accept();
  /// What the operator should know.
  std::vector<std::string> warnings() const;
  control::StoreView view() const;

  /// What outlives the program.
  std::string state() const { return fence_.state(); }
  [[nodiscard]] base::Result<void> restore(const std::string& text) { return fence_.restore(text); }

 private:
  void look();
  void take(const base::Result<health::Listing>& listing);
  void name_store();
  void publish();
  void check_compaction();

  Hooks hooks_;
  boost::asio::io_context& control_;
  boost::asio::steady_timer timer_;
  health::EtcdSpec spec_;
  std::string self_;
  health::StoreFence fence_;
  std::optional<base::SteadyTime> read_;
  std::string problem_;  ///< why it could not be read last
  bool reading_ = false;
  bool again_ = false;  ///< something to bring came while it was read
  health::NodeRecord published_;
  std::optional<base::SteadyTime> published_at_;
  base::SteadyTime compaction_checked_{};
  bool grows_ = false;
  std::unique_ptr<health::EtcdClient> client_;  // the first to go: nothing calls back afterwards
};

}  // namespace gslb::server
