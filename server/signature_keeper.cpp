#include "server/signature_keeper.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "engine/signing.hpp"

namespace gslb::server {

ClockTimes system_clocks() noexcept {
  std::timespec passed{};
  ::clock_gettime(CLOCK_BOOTTIME, &passed);  // the steady clock stands still while the machine sleeps
  return {std::chrono::floor<std::chrono::seconds>(base::wall_now()).time_since_epoch().count(), passed.tv_sec};
}

void SignatureKeeper::open(const std::string& state_directory) {
  if (!path_.empty() || state_directory.empty()) return;
  path_ = state_directory + "/signatures";
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return;
  if (const auto loaded = store_.load(path_); !loaded)
    base::log_warning("kept signatures cannot be used; signed zones are signed afresh",
                      {{"file.path", path_}, {"error.message", loaded.error().what}});
}

zones::ClockReading SignatureKeeper::clock() const {
  const ClockTimes times = clocks_();
  return watch_.read(times.now, times.passed);
}

std::int64_t SignatureKeeper::now() const {
  const zones::ClockReading reading = clock();
  const auto judged = zones::judge_clock(reading, store_.newest(), zones::default_validity, 0);
  return judged ? judged->moment.now : reading.now;
}

std::string SignatureKeeper::save() {
  if (!store_.changed() || path_.empty()) return {};
  const auto written = store_.save(path_);
  return written ? "" : "signatures are not kept for the next start: " + written.error().what;
}

void SignatureKeeper::look() {
  const auto found = std::make_shared<engine::Renewal>();
  republisher_.republish(
      [this, found](engine::Snapshot& next) {
        const std::uint64_t before = store_.made();
        const ClockTimes times = clocks_();
        *found = engine::renew(next, store_, watch_.read(times.now, times.passed));
        if (!found->held) watch_.believe(times.now, times.passed);
        if (store_.made() != before) base::log_info("signatures renewed", {{"count", store_.made() - before}});
        if (std::string unsaved = save(); !unsaved.empty()) found->warnings.push_back(std::move(unsaved));
        return found->renewed;
      },
      [this, found] {
        note(std::move(found->warnings));
        timer_.expires_after(std::chrono::seconds(found->next));
        timer_.async_wait([this](const boost::system::error_code& error) {
          if (!error) look();
        });
      });
}

void SignatureKeeper::note(std::vector<std::string> warnings) {
  for (const std::string& warning : warnings)
    if (std::ranges::find(warnings_, warning) == warnings_.end()) base::log_warning(warning);
  warnings_ = std::move(warnings);
}

void SignatureKeeper::sign(const dns::Name& apex, zones::ZoneKeysPtr keys, std::function<void(bool published)> done) {
  const auto published = std::make_shared<bool>(false);
  republisher_.republish(
      [this, apex, keys = std::move(keys), published](engine::Snapshot& next) {
        const auto& zones = next.zones.all();
        const auto zone = std::ranges::find_if(
            zones, [&](const auto& candidate) { return std::ranges::equal(candidate->apex(), apex.wire()); });
        if (zone == zones.end()) return false;
        const auto made = engine::sign(next, static_cast<std::size_t>(zone - zones.begin()), keys, store_, clock());
        if (!made) base::log_error(made.error().what);
        *published = made.has_value();
        return *published;
      },
      [this, done = std::move(done), published] {
        done(*published);
        look();
      });
}

}  // namespace gslb::server
