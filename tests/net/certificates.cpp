#include "tests/net/certificates.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace gslb::net {

namespace {

void run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) throw std::runtime_error("failed: " + command);
}

}  // namespace

const Certificates& Certificates::get() {
  static const Certificates certificates;
  return certificates;
}

Certificates::Certificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "gslb-certificates-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  folder_ = pattern;
  run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=Test CA' -keyout " +
      file("ca.key") + " -out " + ca());
  sign("valid", "DNS:www.example.org,IP:127.0.0.1,IP:::1", 2);
  sign("expired", "DNS:www.example.org,IP:127.0.0.1", -1);
  sign("wrong", "DNS:other.example.org", 2);
  sign("unnamed", "IP:127.0.0.1", 2);
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Certificates::Pair Certificates::named(const std::string& name) const {
  const std::string base = (folder_ / name).string();
  if (!std::filesystem::exists(base + ".pem")) sign(name, "DNS:" + name, 2);
  return {base + ".pem", base + ".key"};
}

void Certificates::sign(const std::string& name, const std::string& names, int days) const {
  const std::string base = (folder_ / name).string();
  std::ofstream(base + ".ext") << "subjectAltName=" << names << "\n";
  run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=test' -keyout " + base +
      ".key -out " + base + ".csr");
  run("openssl x509 -req -in " + base + ".csr -CA " + ca() + " -CAkey " + file("ca.key") + " -CAcreateserial -days " +
      std::to_string(days) + " -extfile " + base + ".ext -out " + base + ".pem");
}

}  // namespace gslb::net
