#include "health/probes/problem.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace gslb::health {
namespace {

constexpr std::array shortages{EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EAGAIN};

}  // namespace

std::string in_words(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

bool is_own_shortage(int error) { return std::ranges::find(shortages, error) != shortages.end(); }

bool is_own_shortage(std::string_view words) {
  static const auto known = [] {
    std::array<std::string, shortages.size()> out;
    std::ranges::transform(shortages, out.begin(), in_words);
    return out;
  }();
  return std::ranges::find(known, words) != known.end();
}

}  // namespace gslb::health
