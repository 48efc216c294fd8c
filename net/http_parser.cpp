#include "net/http_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <optional>

namespace gslb::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast::error_code;

namespace {

constexpr std::size_t read_size = 4096;

std::string lower(beast::string_view text) {
  std::string out(text.size(), '\0');
  std::transform(text.begin(), text.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

/// Beast's grammar, our limits: puts what it finds into an HttpMessage.
template <bool isRequest>
class Grammar final : public http::basic_parser<isRequest> {
 public:
  Grammar(const ParserOptions& options, HttpMessage& message) : options_(options), message_(message) {
    this->header_limit(static_cast<std::uint32_t>(options.header_limit));
    this->body_limit(boost::none);
    this->eager(!options.done_after_header);
    this->skip(options.answers_head);
  }

 private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target, int,
                       error_code& error) override {
    count(method.size() + target.size(), error);
    message_.method.assign(method.data(), method.size());
    message_.target.assign(target.data(), target.size());
  }
  void on_response_impl(int code, beast::string_view, int, error_code&) override {
    message_.status = static_cast<unsigned>(code);
  }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value, error_code& error) override {
    count(name.size() + value.size(), error);
    if (!header_done_) message_.headers.emplace_back(lower(name), std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& error) override {
    if (length && *length > options_.body_limit && options_.body_limit_is_error) error = http::error::body_limit;
  }
  std::size_t on_body_impl(beast::string_view part, error_code& error) override { return add(part, error); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view part, error_code& error) override {
    return add(part, error);
  }
  void on_finish_impl(error_code&) override {}

  /// Beast bounds each line of a header that comes in pieces, but not their sum.
  void count(std::size_t line, error_code& error) {
    header_octets_ += line + 4;
    if (header_octets_ > options_.header_limit) error = http::error::header_limit;
  }

  std::size_t add(beast::string_view part, error_code& error) {
    const std::size_t room = options_.body_limit - message_.body.size();
    message_.body.append(part.data(), std::min(room, part.size()));
    if (part.size() > room) error = http::error::body_limit;
    return part.size();
  }

  const ParserOptions& options_;
  HttpMessage& message_;
  std::size_t header_octets_ = 0;
  bool header_done_ = false;
};

}  // namespace

struct HttpParser::Impl {
  explicit Impl(const ParserOptions& o) : options(o) { restart(); }

  void restart() {
    message = {};
    progress = Progress::header;
    touched = false;
    if (options.request) {
      request.emplace(options, message);
    } else {
      response.emplace(options, message);
    }
  }

  template <class Function>
  auto with_grammar(Function function) {
    return options.request ? function(*request) : function(*response);
  }

  Progress fail(Fault why, std::string words) {
    fault = why;
    problem = std::move(words);
    return progress = Progress::failed;
  }

  Progress fail(const error_code& error) {
    if (error == http::error::body_limit) {
      if (!options.body_limit_is_error) return progress = Progress::done;
      return fail(Fault::body_too_long, "the body is longer than " + std::to_string(options.body_limit) + " octets");
    }
    if (error == http::error::header_limit) return header_too_long();
    return fail(Fault::malformed, "not HTTP: " + error.message());
  }

  Progress header_too_long() {
    return fail(Fault::header_too_long,
                "the header is longer than " + std::to_string(options.header_limit) + " octets");
  }

  /// One run of the grammar over what has not been consumed.
  template <class G>
  Progress step(G& grammar) {
    error_code error;
    const auto used = grammar.put(boost::asio::const_buffer(buffer.data() + begin, end - begin), error);
    begin += used;
    if (error && error != http::error::need_more) return fail(error);
    if (grammar.is_done() || (grammar.is_header_done() && options.done_after_header)) {
      message.keep_alive = grammar.keep_alive();
      return progress = Progress::done;
    }
    // Header lines, chunk sizes and trailers are parsed whole, so what waits for its end must be bounded.
    if (end - begin > options.header_limit) return header_too_long();
    return progress = grammar.is_header_done() ? Progress::body : Progress::header;
  }

  Progress parse() {
    if (begin == end) return progress;
    touched = true;
    with_grammar([this](auto& grammar) { return step(grammar); });
    while (progress == Progress::done && interim()) {
      restart();
      if (begin == end) break;
      step(*response);
    }
    return progress;
  }

  bool interim() const { return !options.request && message.status / 100 == 1 && message.status != 101; }

  ParserOptions options;
  HttpMessage message;
  std::optional<Grammar<true>> request;
  std::optional<Grammar<false>> response;
  std::string buffer;
  std::size_t begin = 0, end = 0;  // of what came and is not consumed
  Progress progress = Progress::header;
  bool touched = false;
  Fault fault = Fault::none;
  std::string problem;
};

HttpParser::HttpParser(const ParserOptions& options) : impl_(std::make_unique<Impl>(options)) {}
HttpParser::~HttpParser() = default;

std::span<char> HttpParser::prepare() {
  Impl& i = *impl_;
  if (i.begin == i.end) {
    i.begin = i.end = 0;
  } else if (i.begin != 0) {
    std::copy(i.buffer.begin() + static_cast<std::ptrdiff_t>(i.begin),
              i.buffer.begin() + static_cast<std::ptrdiff_t>(i.end), i.buffer.begin());
    i.end -= i.begin;
    i.begin = 0;
  }
  if (i.buffer.size() - i.end < read_size / 4) i.buffer.resize(i.end + read_size);
  return {i.buffer.data() + i.end, i.buffer.size() - i.end};
}

HttpParser::Progress HttpParser::commit(std::size_t size) {
  impl_->end += size;
  if (impl_->progress == Progress::done || impl_->progress == Progress::failed) return impl_->progress;
  return impl_->parse();
}

HttpParser::Progress HttpParser::end_of_stream() {
  Impl& i = *impl_;
  if (i.progress == Progress::done || i.progress == Progress::failed) return i.progress;
  if (ends_with_stream()) return i.progress = Progress::done;
  if (i.progress == Progress::body)
    return i.fail(Fault::cut_off,
                  "connection closed after " + std::to_string(i.message.body.size()) + " octets of an unfinished body");
  return i.fail(Fault::cut_off, untouched() ? "connection closed without a word" : "connection closed in the header");
}

HttpParser::Progress HttpParser::progress() const noexcept { return impl_->progress; }
bool HttpParser::untouched() const noexcept { return !impl_->touched; }
bool HttpParser::at_end() const noexcept {
  return impl_->progress == Progress::done && impl_->begin == impl_->end &&
         impl_->with_grammar([](auto& grammar) { return grammar.is_done(); });
}
bool HttpParser::ends_with_stream() const noexcept {
  return impl_->progress == Progress::body && impl_->with_grammar([](auto& grammar) { return grammar.need_eof(); });
}
HttpParser::Fault HttpParser::fault() const noexcept { return impl_->fault; }
const std::string& HttpParser::problem() const noexcept { return impl_->problem; }
HttpMessage& HttpParser::message() noexcept { return impl_->message; }

HttpParser::Progress HttpParser::next() {
  impl_->restart();
  return impl_->parse();
}

std::string_view reason_phrase(unsigned status) {
  const beast::string_view text = http::obsolete_reason(http::int_to_status(status));
  return {text.data(), text.size()};
}

}  // namespace gslb::net
