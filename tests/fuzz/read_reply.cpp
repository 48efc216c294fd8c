// A reply from another name server: what is accepted lies within the message.
#include <cstdlib>

#include "dns/reply_reader.hpp"

using namespace gslb::dns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Name qname = Name::parse("example.org.").value();
  const std::span message(data, size);
  const auto reply = read_reply(message, 0x1234, qname.wire(), Rtype::DNSKEY);
  if (!reply) return reply.error().what.empty() ? (std::abort(), 0) : 0;
  std::size_t octets = 0;
  for (const ReplyRecord& record : reply->answer) {
    octets += 10 + record.rdata.size();
    if (record.rdata.data() < data || record.rdata.data() + record.rdata.size() > data + size) std::abort();
  }
  if (octets > size) std::abort();
  return 0;
}
