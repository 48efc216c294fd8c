// control/words.hpp: the command line of gslbctl: which words there are, and what each verb then does.
//
//   words_server.cpp     status states geo reload              what runs
//   words_orders.cpp     drain force orders events probe …     what people order, and ask of what happened
//   words_reasons.cpp    explain prove simulate diff shadow    why, and what if
//   words_render.cpp     render                            files for the balancers of a site
//   words_files.cpp      check zone import                     files, without a server
//   words_secrets.cpp    key acme                              keys of signed zones, challenges for certificates
//   words_config.cpp     config                                another configuration for all servers
//
// A group declares its verbs with their options; what they do is in the ctl_*.cpp. Threads: main only.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "control/ctl_verbs.hpp"

namespace gslb::control {

/// What every verb is told, beside its own options.
struct Asked {
  Connection connection;
  Output output;
};

class Words {
 public:
  using Deed = std::function<Exit(const Asked&)>;
  static constexpr std::chrono::seconds usual{10};
  static constexpr std::chrono::seconds campaign{60};
  static constexpr std::chrono::seconds slow{120};

  Words();
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  /// A verb that has verbs of its own.
  CLI::App* group(const char* name, const char* does, const std::string& examples);
  /// @param of  nullptr: a verb of gslbctl itself
  /// @param patience  how long to wait for a server without --timeout
  CLI::App* verb(CLI::App* of, const char* name, const char* does, const std::string& examples, Deed deed,
                 std::chrono::seconds patience = usual);

  /// Understands the words and does what they say; tells on standard error what it does not understand.
  Exit run(int argc, const char* const* argv);

 private:
  struct Verb {
    CLI::App* app = nullptr;
    Deed deed;
    std::chrono::seconds patience{};
  };

  CLI::App* innermost();
  std::string near(const std::string& word);
  Exit misused(const std::string& word);
  Asked asked(const Verb& verb) const;

  CLI::App app_{"Asks and directs a running gslbd over its control socket."};
  std::vector<Verb> verbs_;
  std::string socket_ = "/run/gslb/control.sock";
  double timeout_ = 0;  ///< seconds; 0: as the verb needs
  bool json_ = false;
  std::string color_ = "auto";
};

void add_server_words(Words& words);
void add_order_words(Words& words);
void add_reason_words(Words& words);
void add_render_words(Words& words);
void add_file_words(Words& words);
void add_secret_words(Words& words);
void add_config_words(Words& words);

}  // namespace gslb::control
