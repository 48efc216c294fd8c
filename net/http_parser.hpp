// net/http_parser.hpp: HTTP/1.x messages from octets, without sockets.
//
//   socket ──read into prepare()──► commit(n) ──► header ─► body ─► done ──► message()
//                                                                 └► failed ─► fault(), problem()
//
// Both sides of this folder read through it, and so do the fuzz targets. Owns its buffer, which is bounded by the
// limits. Any one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gslb::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct ParserOptions {
  bool request = false;              ///< what is read: requests, else responses
  std::size_t header_limit = 16384;  ///< octets
  std::size_t body_limit = 65536;    ///< octets
  bool body_limit_is_error = true;   ///< else the message is done when the limit is reached
  bool done_after_header = false;    ///< leave the body alone
  bool answers_head = false;         ///< the response has no body whatever its header says (RFC 9112 section 6.3)
};

struct HttpMessage {
  std::string method;   ///< of a request
  std::string target;   ///< of a request
  unsigned status = 0;  ///< of a response
  HttpHeaders headers;  ///< names in lower case; no trailers
  std::string body;
  bool keep_alive = false;
};

class HttpParser {
 public:
  enum class Progress : std::uint8_t { header, body, done, failed };
  enum class Fault : std::uint8_t { none, header_too_long, body_too_long, malformed, cut_off };

  explicit HttpParser(const ParserOptions& options);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  /// Room for the next octets; valid until commit(). Never empty.
  std::span<char> prepare();
  /// Parses the first `size` octets that were put into prepare()'s room. Interim responses (100 to 199 but 101) are
  /// skipped.
  Progress commit(std::size_t size);
  /// The peer will send nothing more: ends a body without a length; anywhere else the message is cut off.
  Progress end_of_stream();

  Progress progress() const noexcept;
  /// Whether nothing of a message has been seen.
  bool untouched() const noexcept;
  /// Whether the message is complete and nothing has come after it.
  bool at_end() const noexcept;
  /// Whether the body goes on until the peer closes.
  bool ends_with_stream() const noexcept;
  Fault fault() const noexcept;
  const std::string& problem() const noexcept;  ///< in words; "" unless failed
  HttpMessage& message() noexcept;

  /// Begins the next message; octets that came after the last one are parsed at once.
  Progress next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "Not Found" for 404; "" for a number without a name.
std::string_view reason_phrase(unsigned status);

}  // namespace gslb::net
