#include "dns/key_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

namespace gslb::dns {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const Name zone = Name::parse("example.org.").value();

UnixTime at(const char* text) { return parse_key_time(text).value(); }

class KeyFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gslb-keys-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string content(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder_ + "/" + name).rdbuf();
    return out.str();
  }
  void write(const std::string& name, const std::string& text) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
  }
  std::string replaced(std::string text, const std::string& what, const std::string& with) const {
    const auto found = text.find(what);
    EXPECT_NE(found, std::string::npos) << what;
    return text.replace(found, what.size(), with);
  }
  /// A key on disk.
  std::string made(DnssecAlgorithm algorithm = DnssecAlgorithm::ecdsap256sha256) {
    file_.key = SigningKey::generate(algorithm, true).value();
    file_.times.created = file_.times.publish = at("20261124041907");
    EXPECT_TRUE(write_key_file(folder_, zone, file_));
    return key_file_stem(zone, algorithm, file_.key->tag());
  }
  std::string error(const std::string& stem) const {
    const auto read = read_key_file(folder_ + "/" + stem, zone);
    return read ? "" : read.error().what;
  }
  std::string output(const std::string& command) const {
    std::string out;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    char buffer[512];
    while (pipe != nullptr && ::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
    if (pipe != nullptr) ::pclose(pipe);
    return out;
  }

  std::string folder_;
  KeyFile file_;
};

TEST_F(KeyFiles, ComeBackAsTheyWereWritten) {
  for (const auto algorithm : {DnssecAlgorithm::ecdsap256sha256, DnssecAlgorithm::ed25519}) {
    KeyFile file{SigningKey::generate(algorithm, false).value(), {}};
    file.times = {at("20261124000001"), at("20261124000002"), at("20261124000003"), at("20261124000004"),
                  at("20261124000005"), at("20261124000006"), at("20261124000007"), at("20261124000008")};
    ASSERT_TRUE(write_key_file(folder_, zone, file));
    const auto read = read_key_file(folder_ + "/" + key_file_stem(zone, algorithm, file.key->tag()), zone);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_THAT(read->key->dnskey(), testing::ElementsAreArray(file.key->dnskey()));
    EXPECT_EQ(read->times, file.times);
  }
}

