// server/state_files.hpp: what the next start takes up: each part's text, in a file of the state directory, written
// every few seconds and at the end.
//
// Threads: control; the writing between start and end is the builder's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "server/builder.hpp"

namespace gslb::server {

class StateFiles {
 public:
  struct Part {
    std::string file;
    std::function<std::string()> text;
    std::function<base::Result<void>(const std::string&)> restore;
  };

  /// @param directory  "": nothing is kept
  StateFiles(boost::asio::io_context& control, Builder& builder, std::string directory, std::vector<Part> parts)
      : builder_(builder), timer_(control), directory_(std::move(directory)), parts_(std::move(parts)) {}

  /// Hands each part what an earlier run kept. One that cannot use it starts without (logged).
  void restore() const;
  /// Writes from now on, on the builder thread.
  void keep();
  /// Writes now, on this thread.
  void write() const;

 private:
  Builder& builder_;
  boost::asio::steady_timer timer_;
  std::string directory_;
  std::vector<Part> parts_;
};

}  // namespace gslb::server
