// dns/framing.hpp: messages out of a stream of octets (RFC 1035 section 4.2.2), whatever the pieces they come in. The
// same for TCP and TLS.
//
//   buffer: [ kept from before | just read ] ─take()─► message, message, …; the rest is kept
//
// The buffer belongs to the worker; a connection owns only what is kept, and nothing while there is nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace gslb::dns {

class Framing {
 public:
  /// Longest message that is taken, in octets. Longer queries mean nothing to this server.
  static constexpr std::size_t longest = 4096;

  /// Copies what was kept to the front of `buffer`, so that more can be read behind it. @return its size
  std::size_t restore(std::span<std::uint8_t> buffer) const noexcept {
    std::copy(kept_.begin(), kept_.end(), buffer.begin());
    return kept_.size();
  }

  /// Hands the whole messages at the front of `octets` to `answer`, which says whether it takes another one, and keeps
  /// the rest. @return false if a message is announced that is over the limit: the stream makes no sense any more
  template <class Answer>
  [[nodiscard]] bool take(std::span<const std::uint8_t> octets, Answer&& answer) {
    bool more = true;
    while (more && is_whole(octets)) {
      const std::size_t length = announced(octets);
      more = answer(octets.subspan(2, length));
      octets = octets.subspan(2 + length);
    }
    kept_.assign(octets.begin(), octets.end());
    return octets.size() < 2 || announced(octets) <= longest;
  }

  /// What is kept begins with a whole message, since the last take() was told to stop.
  bool ready() const noexcept { return is_whole(kept_); }

 private:
  static std::size_t announced(std::span<const std::uint8_t> octets) noexcept {
    return static_cast<std::size_t>(octets[0]) << 8 | octets[1];
  }
  static bool is_whole(std::span<const std::uint8_t> octets) noexcept {
    return octets.size() >= 2 && announced(octets) <= longest && octets.size() - 2 >= announced(octets);
  }

  std::vector<std::uint8_t> kept_;
};

}  // namespace gslb::dns