TEST_F(KeyFiles, AreForTheirOwnerOnly) {
  const std::string stem = made();
  for (const char* suffix : {".key", ".private"}) {
    struct stat info {};
    ASSERT_EQ(::stat((folder_ + "/" + stem + suffix).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600) << suffix;
  }
  EXPECT_THAT(content(stem + ".key"), Not(HasSubstr("PrivateKey")));
}

TEST_F(KeyFiles, OfAWrongModeAreRefused) {
  const std::string stem = made();
  ::chmod((folder_ + "/" + stem + ".private").c_str(), 0640);
  EXPECT_EQ(error(stem), folder_ + "/" + stem + ".private: others may read this private key (mode 0640): chmod 600 it");
}

TEST_F(KeyFiles, OfAnotherZoneAreRefused) {
  const std::string stem = made();
  write(stem + ".key", replaced(content(stem + ".key"), "\nexample.org.", "\nexample.net."));
  EXPECT_EQ(error(stem), folder_ + "/" + stem + ".key: is a key of example.net., not of example.org.");
}

TEST_F(KeyFiles, WhosePublicHalfDoesNotBelongAreRefused) {
  const std::string first = made();
  const std::string second = made();
  write(first + ".key", content(second + ".key"));
  EXPECT_EQ(error(first), folder_ + "/" + first + ".key: does not belong to the private key beside it");
}

TEST_F(KeyFiles, SayWhatIsWrongWithThemAndNothingSecret) {
  const std::string stem = made();
  const std::string text = content(stem + ".private");
  const auto fault = [&](const std::string& what, const std::string& with) {
    write(stem + ".private", replaced(text, what, with));
    const std::string said = error(stem);
    EXPECT_THAT(said, StartsWith(folder_ + "/" + stem + ".private: "));
    return said.substr(folder_.size() + stem.size() + 11);
  };
  EXPECT_THAT(fault("13 (ECDSAP256SHA256)", "8 (RSASHA256)"), HasSubstr("its algorithm is \"8 (RSASHA256)\""));
  EXPECT_THAT(fault("v1.3", "v2.0"), HasSubstr("its format is \"v2.0\""));
  EXPECT_THAT(fault("Publish: 2026", "Publish: 20x6"), HasSubstr("is no time"));
  EXPECT_THAT(fault("Publish:", "Revoke:"), HasSubstr("revoked"));
  EXPECT_EQ(fault("PrivateKey: ", "PrivateKey: AAAA"), "the private key in it is damaged");
  EXPECT_EQ(fault("PrivateKey: ", "Private"), "has a line without \":\"");
  EXPECT_EQ(fault("PrivateKey: ", "Other: "), "has no PrivateKey");
  const auto at_key = text.find("PrivateKey: ") + 12;
  const std::string secret = text.substr(at_key, 44);
  ASSERT_EQ(secret.back(), '=');
  for (const std::string& damaged : {secret.substr(0, 43) + "A", secret.substr(0, 43), "*" + secret.substr(1),
                                     std::string(40, 'A') + "A===", secret + "AAAA", std::string(43, 'A') + "="})
    EXPECT_EQ(fault(secret, damaged), "the private key in it is damaged") << damaged;  // the last is the number zero
  EXPECT_EQ(fault("Algorithm: ", "Other: "), "has no Algorithm");
}

TEST_F(KeyFiles, OfBindLeaveOutTheLeadingZerosOfASecret) {
  Secret secret;
  std::iota(secret.begin(), secret.end(), std::uint8_t{0});
  file_.key = SigningKey::from_secret(DnssecAlgorithm::ecdsap256sha256, true, secret).value();
  ASSERT_TRUE(write_key_file(folder_, zone, file_));
  const std::string stem = key_file_stem(zone, file_.key->algorithm(), file_.key->tag());
  write(stem + ".private", replaced(content(stem + ".private"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                                    "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw=="));
  EXPECT_EQ(error(stem), "");
}

TEST_F(KeyFiles, MayHaveCommentsBlanksATtlAndNoClass) {
  const std::string stem = made();
  const std::string text = content(stem + ".key");
  const std::string record = text.substr(text.rfind("\nexample.org.") + 1);
  write(stem + ".private", "; a comment\n\n" + content(stem + ".private"));
  for (const char* with : {"DNSKEY", "3600 IN DNSKEY", "3600 DNSKEY", "in dnskey"}) {
    write(stem + ".key", "; a comment\n \t \n" + replaced(record, "IN DNSKEY", with));
    EXPECT_EQ(error(stem), "") << with;
  }
}

TEST_F(KeyFiles, WhosePublicHalfIsNoDnskeyOfAZoneAreRefused) {
  const std::string stem = made();
  const std::string text = content(stem + ".key");
  const std::string record = text.substr(text.rfind("\nexample.org.") + 1);
  const auto fault = [&](const std::string& content) {
    write(stem + ".key", content);
    const std::string said = error(stem);
    EXPECT_THAT(said, StartsWith(folder_ + "/" + stem + ".key: "));
    return said.substr(folder_.size() + stem.size() + 7);
  };
  EXPECT_EQ(fault("; nothing\n"), "has no DNSKEY record");
  EXPECT_EQ(fault("example.org.\n"), "has no DNSKEY record");
  EXPECT_EQ(fault("example.org. IN A 192.0.2.1\n"), "has no DNSKEY record");
  EXPECT_EQ(fault("example..org. IN DNSKEY 257 3 13 AAAA\n"), "\"example..org.\" is not a domain name");
  EXPECT_THAT(fault("example.org. IN DNSKEY 257 3\n"), StartsWith("DNSKEY: "));
  EXPECT_THAT(fault("example.org. IN DNSKEY \\# 3 010103\n"), StartsWith("DNSKEY: "));
  EXPECT_EQ(fault(record + record), "has more than one record");
  for (const char* flags : {"0", "1", "384", "385"})
    EXPECT_EQ(fault(replaced(record, "257 3", std::string(flags) + " 3")),
              std::string("its flags are ") + flags + "; keys of zones have 256 or 257");
}

TEST_F(KeyFiles, AreReadFromTextToo) {
  const std::string stem = made();
  const auto read = parse_key_file(zone, content(stem + ".key"), content(stem + ".private"));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->key->tag(), file_.key->tag());
  EXPECT_EQ(parse_key_file(zone, "", content(stem + ".private")).error().what, "has no DNSKEY record");
  EXPECT_EQ(parse_key_file(zone, content(stem + ".key"), "").error().what, "has no Algorithm");
}

TEST_F(KeyFiles, ThatCannotBeReadWrittenOrRemovedAreNamed) {
  const std::string stem = made();
  const std::string path = folder_ + "/" + stem;
  std::filesystem::remove(path + ".private");
  std::filesystem::create_directory(path + ".private");
  ::chmod((path + ".private").c_str(), 0700);
  EXPECT_EQ(error(stem), path + ".private: is not a regular file");
  write(stem + ".private/held", "");
  EXPECT_THAT(remove_key_file(folder_, zone, *file_.key).error().what, StartsWith(path + ".private: cannot remove: "));
  EXPECT_THAT(write_key_file(folder_ + "/none", zone, file_).error().what, HasSubstr(".key.new: cannot create: "));
  EXPECT_THAT(write_key_file(folder_, zone, file_).error().what, StartsWith(path + ".private: cannot replace: "));
  std::vector<std::string> errors;
  EXPECT_THAT(read_key_files(path + ".key", zone, errors), IsEmpty());
  EXPECT_THAT(errors, testing::ElementsAre(StartsWith(path + ".key: cannot read: ")));
}

// RFC 4035 section 5.3.1 tells keys apart by their tag only as a hint, but here it names files and log lines.
TEST_F(KeyFiles, OfOneTagAreTakenOnce) {
  const std::string stem = made();
  for (const char* suffix : {".key", ".private"})
    write("Kexample.org.+013+99999" + std::string(suffix), content(stem + suffix));
  std::vector<std::string> errors;
  EXPECT_THAT(read_key_files(folder_, zone, errors), SizeIs(1));
  EXPECT_THAT(errors, testing::ElementsAre(HasSubstr("another key of the zone has the same tag")));
}

TEST_F(KeyFiles, ThatAreMissingAreNamed) {
  EXPECT_THAT(error("Kexample.org.+013+00001"), HasSubstr("+00001.private: cannot open: No such file"));
  const std::string stem = made();
  std::filesystem::remove(folder_ + "/" + stem + ".key");
  EXPECT_THAT(error(stem), HasSubstr(stem + ".key: cannot open"));
}

TEST_F(KeyFiles, OfOneZoneAreFoundAmongOthers) {
  made();
  made(DnssecAlgorithm::ed25519);
  const KeyFile other{SigningKey::generate(DnssecAlgorithm::ed25519, true).value(), {}};
  ASSERT_TRUE(write_key_file(folder_, Name::parse("sub.example.org.").value(), other));
  write("Kexample.org.+013+00007.private", "nonsense\n");
  write("Kexample.org.+013+00008.private.new", "left over");
  std::vector<std::string> errors;
  EXPECT_THAT(read_key_files(folder_, zone, errors), SizeIs(2));
  EXPECT_THAT(errors, SizeIs(1));
  EXPECT_THAT(read_key_files(folder_ + "/none", zone, errors), IsEmpty());
  EXPECT_THAT(errors, SizeIs(1)) << "a folder that is not there is empty";
}

TEST_F(KeyFiles, AreRemovedWhole) {
  made();
  ASSERT_TRUE(remove_key_file(folder_, zone, *file_.key));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

// RFC 2317 zones have a "/" in their names.
TEST(KeyFileStem, IsAFileNameWhateverTheZone) {
  const auto algorithm = DnssecAlgorithm::ecdsap256sha256;
  EXPECT_EQ(key_file_stem(zone, algorithm, 42), "Kexample.org.+013+00042");
  EXPECT_EQ(key_file_stem(Name::parse("0/26.2.0.192.in-addr.arpa.").value(), algorithm, 1),
            "K0%2F26.2.0.192.in-addr.arpa.+013+00001");
  EXPECT_EQ(key_file_stem(Name::parse("a-b_c\\000.").value(), algorithm, 1), "Ka-b_c%00.+013+00001");
  EXPECT_EQ(key_file_stem(Name(), DnssecAlgorithm::ed25519, 1), "K.+015+00001");
}

TEST_F(KeyFiles, OfBindAreRead) {
  for (const char* kind : {"-a 13", "-a 13 -f KSK", "-a 15", "-a 15 -f KSK"}) {
    std::string stem = output("dnssec-keygen -q -K " + folder_ + " " + kind + " -I +10d -D +20d example.org");
    ASSERT_THAT(stem, StartsWith("Kexample.org.")) << "bind9-utils is needed (deploy/packages)";
    while (!stem.empty() && stem.back() == '\n') stem.pop_back();
    const auto read = read_key_file(folder_ + "/" + stem, zone);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(key_file_stem(zone, read->key->algorithm(), read->key->tag()), stem);
    ASSERT_TRUE(read->times.activate && read->times.inactive && read->times.remove);
    EXPECT_EQ(*read->times.remove - *read->times.inactive, std::chrono::days(10));
  }
}

TEST_F(KeyFiles, OfOursAreReadByBind) {
  file_.times.activate = at("20261124041908");
  file_.times.ds_seen = at("20261124041909");
  file_.times.sync_publish = at("20261124041910");
  file_.times.remove = at("20361124041911");
  const std::string stem = made();
  const std::string said = output("TZ=UTC dnssec-settime -u -K " + folder_ + " -p all " + stem);
  for (const char* line : {"Created: 1795494", "Publish: 1795494", "Activate: 1795494", "Delete: 2111"})
    EXPECT_THAT(said, HasSubstr(std::string(line).substr(0, std::string(line).size() - 1)));
  output("dnssec-settime -K " + folder_ + " -I 20300101000000 " + stem);  // BIND writes our file anew
  const auto read = read_key_file(folder_ + "/" + stem, zone);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->times.inactive, at("20300101000000"));
  EXPECT_EQ(read->times.ds_seen, file_.times.ds_seen);
}

TEST_F(KeyFiles, OfOursSignAZoneWithBind) {
  file_.times.activate = at("20201124041908");
  made();
  write("zone", "$TTL 60\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n");
  const std::string said = output("cd " + folder_ +
                                  " && dnssec-signzone -S -z -o example.org -f signed zone && dnssec-verify -z -o "
                                  "example.org signed");
  EXPECT_THAT(said, HasSubstr("Zone fully signed")) << said;
}

TEST(KeyTime, IsRefusedUnlessItIsOne) {
  EXPECT_EQ(key_time_text(at("20261124041907")), "20261124041907");
  EXPECT_EQ(parse_key_time("20261124041907 (Tue Nov 24 04:19:07 2026)"), at("20261124041907"));
  for (const char* bad :
       {"", "0", "20261324041907", "20261124241907", "20261124046007", "20261124041961", "2026112404190x",
        "2026112404190:", "2026112404190/", "2026112404190", "19691231235959", "202611240419071", "2026-11-24"})
    EXPECT_EQ(parse_key_time(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace gslb::dns
