#include "dns/key_file.hpp"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <variant>

#include "base/file.hpp"
#include "base/text.hpp"
#include "dns/rdata.hpp"

namespace gslb::dns {

namespace {

constexpr std::size_t largest_file = 64 << 10;
constexpr std::size_t secret_text = 44;  // 32 octets in base64

/// What a file calls each time, in the order in which it is written.
struct TimeTag {
  std::string_view name;
  std::optional<UnixTime> KeyTimes::*time;
};
constexpr TimeTag time_tags[] = {
    {"Created", &KeyTimes::created},          {"Publish", &KeyTimes::publish},        {"Activate", &KeyTimes::activate},
    {"Inactive", &KeyTimes::inactive},        {"Delete", &KeyTimes::remove},          {"DSPublish", &KeyTimes::ds_seen},
    {"SyncPublish", &KeyTimes::sync_publish}, {"SyncDelete", &KeyTimes::sync_delete},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return trimmed(line);
}

std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line = trimmed(line.substr(word.size()));
  return word;
}

bool same_word(std::string_view a, std::string_view upper) {
  return std::ranges::equal(
      a, upper, [](char x, char y) { return std::toupper(static_cast<unsigned char>(x)) == static_cast<int>(y); });
}

std::string shown(std::string_view text) { return "\"" + base::printable(text.substr(0, 64)) + "\""; }

/// The RDATA of the one DNSKEY record in a .key file.
base::Result<std::vector<std::uint8_t>> parse_public(const Name& zone, std::string_view text) {
  std::vector<std::uint8_t> out;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.empty() || line.front() == ';') continue;
    if (!out.empty()) return base::Error{"has more than one record"};
    const std::string_view owner = take_word(line);
    const auto name = Name::parse(owner);
    if (!name) return base::Error{shown(owner) + " is not a domain name"};
    if (*name != zone) return base::Error{"is a key of " + name->to_string() + ", not of " + zone.to_string()};
    std::string_view word = take_word(line);
    if (!word.empty() && std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c) != 0; }))
      word = take_word(line);  // a TTL
    if (same_word(word, "IN")) word = take_word(line);
    if (!same_word(word, "DNSKEY")) return base::Error{"has no DNSKEY record"};
    if (const auto parsed = parse_rdata(Rtype::DNSKEY, line, zone, out); !parsed) return parsed.error();
  }
  if (out.empty()) return base::Error{"has no DNSKEY record"};
  return out;
}

struct PrivatePart {
  std::optional<DnssecAlgorithm> algorithm;
  std::optional<Secret> secret;
  KeyTimes times;
  ~PrivatePart() {
    if (secret) wipe(*secret);
  }
};

/// BIND leaves out the leading zeros of an ECDSA key.
bool decode_secret(std::string_view text, Secret& out) {
  std::array<std::uint8_t, std::tuple_size_v<Secret> + 1> octets{};
  if (text.size() > secret_text || text.size() % 4 != 0 || text.empty()) return false;
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  const int decoded = EVP_DecodeBlock(octets.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));  // the padding comes out as zeros
  const bool good = padding <= 2 && decoded > 0 && static_cast<std::size_t>(decoded) - padding <= out.size();
  if (good) {
    const auto size = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(decoded) - padding);
    out.fill(0);
    std::copy_n(octets.begin(), size, out.end() - size);
  }
  wipe(octets);
  return good;
}

base::Result<void> read_field(std::string_view name, std::string_view value, PrivatePart& out) {
  if (name == "Private-key-format") {
    if (!value.starts_with("v1.")) return base::Error{"its format is " + shown(value) + ", not v1.3"};
  } else if (name == "Algorithm") {
    unsigned number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    out.algorithm = signing_algorithm(number);
    if (!out.algorithm)
      return base::Error{"its algorithm is " + shown(value) +
                         "; this server signs with 13 (ECDSAP256SHA256) and 15 "
                         "(ED25519)"};
  } else if (name == "PrivateKey") {
    if (!decode_secret(value, out.secret.emplace())) return base::Error{"the private key in it is damaged"};
  } else if (name == "Revoke") {
    return base::Error{"the key is revoked or will be (RFC 5011), which this server does not do"};
  }
  for (const TimeTag& tag : time_tags) {
    if (tag.name != name) continue;
    out.times.*tag.time = parse_key_time(value);
    if (!(out.times.*tag.time)) return base::Error{std::string(name) + " is " + shown(value) + ", which is no time"};
  }
  return {};
}

