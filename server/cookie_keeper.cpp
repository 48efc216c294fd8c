#include "server/cookie_keeper.hpp"

#include <filesystem>
#include <random>

#include "base/file.hpp"
#include "base/log.hpp"

namespace gslb::server {

namespace {

constexpr auto turn = std::chrono::hours(14 * 24);

dns::SipKey new_key() {
  std::random_device random;
  dns::SipKey key;
  for (std::uint8_t& octet : key) octet = static_cast<std::uint8_t>(random());
  return key;
}

std::string text_of(const dns::CookieSecrets& secrets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const dns::SipKey& key : secrets.keys) {
    for (const std::uint8_t octet : key) {
      out += digits[octet >> 4];
      out += digits[octet & 15];
    }
    out += '\n';
  }
  return out;
}

}  // namespace

dns::CookieSecrets keep_cookie_secrets(const std::string& state_directory, base::WallTime now) {
  static dns::CookieSecrets of_process{{new_key()}};
  if (state_directory.empty()) return of_process;
  const std::string path = state_directory + "/cookie-secrets";
  dns::CookieSecrets secrets;
  if (const auto text = base::read_file(path)) {
    if (auto kept = dns::parse_cookie_secrets(*text)) {
      secrets = std::move(*kept);
    } else {
      base::log_warning("kept cookie secrets cannot be used; clients get new cookies",
                        {{"file.path", path}, {"error.message", kept.error().what}});
    }
  }
  std::error_code error;
  const auto written = std::filesystem::last_write_time(path, error);
  const auto age = now - std::chrono::time_point_cast<base::Duration>(std::chrono::file_clock::to_sys(written));
  if (!secrets.keys.empty() && !error && age < turn) return secrets;
  secrets.keys.insert(secrets.keys.begin(), new_key());
  secrets.keys.resize(std::min<std::size_t>(secrets.keys.size(), 2));
  if (const auto kept = base::write_file_atomically(path, text_of(secrets)); !kept) {
    base::log_warning("cannot keep cookie secrets: clients get new cookies after a restart",
                      {{"file.path", path}, {"error.message", kept.error().what}});
    return secrets.keys.size() == 1 ? of_process : secrets;
  }
  return secrets;
}

}  // namespace gslb::server
