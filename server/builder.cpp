#include "server/builder.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>

namespace gslb::server {

struct Builder::Impl {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  std::thread thread{[this] {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
    context.run();
  }};
};

Builder::Builder() : impl_(std::make_unique<Impl>()) {}

Builder::~Builder() {
  impl_->work.reset();
  impl_->thread.join();
}

void Builder::post(std::function<void()> work) { boost::asio::post(impl_->context, std::move(work)); }

}  // namespace gslb::server
