// Cookies as a sequence of makings and checks under a clock that jumps: valid is what was made for this address with
// one of the secrets, within its time, and nothing else.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "dns/cookie.hpp"

using namespace gslb;

namespace {

struct Made {
  dns::WholeCookie cookie;
  base::IpAddress client;
  std::uint32_t at;
};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dns::CookieSecrets secrets =
      *dns::parse_cookie_secrets("000102030405060708090a0b0c0d0e0f\nffeeddccbbaa99887766554433221100\n");
  const auto text = dns::parse_cookie_secrets({reinterpret_cast<const char*>(data), size});
  if (text) require(!text->keys.empty() && text->keys.size() <= dns::CookieSecrets::most);

  std::vector<Made> made;
  std::uint32_t now = 1'700'000'000;
  for (std::size_t at = 0; at + 4 <= size;) {
    const std::uint8_t action = data[at], a = data[at + 1], b = data[at + 2], c = data[at + 3];
    at += 4;
    const auto client =
        (a & 1) != 0 ? base::IpAddress::v4(0xc0000200U + (a >> 6)) : *base::parse_address("2001:db8::1");
    switch (action % 4) {
      case 0: {
        std::array<std::uint8_t, dns::client_cookie_size> own{b, c};
        made.push_back({dns::make_cookie(own, client, now, secrets.keys[(a >> 1) & 1]), client, now});
        break;
      }
      case 1:
        now += static_cast<std::uint32_t>(b) * 256 + c;
        break;
      case 2:
        now -= static_cast<std::uint32_t>(b) * 256 + c;
        break;
      default: {
        std::vector<std::uint8_t> option(8 + c % 33);
        if (option.size() < 16) option.resize(8);
        if (!made.empty()) {
          const dns::WholeCookie& cookie = made[b % made.size()].cookie;
          std::copy_n(cookie.begin(), std::min(option.size(), cookie.size()), option.begin());
        }
        if ((a & 8) != 0) option[c % option.size()] ^= static_cast<std::uint8_t>(1U << (b & 7));
        const dns::CookieCheck check = dns::check_cookie(option, client, now, secrets);
        const bool genuine = std::ranges::any_of(made, [&](const Made& m) {
          const auto age = static_cast<std::int32_t>(now - m.at);
          return m.client == client && std::ranges::equal(m.cookie, option) && age <= 3600 && age >= -300;
        });
        require((check.verdict == dns::CookieVerdict::valid) == genuine);
        require(std::equal(option.begin(), option.begin() + 8, check.reply.begin()));
        require(dns::check_cookie(check.reply, client, now, secrets).verdict == dns::CookieVerdict::valid);
      }
    }
  }
  return 0;
}
