// server/config_desk.hpp: the configuration that is pushed to this server: tried, watched, kept or taken back; and,
// with a shared store, brought to the other name servers once it was kept.
//
//   POST /v1/config/push ─► PushedFiles, judge_push ─► answers ─► Soak ──trouble──► what ran before
//                                                                  └──over──► kept on disk ─► shared store ─► others
//
// Threads: the control thread; the files are the builder's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/config_views.hpp"
#include "health/sharing/shared_store.hpp"
#include "server/builder.hpp"
#include "server/pushed_files.hpp"
#include "server/soak.hpp"

namespace gslb::server {

class ConfigDesk {
 public:
  using Done = std::function<void(control::ConfigPushOutcome)>;
  struct Hooks {
    /// Loads what PushedFiles::choose() says and lets it answer; with a push, only if judge_push() has nothing against
    /// it, and not with `dry_run`. `done` is called on the control thread.
    std::function<void(std::optional<control::ConfigPush> push, Done done)> load;
    std::function<Reading()> read;                ///< what was counted until now
    std::function<void(std::string)> tell;        ///< an event
    std::function<health::SharedStore*()> store;  ///< null: there is none
  };

  ConfigDesk(boost::asio::io_context& control, Builder& builder, std::string own_file,
             std::shared_ptr<PushedFiles> files, Hooks hooks);

  /// What the files say at the start.
  void know(std::optional<health::ConfigRecord> record) { record_ = std::move(record); }
  /// Once answers are given: counts from now on.
  void start();
  /// Own files are loaded, and what was pushed is no more.
  void left_for_files(const health::ConfigRecord& record, const std::string& why);

  void push(control::ConfigPush push, Done done);
  void leave(const std::string& author, const std::string& reason, Done done);
  /// The file, the hash and the number are the caller's to fill in.
  control::ConfigView view() const;
  /// Takes what others have pushed. @param listing  all that is in a store that is trusted
  void read_store(const health::Listing& listing, health::SharedStore& store);
  std::vector<std::string> warnings() const;

 private:
  struct Trial {
    control::ConfigPush push;
    std::string id;
    health::ConfigRecord record;
    Soak soak;
  };
  void look();
  void in_turn(std::function<void()> work, std::function<void()> then);
  void attempt(const control::ConfigPush& push, Done done);
  void keep(const health::ConfigRecord& record, const std::string& bundle, bool share, std::function<void()> done);
  void take_back(const std::string& why);
  void spread(const health::ConfigRecord& record, const std::string& bundle);
  void take_from_store(const health::ConfigRecord& record, health::SharedStore& store);
  void publish(const health::ConfigRecord& record);
  base::WallTime next_time() const;

  boost::asio::io_context& control_;
  Builder& builder_;
  std::string own_file_;
  std::shared_ptr<PushedFiles> files_;
  Hooks hooks_;
  boost::asio::steady_timer timer_;
  std::optional<health::ConfigRecord> record_;  ///< as of files_, for this thread
  std::deque<Reading> readings_;                ///< of the last minute, oldest first
  std::optional<Trial> trial_;
  bool busy_ = false;  ///< a push or a return is under way
  std::string last_trial_, last_id_;
  std::string problem_;  ///< with the shared store
  base::SteadyTime tried_{};
  health::ConfigRecord tried_record_;  ///< of the store, that could not be taken
};

}  // namespace gslb::server