base::Result<void> parse_private(std::string_view text, PrivatePart& out) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const auto colon = line.find(':');
    if (line.empty() || line.front() == ';') continue;
    if (colon == std::string_view::npos) return base::Error{"has a line without \":\""};  // which may be secret
    if (auto read = read_field(line.substr(0, colon), trimmed(line.substr(colon + 1)), out); !read) return read;
  }
  if (!out.algorithm) return base::Error{"has no Algorithm"};
  if (!out.secret) return base::Error{"has no PrivateKey"};
  return {};
}

enum class Half { public_half, private_half };
struct HalfError {
  Half half = Half::public_half;
  std::string what;
};

/// @return the key, or which file is wrong and how
std::variant<KeyFile, HalfError> parse_halves(const Name& zone, std::string_view public_text,
                                              std::string_view private_text) {
  PrivatePart part;
  if (const auto parsed = parse_private(private_text, part); !parsed)
    return HalfError{Half::private_half, parsed.error().what};
  const auto dnskey = parse_public(zone, public_text);
  if (!dnskey) return HalfError{Half::public_half, dnskey.error().what};
  const auto flags = (*dnskey)[0] << 8 | (*dnskey)[1];  // parse_rdata takes no DNSKEY without its fixed fields
  if (flags != flag_zone && flags != (flag_zone | flag_sep))
    return HalfError{Half::public_half, "its flags are " + std::to_string(flags) + "; keys of zones have 256 or 257"};
  auto key = SigningKey::from_secret(*part.algorithm, (flags & flag_sep) != 0, *part.secret);
  if (!key) return HalfError{Half::private_half, "the private key in it is damaged"};
  if (!std::ranges::equal((*key)->dnskey(), *dnskey))
    return HalfError{Half::public_half, "does not belong to the private key beside it"};
  return KeyFile{*key, part.times};
}

base::Result<void> check_mode(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return base::Error{path + ": cannot open: " + std::strerror(errno)};
  constexpr unsigned others = S_IRWXG | S_IRWXO;
  if ((info.st_mode & others) == 0) return {};
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", info.st_mode & 07777U);
  return base::Error{path + ": others may read this private key (mode " + mode + "): chmod 600 it"};
}

std::string base64(std::span<const std::uint8_t> octets) {
  std::string out((octets.size() + 2) / 3 * 4 + 1, '\0');  // EVP writes a final zero
  out.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), octets.data(), static_cast<int>(octets.size()))));
  return out;
}

std::string public_text(const Name& zone, const KeyFile& file) {
  std::string out = "; This is a " + std::string(file.key->sep() ? "key" : "zone") + "-signing key, keyid " +
                    std::to_string(file.key->tag()) + ", for " + zone.to_string() + "\n";
  for (const TimeTag& tag : time_tags) {
    if (const auto& time = file.times.*tag.time)
      out += "; " + std::string(tag.name) + ": " + key_time_text(*time) + "\n";
  }
  return out + zone.to_string() + " IN DNSKEY " + rdata_to_string(Rtype::DNSKEY, file.key->dnskey()) + "\n";
}

/// The caller wipes it.
std::string private_text(const KeyFile& file, const Secret& secret) {
  const auto algorithm = file.key->algorithm();
  std::string out;
  out.reserve(1024);  // so that no copy of the secret stays behind in a smaller buffer
  out += "Private-key-format: v1.3\nAlgorithm: " + std::to_string(static_cast<unsigned>(algorithm)) + " (";
  out += to_string(algorithm);
  out += ")\nPrivateKey: ";
  std::string encoded = base64(secret);
  out += encoded;
  wipe({reinterpret_cast<std::uint8_t*>(encoded.data()), encoded.size()});
  out += '\n';
  for (const TimeTag& tag : time_tags) {
    const auto& time = file.times.*tag.time;
    if (time) out += std::string(tag.name) + ": " + key_time_text(*time) + "\n";
  }
  return out;
}

/// The zone in a file name as BIND writes it: letters, digits, "-", "_" and the dots between labels; the rest as %XX.
std::string file_name_text(const Name& zone) {
  std::string out;
  const NameView wire = zone.wire();
  for (std::size_t at = 0; wire[at] != 0;) {
    const std::size_t end = at + 1 + wire[at];
    while (++at < end) {
      const std::uint8_t c = wire[at];
      if (std::isalnum(c) != 0 || c == '-' || c == '_') {
        out += static_cast<char>(c);
      } else {
        char escaped[4];
        std::snprintf(escaped, sizeof escaped, "%%%02X", c);
        out += escaped;
      }
    }
    out += '.';
  }
  return out.empty() ? "." : out;
}

}  // namespace

