#include "server/pushed_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/descriptor.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "config/bundle.hpp"
#include "server/loader.hpp"

namespace gslb::server {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view original = "/bundle";  ///< of a folder: the text that was pushed
constexpr std::string_view files = "/files/";
constexpr const char* nowhere = "a pushed configuration is kept in the state directory, and there is none: set `state`";

/// Of a configuration that has mistakes: 0.
std::uint64_t own_hash(const std::string& own) {
  base::ErrorList errors;
  const auto config = config::load(own, errors);
  return config ? hash_of_files(*config) : 0;
}

base::Result<void> write_new(const fs::path& path, const std::string& content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (error || !out) return base::Error{"cannot write " + path.string()};
  return {};
}

/// The main file of an unpacked bundle: the first in it.
std::string main_of(const std::string& folder) {
  const auto text = base::read_file(folder + std::string(original), config::longest_bundle);
  const auto bundle = text ? config::parse_bundle(*text) : base::Result<config::Bundle>(text.error());
  return bundle ? folder + std::string(files) + bundle->files.front().path : "";
}

}  // namespace

void PushedFiles::open(const std::string& state_directory) {
  if (state_directory.empty()) return;
  folder_ = state_directory + "/pushed";
  std::error_code error;
  const std::string path = folder_ + "/current";
  if (!fs::exists(path, error)) return remove_others("");
  const auto text = base::read_file(path, 4096);
  const std::size_t line = text ? text->find('\n') : std::string::npos;
  if (line == 16) std::from_chars(text->data(), text->data() + line, own_, 16);
  if (line != std::string::npos) record_ = health::parse_config_record(std::string_view(*text).substr(line + 1));
  if (!record_ || (!record_->id.empty() && main_of(folder_of(record_->id)).empty())) {
    base::log_error("what was pushed is damaged, this machine's own files are used", {{"file.path", path}});
    record_.reset();
  }
  remove_others(record_ ? record_->id : "");
}

PushedFiles::Choice PushedFiles::choose(const std::string& own) const {
  if (!trial_.empty()) return {main_of(folder_of(trial_)), false};
  if (!record_ || record_->id.empty()) return {};
  if (own_hash(own) != own_) return {"", true};
  return {main_of(folder_of(record_->id)), false};
}

base::Result<void> PushedFiles::begin(std::string_view text) {
  if (folder_.empty()) return base::Error{nowhere};
  const auto bundle = config::parse_bundle(text);
  if (!bundle) return bundle.error();
  const std::string id = config::name_of_bundle(text);
  const std::string folder = folder_of(id);
  if (!record_ || record_->id != id) {
    std::error_code error;
    fs::remove_all(folder, error);
    if (auto written = write_new(folder + std::string(original), std::string(text)); !written) return written;
    for (const config::BundledFile& file : bundle->files) {
      if (auto written = write_new(folder + std::string(files) + file.path, file.content); !written) return written;
    }
    fs::permissions(folder_, fs::perms::owner_all, error);
    const base::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::syncfs(opened.get());
  }
  trial_ = id;
  return {};
}

void PushedFiles::end() {
  trial_.clear();
  remove_others(record_ ? record_->id : "");
}

base::Result<void> PushedFiles::keep(const health::ConfigRecord& record, const std::string& own) {
  auto written = write(record, own_hash(own));
  trial_.clear();
  if (written) remove_others(record.id);
  return written;
}

base::Result<void> PushedFiles::leave(health::ConfigRecord record) {
  if (folder_.empty()) return base::Error{nowhere};
  record.id.clear();
  auto written = write(record, 0);
  if (written) remove_others("");
  return written;
}

base::Result<std::string> PushedFiles::bundle() const {
  if (!record_ || record_->id.empty()) return base::Error{"nothing is pushed"};
  return base::read_file(folder_of(record_->id) + std::string(original), config::longest_bundle);
}

base::Result<void> PushedFiles::write(const health::ConfigRecord& record, std::uint64_t own) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(own));
  std::error_code error;
  fs::create_directories(folder_, error);
  auto written = base::write_file_atomically(folder_ + "/current", std::string(digits) + "\n" + to_text(record));
  if (!written) return written;
  record_ = health::parse_config_record(to_text(record));
  own_ = own;
  return {};
}

/// What a crash or an earlier push left.
void PushedFiles::remove_others(const std::string& id) const {
  std::error_code error;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.is_directory(error) && entry.path().filename() != id && entry.path().filename() != trial_)
      old.push_back(entry.path());
  }
  for (const fs::path& path : old) fs::remove_all(path, error);
}

}  // namespace gslb::server
