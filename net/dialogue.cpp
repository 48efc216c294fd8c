#include "net/dialogue.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/error.hpp>

#include "net/stream_exchange.hpp"

namespace gslb::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

class Dialogue final : public StreamExchange {
 public:
  Dialogue(asio::io_context& context, DialogueRequest request, DialogueClient::Done done)
      : StreamExchange(context, {request.to, request.unix_path, request.tls, request.tls_options, true,
                                 request.deadline, request.connect_deadline}),
        request_(std::move(request)),
        done_(std::move(done)) {}

  void begin(TlsContexts& contexts) { start(contexts, std::move(request_.say)); }

 private:
  bool reads() const override { return static_cast<bool>(request_.enough); }

  std::span<char> room() override {
    constexpr std::size_t piece = 4096;
    const std::size_t size = std::min(piece, request_.limit - heard_);
    if (buffer_.size() < heard_ + size) buffer_.resize(heard_ + size);
    return {buffer_.data() + heard_, size};
  }

  Wants received(const error_code& error, std::size_t size) override {
    heard_ += size;
    if (request_.enough({buffer_.data(), heard_})) {
      succeed();
    } else if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
      fail("connection closed");
    } else if (error) {
      fail(in_words(error));
    } else if (heard_ >= request_.limit) {
      fail("not within " + std::to_string(request_.limit) + " octets");
    } else {
      return Wants::more;
    }
    return Wants::nothing;
  }

  void ended() override {
    DialogueResult result;
    static_cast<StreamOutcome&>(result) = std::move(outcome());
    buffer_.resize(heard_);
    result.heard = std::move(buffer_);
    const auto done = std::move(done_);
    done(std::move(result));
  }

  DialogueRequest request_;
  DialogueClient::Done done_;
  std::string buffer_;
  std::size_t heard_ = 0;
};

class RunningDialogue final : public DialogueClient::Running {
 public:
  explicit RunningDialogue(std::shared_ptr<Dialogue> dialogue) : dialogue_(std::move(dialogue)) {}
  ~RunningDialogue() override { dialogue_->abandon(); }

 private:
  std::shared_ptr<Dialogue> dialogue_;
};

}  // namespace

struct DialogueClient::Impl {
  asio::io_context& context;
  TlsContexts contexts;
};

DialogueClient::DialogueClient(asio::io_context& context) : impl_(new Impl{context, {}}) {}
DialogueClient::~DialogueClient() = default;

std::unique_ptr<DialogueClient::Running> DialogueClient::start(DialogueRequest request, Done done) {
  auto dialogue = std::make_shared<Dialogue>(impl_->context, std::move(request), std::move(done));
  dialogue->begin(impl_->contexts);
  return std::make_unique<RunningDialogue>(std::move(dialogue));
}

}  // namespace gslb::net
