#include "control/api_request.hpp"

#include <algorithm>
#include <charconv>

#include "control/json.hpp"

namespace gslb::control {

namespace {

/// "%2e" and "+" of a query decoded; a stray "%" stands for itself.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char octet = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, octet, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(octet);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

net::ServerResponse response(unsigned status, std::string body) {
  return {.status = status,
          .content_type = "application/json",
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}}};
}

net::ServerResponse refusal(unsigned status, std::string error, std::string hint) {
  return response(status, to_json(ApiError{std::move(error), std::move(hint)}));
}

std::vector<std::string> parameters(std::string_view query, std::string_view name) {
  std::vector<std::string> out;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos)
      out.push_back(decoded(pair.substr(equals + 1)));
  }
  return out;
}

std::string parameter(std::string_view query, std::string_view name) {
  const auto all = parameters(query, name);
  return all.empty() ? "" : all.front();
}

Parameters parameters(std::string_view query) {
  Parameters out;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    out.emplace(decoded(pair.substr(0, equals)), decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return out;
}

}  // namespace gslb::control
