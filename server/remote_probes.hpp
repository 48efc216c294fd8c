// server/remote_probes.hpp: questions of this node to other vantages for probes now, until they are answered.
//
// Threads: everything on the io_context's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "health/sharing/probe_asks.hpp"

namespace gslb::server {

/// What became of the question to one vantage.
struct RemoteProbe {
  std::string vantage;
  std::string problem;  ///< why there are no outcomes; "": there are, or it probes none of the targets
  std::vector<health::ProbeOutcome> outcomes;
};

class RemoteProbes {
 public:
  using Done = std::function<void(std::vector<RemoteProbe>)>;
  explicit RemoteProbes(boost::asio::io_context& context) : context_(context) {}

  /// `done` is called once, in the order of `vantages`, when all have answered or `patience` is over.
  void ask(const std::vector<std::string>& vantages, std::vector<std::uint64_t> targets, base::Duration patience,
           Done done);
  /// What a vantage that has come is to be asked; each question is put to it once.
  std::vector<health::ProbeAsk> asks_of(const std::string& vantage);
  /// An answer to a question that it was not asked, or too late, is left alone.
  void answered(const std::string& vantage, health::ProbeAnswer answer);

 private:
  struct Asked {
    RemoteProbe probe;
    bool told = false;     ///< the question was put to it
    bool settled = false;  ///< `probe` says what became of it
  };
  struct Question {
    std::vector<std::uint64_t> targets;
    std::vector<Asked> asked;
    std::unique_ptr<boost::asio::steady_timer> patience;
    Done done;
  };
  void end(std::uint64_t id);

  boost::asio::io_context& context_;
  std::map<std::uint64_t, Question> questions_;
  std::uint64_t last_ = 0;
};

}  // namespace gslb::server