std::string key_time_text(UnixTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char out[32];
  std::snprintf(out, sizeof out, "%04d%02u%02u%02d%02d%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out;
}

std::optional<UnixTime> parse_key_time(std::string_view text) {
  constexpr std::size_t size = 14;
  text = text.substr(0, text.find(' '));  // BIND repeats the time in words behind it
  if (text.size() != size || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(4, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(6, 2)))};
  if (!date.ok() || number(0, 4) < 1970 || number(8, 2) > 23 || number(10, 2) > 59 || number(12, 2) > 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(number(8, 2)) + std::chrono::minutes(number(10, 2)) +
         seconds(number(12, 2));
}

std::string key_file_stem(const Name& zone, DnssecAlgorithm algorithm, std::uint16_t tag) {
  char numbers[16];
  std::snprintf(numbers, sizeof numbers, "+%03u+%05u", static_cast<unsigned>(algorithm), tag);
  return "K" + file_name_text(zone) + numbers;
}

base::Result<KeyFile> parse_key_file(const Name& zone, std::string_view public_text, std::string_view private_text) {
  auto parsed = parse_halves(zone, public_text, private_text);
  if (auto* error = std::get_if<HalfError>(&parsed)) return base::Error{std::move(error->what)};
  return std::get<KeyFile>(std::move(parsed));
}

base::Result<KeyFile> read_key_file(std::string stem, const Name& zone) {
  for (const std::string_view suffix : {".key", ".private"}) {
    if (stem.ends_with(suffix)) stem.resize(stem.size() - suffix.size());
  }
  const std::string public_path = stem + ".key";
  const std::string private_path = stem + ".private";
  if (const auto private_enough = check_mode(private_path); !private_enough) return private_enough.error();
  const auto public_half = base::read_file(public_path, largest_file);
  if (!public_half) return public_half.error();
  auto private_half = base::read_file(private_path, largest_file);
  if (!private_half) return private_half.error();
  auto parsed = parse_halves(zone, *public_half, *private_half);
  wipe({reinterpret_cast<std::uint8_t*>(private_half->data()), private_half->size()});
  if (const auto* error = std::get_if<HalfError>(&parsed))
    return base::Error{(error->half == Half::private_half ? private_path : public_path) + ": " + error->what};
  return std::get<KeyFile>(std::move(parsed));
}

base::Result<void> write_key_file(const std::string& directory, const Name& zone, const KeyFile& file) {
  const std::string stem = directory + "/" + key_file_stem(zone, file.key->algorithm(), file.key->tag());
  Secret secret{};
  if (!file.key->copy_secret(secret)) return base::Error{stem + ".private: OpenSSL does not give the key away"};
  std::string text = private_text(file, secret);
  wipe(secret);
  // The private file last: it is the one whose times count, and a .key alone is no key.
  auto written = base::write_file_atomically(stem + ".key", public_text(zone, file));
  if (written) written = base::write_file_atomically(stem + ".private", text);
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return written;
}

base::Result<void> remove_key_file(const std::string& directory, const Name& zone, const SigningKey& key) {
  const std::string stem = directory + "/" + key_file_stem(zone, key.algorithm(), key.tag());
  for (const char* suffix : {".private", ".key"}) {
    std::error_code error;
    std::filesystem::remove(stem + suffix, error);
    if (error) return base::Error{stem + suffix + ": cannot remove: " + error.message()};
  }
  return {};
}

std::vector<KeyFile> read_key_files(const std::string& directory, const Name& zone, std::vector<std::string>& errors) {
  const std::string prefix = "K" + file_name_text(zone) + "+";
  std::vector<std::string> stems;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".private")) stems.push_back(entry->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    errors.push_back(directory + ": cannot read: " + error.message());
  std::ranges::sort(stems);
  std::vector<KeyFile> out;
  for (const std::string& stem : stems) {
    auto file = read_key_file(stem, zone);
    if (!file) {
      errors.push_back(file.error().what);
    } else if (std::ranges::any_of(out, [&](const KeyFile& o) { return o.key->tag() == file->key->tag(); })) {
      errors.push_back(stem + ": another key of the zone has the same tag " + std::to_string(file->key->tag()));
    } else {
      out.push_back(std::move(*file));
    }
  }
  std::ranges::sort(out, {}, [](const KeyFile& f) { return f.key->tag(); });
  return out;
}

}  // namespace gslb::dns
