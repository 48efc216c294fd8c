// tests/control/gslbctl_program.hpp: gslbctl as a program, in a folder of its own, alone or with a server.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "control/api.hpp"
#include "tests/control/fake_instance.hpp"

namespace gslb::control {

struct Outcome {
  int code = -1;
  std::string out, err;
};

inline std::string content(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

class Gslbctl : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gslbctl-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    socket_ = (folder_ / "control.sock").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Outcome run(const std::string& arguments, const std::string& environment = "") const {
    const std::string command = environment + " " + GSLBCTL + " " + arguments + " >" + (folder_ / "out").string() +
                                " 2>" + (folder_ / "err").string() + " </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder_ / "out"), content(folder_ / "err")};
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return path(name);
  }
  Outcome ask(const std::string& arguments) const { return run("--socket " + socket_ + " " + arguments); }

  std::filesystem::path folder_;
  std::string socket_;
};

/// With a server that answers.
class GslbctlWithServer : public Gslbctl {
 protected:
  void SetUp() override {
    Gslbctl::SetUp();
    server_ = std::make_unique<net::HttpServer>(context_, make_api(instance_));
    ASSERT_TRUE(server_->listen_unix(socket_));
    thread_ = std::jthread([this] { context_.run(); });
  }
  void TearDown() override {
    boost::asio::post(context_, [this] {
      server_.reset();
      work_.reset();
    });
    thread_.join();
    Gslbctl::TearDown();
  }
  FakeInstance instance_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = make_work_guard(context_);
  std::unique_ptr<net::HttpServer> server_;
  std::jthread thread_;
};

}  // namespace gslb::control
