#include "dns/cookie.hpp"

#include <algorithm>

namespace gslb::dns {

namespace {

constexpr std::int32_t longest_age = 3600;
constexpr std::int32_t renewal_age = 1800;
constexpr std::int32_t farthest_future = 300;
constexpr std::size_t head_size = 16;  ///< client cookie, version, reserved, time

/// @param head  the first head_size octets of a whole cookie
std::uint64_t hash_of(std::span<const std::uint8_t> head, const base::IpAddress& client,
                      const SipKey& secret) noexcept {
  std::array<std::uint8_t, head_size + 16> input;
  const auto address = client.bytes();
  std::copy_n(head.begin(), head_size, input.begin());
  std::copy(address.begin(), address.end(), input.begin() + head_size);
  return siphash(secret, std::span(input).first(head_size + address.size()));
}

std::uint32_t time_of(std::span<const std::uint8_t> cookie) noexcept {
  return static_cast<std::uint32_t>(cookie[12]) << 24 | static_cast<std::uint32_t>(cookie[13]) << 16 |
         static_cast<std::uint32_t>(cookie[14]) << 8 | cookie[15];
}

std::optional<std::uint8_t> digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<SipKey> parse_key(std::string_view text) noexcept {
  SipKey key;
  if (text.size() != 2 * key.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    key[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return key;
}

std::string_view trimmed(std::string_view line) noexcept {
  line = line.substr(0, line.find('#'));
  const auto first = line.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view{}
                                         : line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

base::Result<CookieSecrets> parse_cookie_secrets(std::string_view text) {
  CookieSecrets out;
  unsigned number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty()) continue;
    const auto key = parse_key(line);
    if (!key) return base::Error{"line " + std::to_string(number) + " is not a secret of 32 hexadecimal digits"};
    if (out.keys.size() == CookieSecrets::most)
      return base::Error{"line " + std::to_string(number) + " is one secret too many: at most " +
                         std::to_string(CookieSecrets::most)};
    out.keys.push_back(*key);
  }
  if (out.keys.empty()) return base::Error{"holds no secret: write one of 32 hexadecimal digits"};
  return out;
}

WholeCookie make_cookie(std::span<const std::uint8_t, client_cookie_size> client_cookie, const base::IpAddress& client,
                        std::uint32_t now, const SipKey& secret) noexcept {
  WholeCookie out;
  std::copy(client_cookie.begin(), client_cookie.end(), out.begin());
  out[8] = 1;
  out[9] = out[10] = out[11] = 0;
  for (unsigned i = 0; i < 4; ++i) out[12 + i] = static_cast<std::uint8_t>(now >> (24 - 8 * i));
  const std::uint64_t hash = hash_of(out, client, secret);
  std::memcpy(&out[head_size], &hash, sizeof hash);
  return out;
}

CookieCheck check_cookie(std::span<const std::uint8_t> option, const base::IpAddress& client, std::uint32_t now,
                         const CookieSecrets& secrets) noexcept {
  CookieCheck out;
  if (option.empty()) return out;
  const auto client_cookie = option.first<client_cookie_size>();
  out.verdict = option.size() == client_cookie_size ? CookieVerdict::client_only : CookieVerdict::invalid;
  bool renew = true;
  if (option.size() == whole_cookie_size && option[client_cookie_size] == 1) {
    const auto age = static_cast<std::int32_t>(now - time_of(option));  // serial number arithmetic (RFC 1982)
    if (age <= longest_age && age >= -farthest_future) {
      std::uint64_t sent;
      std::memcpy(&sent, &option[head_size], sizeof sent);
      for (const SipKey& key : secrets.keys) {
        if (hash_of(option, client, key) != sent) continue;
        out.verdict = CookieVerdict::valid;
        renew = age > renewal_age || &key != secrets.keys.data();
        break;
      }
    }
  }
  if (renew) {
    out.reply = make_cookie(client_cookie, client, now, secrets.keys.front());
  } else {
    std::copy_n(option.begin(), whole_cookie_size, out.reply.begin());
  }
  return out;
}

}  // namespace gslb::dns
