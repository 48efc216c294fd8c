// server/pushed_files.hpp: the configuration that was pushed to this server, on its disk.
//
//   state/pushed/current        which one, and what the machine's own files were then
//   state/pushed/ID/…           its files
//
// What is on trial is not `current`: a server that dies of it comes back with what ran before. Whoever edits the
// machine's own files wants them: a pushed configuration ends with that.
// Threads: the builder's, or before it has work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "health/sharing/config_record.hpp"

namespace gslb::server {

class PushedFiles {
 public:
  /// What is to be loaded.
  struct Choice {
    std::string main;     ///< the main file of what was pushed; "": the machine's own files alone
    bool edited = false;  ///< these have been edited: what was pushed ends once they are loaded
  };

  /// Takes up what an earlier run kept. @param state_directory  "": nothing can be pushed
  void open(const std::string& state_directory);
  /// @param own  the machine's own main file
  Choice choose(const std::string& own) const;
  /// Puts a bundle on trial in place of what is there. Fails with nothing changed.
  [[nodiscard]] base::Result<void> begin(std::string_view bundle);
  bool on_trial() const noexcept { return !trial_.empty(); }
  /// What was on trial is gone.
  void end();
  /// What is on trial is what runs from now on, also after a restart.
  [[nodiscard]] base::Result<void> keep(const health::ConfigRecord& record, const std::string& own);
  /// The machine's own files hold again, as of the record.
  [[nodiscard]] base::Result<void> leave(health::ConfigRecord record);

  /// The one that was kept or left last. Its id is "" if the machine's own files hold.
  const std::optional<health::ConfigRecord>& record() const noexcept { return record_; }
  /// As it was pushed.
  [[nodiscard]] base::Result<std::string> bundle() const;

 private:
  std::string folder_of(const std::string& id) const { return folder_ + "/" + id; }
  base::Result<void> write(const health::ConfigRecord& record, std::uint64_t own);
  void remove_others(const std::string& id) const;

  std::string folder_;  ///< "": there is no state directory
  std::optional<health::ConfigRecord> record_;
  std::uint64_t own_ = 0;  ///< hash_of_files() of the machine's own files when the record was kept
  std::string trial_;      ///< the id of what is on trial; ""
};

}  // namespace gslb::server
