#include "health/sharing/etcd_check.hpp"

#include <boost/asio/io_context.hpp>

namespace gslb::health {

namespace {

constexpr std::chrono::seconds patience{5};

}  // namespace

std::optional<std::string> store_warning(const EtcdSpec& spec, std::uint64_t young) {
  if (spec.endpoints.empty()) return std::nullopt;
  boost::asio::io_context context(1);
  EtcdClient client(context, spec);
  std::optional<base::Result<bool>> compacted;
  client.is_compacted(young, [&](const base::Result<bool>& answer) {
    compacted = answer;
    context.stop();
  });
  context.run_for(patience);
  if (!compacted) return "the shared store does not answer: whether it compacts itself is not known";
  if (!*compacted) return "whether the shared store compacts itself is not known: " + compacted->error().what;
  if (!**compacted) return EtcdClient::grows;
  return std::nullopt;
}

}  // namespace gslb::health
