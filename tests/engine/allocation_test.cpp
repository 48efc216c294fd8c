// The promise of the query path: a warm query allocates nothing. Every way to allocate in C++ is counted.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "base/random.hpp"
#include "tests/conformance/zone_fixture.hpp"
#include "tests/support/signed_server.hpp"

namespace {
thread_local std::size_t allocations = 0;
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  if (void* memory = std::aligned_alloc(static_cast<std::size_t>(alignment),
                                        (size + static_cast<std::size_t>(alignment) - 1) /
                                            static_cast<std::size_t>(alignment) * static_cast<std::size_t>(alignment)))
    return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace gslb::test {
namespace {

std::size_t allocations_of(const Ask& ask, TestServer& server = sample_server()) {
  const auto wire = query_wire(ask);
  std::vector<std::uint8_t> reply(65535);
  const engine::Client client{*base::parse_address(ask.client), 5353};
  std::size_t sizes = server.handler().handle(client, wire, reply, ask.transport);
  const std::size_t before = allocations;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    server.handler().set_now({1'700'000'000, i / 300});  // 300 a second: whole replies, small ones, TC and none
    sizes += server.handler().handle(client, wire, reply, ask.transport);
  }
  EXPECT_GT(sizes, 0U);
  return allocations - before;
}

TEST(Allocations, TheCounterCounts) {
  const std::size_t before = allocations;
  auto* memory = new std::vector<int>(100);
  delete memory;
  EXPECT_EQ(allocations - before, 2U);
}

TEST(Allocations, AWarmQueryOfAnyKindAllocatesNothing) {
  for (const char* name :
       {"mail.example.org.", "www.example.org.", "half.example.org.", "whole.example.org.", "second-alias.example.org.",
        "x.wild.example.org.", "host.moved.example.org.", "host.child.example.org.", "nothing.example.org.",
        "big.example.org.", "www.example.net.", "failing.example.org.", "secure.example.org.", "hosted.example.org."}) {
    for (const unsigned type : {type_a, type_aaaa, type_https, type_txt, type_any, type_axfr}) {
      for (const char* subnet : {"", "85.214.132.0/24", "85.0.0.0/8", "10.0.0.0/8", "2001:db8::/48", "2a01:4f8::/32"}) {
        Ask ask;
        ask.name = name;
        ask.type = type;
        ask.subnet = subnet;
        EXPECT_EQ(allocations_of(ask), 0U) << name << " " << type << " " << subnet;
      }
    }
  }
}

TEST(Allocations, AQueryWithOptionsAllocatesNothing) {
  const std::vector<std::uint8_t> client_cookie{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<std::uint8_t> forged(24, 1);
  for (const auto transport : {engine::Transport::datagram, engine::Transport::stream, engine::Transport::tls}) {
    for (const auto& cookie : {client_cookie, forged}) {
      Ask ask;
      ask.name = "www.example.org.";
      ask.transport = transport;
      ask.options = {{10, cookie}, {3, {}}, {11, {}}, {12, {0, 0}}};
      EXPECT_EQ(allocations_of(ask), 0U);
    }
  }
}

// CVE-2026-11622: random names under a signed zone, each with its proofs.
TEST(Allocations, ASignedAnswerOrDenialAllocatesNothing) {
  std::string yaml = sample_zone;
  const std::string anchor = "    ttl: 300s\n";
  SignedServer server("example.org.", yaml.insert(yaml.find(anchor), "    dnssec: on\n"));
  base::Random random(1);
  for (unsigned i = 0; i < 60; ++i) {
    static const std::string names[] = {"", "www.", "mail.", "x.wild.", "host.moved.", "x.child.", "second-alias."};
    Ask ask;
    ask.name = (i < 7 ? names[i] : std::to_string(random.next()) + ".") + "example.org.";
    ask.dnssec_ok = true;
    ask.transport = i % 2 == 0 ? engine::Transport::stream : engine::Transport::datagram;
    EXPECT_EQ(allocations_of(ask, server.server()), 0U) << ask.name;
  }
}

}  // namespace
}  // namespace gslb::test
