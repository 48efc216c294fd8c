// tests/net/certificates.hpp: a certificate authority of one test run, made with the openssl program in a temporary
// folder.
#pragma once

#include <filesystem>
#include <string>

namespace gslb::net {

class Certificates {
 public:
  struct Pair {
    std::string certificate, key;
  };

  /// Those of this test program; made at the first call.
  static const Certificates& get();
  ~Certificates();

  std::string folder() const { return folder_.string(); }
  std::string ca() const { return file("ca.pem"); }
  /// For www.example.org, 127.0.0.1 and ::1.
  Pair valid() const { return {file("valid.pem"), file("valid.key")}; }
  /// As valid(), but over since yesterday.
  Pair expired() const { return {file("expired.pem"), file("expired.key")}; }
  /// For other.example.org only.
  Pair wrong_name() const { return {file("wrong.pem"), file("wrong.key")}; }
  /// For the DNS name fra-1, as a vantage has it.
  Pair vantage() const { return named("fra-1"); }
  /// For one DNS name; made at the first call.
  Pair named(const std::string& name) const;
  /// Without a DNS name; the common name is "test".
  Pair unnamed() const { return {file("unnamed.pem"), file("unnamed.key")}; }

 private:
  Certificates();
  std::string file(const char* name) const { return (folder_ / name).string(); }
  void sign(const std::string& name, const std::string& names, int days) const;
  std::filesystem::path folder_;
};

}  // namespace gslb::net
