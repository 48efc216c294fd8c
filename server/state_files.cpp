#include "server/state_files.hpp"

#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"

namespace gslb::server {

namespace {

constexpr auto every = std::chrono::seconds(10);
constexpr std::size_t largest = 64 << 20;

using Texts = std::vector<std::pair<std::string, std::string>>;  ///< path, text

void write_all(const Texts& texts) {
  for (const auto& [path, text] : texts) {
    if (const auto written = base::write_file_atomically(path, text); !written) base::log_warning(written.error().what);
  }
}

Texts texts_of(const std::string& directory, const std::vector<StateFiles::Part>& parts) {
  Texts out;
  for (const auto& part : parts) out.emplace_back(directory + "/" + part.file, part.text());
  return out;
}

}  // namespace

void StateFiles::restore() const {
  if (directory_.empty()) return;
  for (const Part& part : parts_) {
    const auto kept = base::read_file(directory_ + "/" + part.file, largest);
    if (!kept) continue;
    if (const auto restored = part.restore(*kept); !restored)
      base::log_warning("state not used: " + restored.error().what);
  }
}

void StateFiles::keep() {
  if (directory_.empty()) return;
  timer_.expires_after(every);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    builder_.post([texts = texts_of(directory_, parts_)] { write_all(texts); });
    keep();
  });
}

void StateFiles::write() const {
  if (!directory_.empty()) write_all(texts_of(directory_, parts_));
}

}  // namespace gslb::server
