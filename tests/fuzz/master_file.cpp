// Any text as a master file, which may include itself, a part of itself and a file of $GENERATE: scanned, and the
// records that come out are what they claim to be.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "zones/master_file.hpp"

namespace {

class Checker final : public gslb::zones::MasterRecordSink {
 public:
  explicit Checker(const std::string& text) : text_(text) {}

  std::optional<std::string> add(const gslb::zones::MasterRecord& record) override {
    const auto owner = gslb::dns::Name::from_wire(record.owner);
    const bool good = record.owner.size() <= gslb::dns::max_name && record.owner.back() == 0 &&
                      gslb::dns::Name::parse(owner.to_string()) == owner && record.ttl <= gslb::zones::max_ttl &&
                      record.rdata.size() <= 65535 && record.line >= 1 && record.file != nullptr;
    if (!good) std::abort();
    return ++records_ < most_records ? std::nullopt : std::optional<std::string>("enough");
  }

  gslb::base::Result<std::shared_ptr<const gslb::base::SourceFile>> open(const std::string& path) override {
    std::string text = text_;
    if (path == "half") text.resize(text.size() / 2);
    if (path == "generate") text = "$GENERATE 1-9/2 a${0,2,n} TXT $\n";
    if (path == "missing") return gslb::base::Error{"missing: no such file"};
    return std::make_shared<const gslb::base::SourceFile>(gslb::base::SourceFile{path, std::move(text)});
  }

 private:
  static constexpr int most_records = 10'000;
  const std::string& text_;
  int records_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::make_shared<const gslb::base::SourceFile>(
      gslb::base::SourceFile{"fuzz.zone", std::string(reinterpret_cast<const char*>(data), size)});
  Checker sink(file->text);
  gslb::base::ErrorList errors;
  gslb::zones::scan_master_file(file, *gslb::dns::Name::parse("example.org."), 3600, sink, errors);
  if (errors.all().size() > gslb::zones::max_master_file_errors + 1) std::abort();
  for (const auto& error : errors.all()) {
    if (error.where.line < 1 || error.where.column < 1) std::abort();
    if (gslb::base::to_string(error).empty()) std::abort();
  }
  return 0;
}
