#include "net/http2_exchange.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <boost/asio/ssl/error.hpp>

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto octets = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));  // it copies them
  };
  return {octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string_view text_of(const std::uint8_t* octets, std::size_t size) {
  return {reinterpret_cast<const char*>(octets), size};
}

}  // namespace

/// What nghttp2 tells, and what is sent to the server because of it.
struct Http2Exchange::Session {
  explicit Session(const HttpRequest& r) : request(r) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_client_new(&session, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
  }
  ~Session() { nghttp2_session_del(session); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  bool submit(const std::string& host) {
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 1);
    const std::string length = std::to_string(request.body.size());
    std::vector<std::pair<std::string, std::string>> more;
    for (const auto& [name, value] : request.headers) more.emplace_back(lower(name), value);
    std::vector<nghttp2_nv> fields{field(":method", request.method), field(":scheme", request.tls ? "https" : "http"),
                                   field(":authority", host), field(":path", request.target)};
    for (const auto& [name, value] : more) fields.push_back(field(name, value));
    if (!request.body.empty()) fields.push_back(field("content-length", length));
    nghttp2_data_provider body{{.ptr = this}, read_body};
    const bool has_body = !request.body.empty();
    return nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), has_body ? &body : nullptr, nullptr) >
           0;
  }

  /// What is to be sent now.
  std::string output() {
    std::string out;
    for (;;) {
      const std::uint8_t* octets = nullptr;
      const auto size = nghttp2_session_mem_send(session, &octets);
      if (size <= 0) return out;
      out.append(text_of(octets, static_cast<std::size_t>(size)));
    }
  }

  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    auto& self = *static_cast<Session*>(user);
    const std::string_view key = text_of(name, name_size), text = text_of(value, value_size);
    self.header_octets += key.size() + text.size();
    if (self.header_octets > self.request.header_limit) {
      self.problem = "the header is longer than " + std::to_string(self.request.header_limit) + " octets";
    } else if (key == ":status") {
      self.response.headers.clear();  // an earlier one was of an interim answer
      self.response.status = static_cast<unsigned>(std::atoi(std::string(text).c_str()));
    } else {
      self.response.headers.emplace_back(key, text);
    }
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Session*>(user);
    if (frame->hd.type != NGHTTP2_HEADERS || self.response.status < 200) return 0;
    self.has_header = true;
    self.done = self.done || !self.request.read_body;
    return 0;
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data, std::size_t size,
                     void* user) {
    auto& self = *static_cast<Session*>(user);
    std::string& body = self.response.body;
    const std::size_t left = self.request.body_limit - std::min(self.request.body_limit, body.size());
    body.append(text_of(data, std::min(size, left)));
    if (size <= left) return 0;
    if (self.request.body_limit_is_error) {
      self.problem = "the body is longer than " + std::to_string(self.request.body_limit) + " octets";
    } else {
      self.done = true;
    }
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t, std::uint32_t code, void* user) {
    auto& self = *static_cast<Session*>(user);
    if (code == NGHTTP2_NO_ERROR && self.has_header) {
      self.done = true;
    } else if (!self.done) {
      self.problem = std::string("the server ended the stream: ") + nghttp2_http2_strerror(code);
    }
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t room, std::uint32_t* flags,
                           nghttp2_data_source*, void* user) {
    auto& self = *static_cast<Session*>(user);
    const std::size_t size = std::min(room, self.request.body.size() - self.sent);
    std::copy_n(self.request.body.data() + self.sent, size, out);
    self.sent += size;
    if (self.sent == self.request.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  const HttpRequest& request;
  nghttp2_session* session = nullptr;
  HttpResponse response;
  std::size_t header_octets = 0;
  std::size_t sent = 0;
  bool has_header = false;
  bool done = false;
  std::string problem;
};

Http2Exchange::Http2Exchange(asio::io_context& context, HttpRequest request, Ended ended)
    : StreamExchange(context, {request.to, request.unix_path, request.tls, request.tls_options, request.reset_on_close,
                               request.deadline, request.connect_deadline}),
      request_(std::move(request)),
      ended_(std::move(ended)),
      session_(std::make_unique<Session>(request_)) {}

Http2Exchange::~Http2Exchange() = default;

void Http2Exchange::begin(TlsContexts& contexts) {
  const std::string host = request_.host.empty() ? base::to_string(request_.to) : request_.host;
  if (!session_->submit(host)) return fail_later(Phase::send, "the request holds what HTTP/2 does not allow there");
  start(contexts, session_->output());
}

bool Http2Exchange::chose_http2() const {
  if (!connection()->tls) return true;
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(const_cast<StreamConnection*>(connection())->tls->native_handle(), &name, &size);
  return text_of(name, size) == "h2";
}

StreamExchange::Wants Http2Exchange::received(const error_code& error, std::size_t size) {
  if (!std::exchange(looked_, true) && !chose_http2()) {
    fail("the server does not offer HTTP/2");
    return Wants::nothing;
  }
  const auto taken =
      nghttp2_session_mem_recv(session_->session, reinterpret_cast<const std::uint8_t*>(buffer_.data()), size);
  if (session_->has_header) enter(Phase::body);
  if (taken < 0) {
    fail(std::string("no HTTP/2: ") + nghttp2_strerror(static_cast<int>(taken)));
  } else if (!session_->problem.empty()) {
    fail(session_->problem);
  } else if (session_->done) {
    succeed();
  } else if (nghttp2_session_want_read(session_->session) == 0) {
    fail("no HTTP/2: what came breaks the protocol");
  } else if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    fail("connection closed");
  } else if (error) {
    fail(in_words(error));
  } else {
    say(session_->output());
    return Wants::more;
  }
  return Wants::nothing;
}

void Http2Exchange::ended() {
  HttpResponse response = std::move(session_->response);
  static_cast<StreamOutcome&>(response) = std::move(outcome());
  const auto done = std::move(ended_);
  done(std::move(response));
}

}  // namespace gslb::net
