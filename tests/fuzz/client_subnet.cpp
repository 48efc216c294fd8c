// RFC 7871 section 7.2.1 as a sequence of clients behind one resolver: the scope of a reply is no longer than what was
// told, and everybody inside it gets the same answer.
#include <algorithm>
#include <cstdlib>

#include "tests/conformance/zone_fixture.hpp"
#include "tests/dns/query_builder.hpp"

using namespace gslb;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr const char* names[] = {"www.example.org", "half.example.org", "whole.example.org", "europe.example.org"};

struct Subnet {
  unsigned family = 1, source = 0;
  dns::Bytes address;
};

/// Source and address of 4 or 16 octets, whatever they are, as an option that is well formed.
Subnet well_formed(bool v6, unsigned source, dns::Bytes address) {
  Subnet out{v6 ? 2U : 1U, source, std::move(address)};
  out.address.resize((source + 7) / 8);
  if (source % 8 != 0) out.address.back() &= static_cast<std::uint8_t>(0xff << (8 - source % 8));
  return out;
}

test::Reply ask(const char* name, dns::Rtype type, const Subnet& subnet, std::uint32_t second) {
  static std::vector<std::uint8_t> reply(65535);
  test::TestServer& server = test::sample_server();
  server.handler().set_now({1'700'000'000, second});
  const auto data = dns::subnet_data(subnet.family, static_cast<std::uint8_t>(subnet.source), 0, subnet.address);
  const auto wire = dns::QueryBuilder()
                        .question(dns::wire_name(name), type)
                        .add(dns::opt(dns::option(dns::option_client_subnet, data)))
                        .bytes();
  const std::size_t octets =
      server.handler().handle({base::IpAddress::v4(0xc0000201), 5353}, wire, reply, engine::Transport::stream);
  require(octets != 0);
  return test::Reply({reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(octets)});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t step = 2 + 16 + 16;
  std::uint32_t second = 0;
  for (std::size_t at = 0; at + step <= size; at += step) {
    const bool v6 = (data[at] & 1) != 0;
    const unsigned bits = v6 ? 128 : 32;
    const unsigned source = data[at + 1] % (bits + 1);
    const char* name = names[data[at] >> 1 & 3];
    const auto type = (data[at] & 8) != 0 ? dns::Rtype::AAAA : dns::Rtype::A;
    const dns::Bytes address(data + at + 2, data + at + 18);
    const Subnet subnet = well_formed(v6, source, address);
    const test::Reply first = ask(name, type, subnet, ++second);
    const auto option = first.option(dns::option_client_subnet);
    require(option.has_value() && option->size() == 4 + subnet.address.size());
    const unsigned scope = (*option)[3];
    require((*option)[2] == source && scope <= source);
    if (source == 0) continue;  // whoever asks so is told of the resolver
    // Another client that shares the first `scope` bits.
    dns::Bytes other(data + at + 18, data + at + 34);
    for (unsigned bit = 0; bit < scope; ++bit) {
      const auto mask = static_cast<std::uint8_t>(0x80 >> bit % 8);
      other[bit / 8] = static_cast<std::uint8_t>((other[bit / 8] & ~mask) | (address[bit / 8] & mask));
    }
    const test::Reply second_reply = ask(name, type, well_formed(v6, source, other), ++second);
    require(second_reply.rcode() == first.rcode() && second_reply.answer() == first.answer());
  }
  return 0;
}
