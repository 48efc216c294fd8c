// engine/reply.hpp: puts a reply together: header, question, whole RRsets, and the OPT record at the end.
//
// Owner names are pointers into what is already written: `base_` is where the name under look-up stands in the message
// (the question's at first, later the target of the last CNAME), so the i-th label's suffix is at base_ +
// Query::offset[i]. Threads: any; no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dns/edns_writer.hpp"
#include "dns/message_writer.hpp"
#include "dns/query.hpp"
#include "zones/zone.hpp"

namespace gslb::engine {

enum class Section : std::uint8_t { answer, authority, additional };

class Reply {
 public:
  /// @param message  the query; its question is copied as sent, case and all
  /// @param limit  most octets of the reply
  /// @param options  of the OPT record that goes out if the query has one
  Reply(const dns::Query& query, std::span<const std::uint8_t> message, std::span<std::uint8_t> out, std::size_t limit,
        const dns::ReplyOptions& options) noexcept;

  /// Appends an RRset whose records start with a pointer to the question. False, and nothing written, if it does not
  /// fit.
  bool add(Section section, std::span<const std::uint8_t> records, unsigned count, std::size_t owner) noexcept;
  /// Appends records of a steered name, or the signatures on them, with their present TTL.
  bool add_steered(Section section, std::span<const std::uint8_t> records, unsigned count, std::uint32_t ttl,
                   std::size_t owner) noexcept;
  /// Of an HTTPS record that was added: `at` is where it starts.
  void set_priority(std::size_t at, std::uint16_t priority) noexcept { writer_.patch_u16(at + 12, priority); }
  /// Appends records under an owner that is written out.
  bool add_named(Section section, dns::NameView owner, std::span<const std::uint8_t> records, unsigned count) noexcept;
  /// Appends an address record whose owner is the question's name, or the name under look-up.
  bool add_address(const base::IpAddress& address, std::uint32_t ttl) noexcept;
  /// Appends records whose owner is `relative`, written out, below the name at `apex` in the message.
  bool add_below(Section section, dns::NameView relative, std::size_t apex, std::span<const std::uint8_t> records,
                 unsigned count) noexcept;
  /// Appends the TXT record in class CH that answers the question (RFC 4892).
  void add_chaos(std::string_view text) noexcept;
  /// Appends a synthesized CNAME (RFC 6672 section 3.1) whose target is `prefix` followed by `target`.
  bool add_cname(std::uint32_t ttl, dns::NameView prefix, dns::NameView target, std::size_t owner) noexcept;

  /// Where the name under look-up stands in the message.
  std::size_t base() const noexcept { return base_; }
  void set_base(std::size_t base) noexcept { base_ = base; }

  std::size_t size() const noexcept { return writer_.size(); }
  std::span<const std::uint8_t> octets() noexcept { return {writer_.data(), writer_.size()}; }
  /// A place after whole RRsets that one can go back to.
  struct Mark {
    std::size_t size;
    std::array<std::uint16_t, 3> counts;
  };
  Mark mark() const noexcept { return {writer_.size(), counts_}; }
  void rewind(const Mark& mark) noexcept;

  void truncate() noexcept { truncated_ = true; }
  void set_authoritative(bool authoritative) noexcept { authoritative_ = authoritative; }
  /// The prefix length to return with a client subnet (RFC 7871 section 7.2.1).
  void set_scope(std::uint8_t scope) noexcept { options_.scope = scope; }
  /// @param text  short; left out where there is no room
  void set_error(dns::ExtendedError error, std::string_view text = {}) noexcept {
    options_.error = error;
    options_.error_text = text;
  }
  bool truncated() const noexcept { return truncated_; }

  /// Writes header and OPT. @return octets of the whole reply
  std::size_t finish(dns::Rcode rcode) noexcept;

 private:
  bool append(Section section, std::span<const std::uint8_t> records, unsigned count) noexcept;
  template <class Visit>
  void for_each_record(std::size_t at, unsigned count, Visit visit) noexcept;

  const dns::Query& query_;
  dns::MessageWriter writer_;
  dns::ReplyOptions options_;
  std::size_t base_ = dns::header_size;
  std::array<std::uint16_t, 3> counts_{};
  bool truncated_ = false;
  bool authoritative_ = false;
};

}  // namespace gslb::engine
