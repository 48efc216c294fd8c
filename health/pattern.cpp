#include "health/pattern.hpp"

#include <re2/re2.h>

namespace gslb::health {

struct Pattern::Impl {
  explicit Impl(const std::string& text, const re2::RE2::Options& options) : expression(text, options) {}
  re2::RE2 expression;
};

Pattern::Pattern(std::string text, std::unique_ptr<Impl> impl) : text_(std::move(text)), impl_(std::move(impl)) {}
Pattern::~Pattern() = default;

base::Result<std::shared_ptr<const Pattern>> Pattern::compile(const std::string& text) {
  constexpr std::int64_t most_memory = 1 << 20;
  re2::RE2::Options options;
  options.set_max_mem(most_memory);
  options.set_log_errors(false);
  options.set_never_capture(true);
  auto impl = std::make_unique<Impl>(text, options);
  if (!impl->expression.ok()) return base::Error{impl->expression.error()};
  return std::shared_ptr<const Pattern>(new Pattern(text, std::move(impl)));
}

bool Pattern::found_in(std::string_view subject) const {
  return re2::RE2::PartialMatch({subject.data(), subject.size()}, impl_->expression);
}

}  // namespace gslb::health
