// A stream in pieces, taken so many messages at a time: the messages must be those of the stream in one piece. The
// input begins with a script, one octet a step: how much comes (high nibble: shift, low: mantissa) and how many are
// taken.
#include <array>
#include <cstdlib>

#include "dns/framing.hpp"

using gslb::dns::Framing;
using Octets = std::vector<std::uint8_t>;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// The messages of the whole stream up to the first that is too long, and whether there is one.
std::vector<Octets> whole(std::span<const std::uint8_t> stream, bool& broken) {
  std::vector<Octets> out;
  while (stream.size() >= 2) {
    const std::size_t length = static_cast<std::size_t>(stream[0] << 8 | stream[1]);
    broken = length > Framing::longest;
    if (broken || stream.size() - 2 < length) break;
    out.emplace_back(stream.begin() + 2, stream.begin() + 2 + static_cast<std::ptrdiff_t>(length));
    stream = stream.subspan(2 + length);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size <= 1U + data[0]) return 0;
  const std::span<const std::uint8_t> script(data + 1, data[0]);
  const std::span<const std::uint8_t> stream(data + 1 + data[0], size - 1 - data[0]);
  bool broken = false;
  const auto expected = whole(stream, broken);

  std::array<std::uint8_t, 16384> buffer;
  Framing framing;
  std::vector<Octets> got;
  std::size_t at = 0;
  bool open = true;
  for (std::size_t step = 0; open && (at < stream.size() || framing.ready()); ++step) {
    const std::uint8_t order = script.empty() ? 0xff : script[step % script.size()];
    std::size_t filled = framing.restore(buffer);
    require(filled < buffer.size());
    if (!framing.ready()) {
      const std::size_t wanted = (std::size_t{1} + (order & 15U)) << (order >> 4 & 7U);
      const std::size_t part = std::min({wanted, stream.size() - at, buffer.size() - filled});
      std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), part,
                  buffer.begin() + static_cast<std::ptrdiff_t>(filled));
      at += part;
      filled += part;
    }
    unsigned left = 1U + (order >> 7) * 100U;
    open = framing.take({buffer.data(), filled}, [&](std::span<const std::uint8_t> message) {
      got.emplace_back(message.begin(), message.end());
      return --left > 0;
    });
  }
  require(open == !broken);
  require(got == expected);
  return 0;
}
