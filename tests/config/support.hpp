// tests/config/support.hpp: configurations from text, and files in a folder of the test's own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace gslb::config::testing {

/// "line:column: path: what" of every error in `text`, taken as the file t.yaml.
inline std::vector<std::string> errors_of(const std::string& text) {
  base::ErrorList errors;
  std::vector<std::string> out;
  if (load_text("t.yaml", text, errors)) return out;
  for (base::ConfigError error : errors.all()) {
    error.hint.clear();
    const std::string whole = base::to_string(error);
    const std::string first_line = whole.substr(0, whole.find('\n'));
    const std::size_t prefix = first_line.starts_with("t.yaml: ") ? 8 : first_line.starts_with("t.yaml:") ? 7 : 0;
    out.push_back(first_line.substr(prefix));
  }
  return out;
}

/// The configuration, or a test failure that shows the errors.
inline Config loaded(const std::string& text) {
  base::ErrorList errors;
  auto config = load_text("t.yaml", text, errors);
  for (const auto& error : errors.all()) ADD_FAILURE() << base::to_string(error);
  return config.value_or(Config{});
}

/// A folder that is gone at the end of the test.
class Folder {
 public:
  Folder() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            ("gslb-" + std::string(test->name()) + "-" + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace gslb::config::testing
