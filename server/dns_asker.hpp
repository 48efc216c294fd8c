// server/dns_asker.hpp: asks another name server one question: UDP, twice if it stays silent, TCP if the reply is
// truncated. For the keys of zones; no worker asks anything.
//
// Threads: those of the context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "dns/name.hpp"
#include "dns/types.hpp"

namespace gslb::server {

/// A record of an authoritative answer.
struct Answered {
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  std::vector<std::uint8_t> rdata;
};

/// The records that `qname` owns in the server's authoritative answer: none for NXDOMAIN and NODATA; an error if it
/// does not answer, refuses, or is not authoritative.
using AskDone = std::function<void(base::Result<std::vector<Answered>>)>;

/// Calls `done` once, later but within three times `patience`, on the context's thread; never if the context is stopped
/// before. May be called from any thread.
void ask_server(boost::asio::io_context& context, const base::SocketAddress& server, const dns::Name& qname,
                dns::Rtype qtype, AskDone done, std::chrono::milliseconds patience = std::chrono::seconds(2));

}  // namespace gslb::server
