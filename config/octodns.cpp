#include "config/octodns.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "config/octodns_dynamic.hpp"
#include "dns/name.hpp"

namespace gslb::config {

namespace {

/// Types whose values are one text, as in a master file.
constexpr std::array<std::string_view, 9> plain_types{"A", "AAAA", "CNAME", "DNAME", "NS", "PTR", "TXT", "CAA", "LOC"};

/// The fields of a value that is a mapping, in the order of a master file; the first name that is there counts.
struct Field {
  std::array<std::string_view, 2> names;
  bool quote = false;
};
const std::map<std::string_view, std::vector<Field>> structured_types{
    {"MX", {{{"preference", "priority"}}, {{"exchange", "value"}}}},
    {"SRV", {{{"priority", ""}}, {{"weight", ""}}, {{"port", ""}}, {{"target", ""}}}},
    {"CAA", {{{"flags", ""}}, {{"tag", ""}}, {{"value", ""}, true}}},
    {"SSHFP", {{{"algorithm", ""}}, {{"fingerprint_type", ""}}, {{"fingerprint", ""}}}},
    {"DS", {{{"key_tag", ""}}, {{"algorithm", ""}}, {{"digest_type", ""}}, {{"digest", ""}}}},
    {"TLSA",
     {{{"certificate_usage", ""}},
      {{"selector", ""}},
      {{"matching_type", ""}},
      {{"certificate_association_data", ""}}}},
};

class Import {
 public:
  Import(const Value& root, const OctodnsOptions& options, base::ErrorList& errors)
      : root_(root), options_(options), errors_(errors) {}

  std::optional<std::string> run() {
    const auto apex = dns::Name::parse(options_.zone, dns::Name());
    if (!apex || options_.zone.empty()) {
      errors_.add(root_.where, "", double_quoted(options_.zone) + " is not the name of a zone", "--zone example.org");
      return std::nullopt;
    }
    zone_ = options_.zone;
    if (zone_.ends_with('.')) zone_.pop_back();
    if (root_.kind != Value::Kind::mapping) {
      errors_.add(root_.where, "", "is no mapping of names to records", "a file of OctoDNS's YAML provider");
      return std::nullopt;
    }
    for (const Entry& entry : root_.entries) {
      for (const Value* record : items_of(entry.value)) read(entry.key, *record);
    }
    if (ns_.empty()) ns_ = options_.ns;
    if (ns_.empty()) {
      errors_.add(root_.where, "", "the zone has no NS record at its root", "name its servers: --ns ns1.example.net.");
      return std::nullopt;
    }
    return yaml();
  }

 private:
  void lose(const Value& where, const std::string& path, std::string what, std::string hint = {}) {
    errors_.warn(where.where, path, std::move(what), std::move(hint));
  }

  void read(const Value& key, const Value& record) {
    const std::string name = key.text.empty() ? "@" : key.text;
    const std::string type = text_of(record, "type");
    const std::string path = name + "." + (type.empty() ? "record" : type);
    if (record.kind != Value::Kind::mapping || type.empty())
      return lose(key, path, "a record without a type is left out");
    if (!dns::Name::parse(name == "@" ? zone_ : name + "." + zone_, dns::Name()))
      return lose(key, path, double_quoted(name) + " is not a name; the record is left out");
    if (member(record, "geo") != nullptr)
      lose(*member(record, "geo"), path, "the old form of geographic records is left out",
           "write pools and rules: `dynamic`");
    if (member(record, "dynamic") != nullptr) return read_dynamic(key, name, type, record, path);
    read_static(key, name, type, record, path);
  }

  void read_dynamic(const Value& key, const std::string& name, const std::string& type, const Value& record,
                    const std::string& path) {
    if (type != "A" && type != "AAAA") {
      lose(record, path, "pools of host names are not imported; its plain value is kept");
      return read_static(key, name, type, record, path);
    }
    if (services_.contains(name))
      return lose(record, path, "a second dynamic record of this name is left out", "merge its endpoints by hand");
    const std::string absolute = name == "@" ? zone_ : name + "." + zone_;
    std::string text = import_dynamic(record, absolute, path, "        ", sites_, errors_);
    if (text.empty()) return read_static(key, name, type, record, path);
    services_[name] = std::move(text);
  }

  void read_static(const Value& key, const std::string& name, const std::string& type, const Value& record,
                   const std::string& path) {
    const bool known = std::ranges::find(plain_types, type) != plain_types.end() || structured_types.contains(type);
    if (!known) return lose(record, path, "records of this type have no counterpart; it is left out");
    std::vector<std::string> data;
    for (const char* member_name : {"value", "values"}) {
      const Value* values = member(record, member_name);
      if (values == nullptr) continue;
      for (const Value* value : items_of(*values)) {
        if (auto text = data_of(type, *value)) {
          data.push_back(std::move(*text));
        } else {
          lose(*value, path, "a value of this form is left out");
        }
      }
    }
    if (data.empty()) return lose(key, path, "a record without values is left out");
    if (name == "@" && type == "NS") {
      for (const std::string& one : data) ns_.push_back(one);
      return;
    }
    std::string text = type + ": { ";
    const std::string ttl = text_of(record, "ttl");
    if (is_number(ttl)) text += "ttl: " + ttl + "s, ";
    text += "data: [";
    for (std::size_t i = 0; i < data.size(); ++i) text += (i == 0 ? "" : ", ") + double_quoted(data[i]);
    auto& records = records_[name];
    if (std::ranges::any_of(records, [&](const std::string& other) { return other.starts_with(type + ":"); }))
      return lose(key, path, "a second record of this name and type is left out");
    records.push_back(text + "] }");
  }

  static std::optional<std::string> data_of(const std::string& type, const Value& value) {
    const auto fields = structured_types.find(type);
    if (value.kind == Value::Kind::scalar) {
      if (value.text.empty() || (fields != structured_types.end() && type != "CAA")) return std::nullopt;
      return type == "TXT" ? unescaped(value.text) : value.text;
    }
    if (value.kind != Value::Kind::mapping || fields == structured_types.end()) return std::nullopt;
    std::string out;
    for (const Field& field : fields->second) {
      std::string text = text_of(value, field.names[0]);
      if (text.empty() && !field.names[1].empty()) text = text_of(value, field.names[1]);
      if (text.empty()) return std::nullopt;
      out += (out.empty() ? "" : " ") + (field.quote ? double_quoted(text) : text);
    }
    return out;
  }

  /// OctoDNS writes a semicolon of a TXT as "\;".
  static std::string unescaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ';') ++i;
      out += text[i];
    }
    return out;
  }

  std::string yaml() {
    Imported out;
    out.comments = {"From a zone of OctoDNS. Sites are its pools: give them their place (`at`) for `nearest`."};
    for (const std::string& site : sites_) out.sites[site] = "{}";
    out.zones.push_back({zone_, ns_, {}, services_, records_});
    return to_yaml(out);
  }

  const Value& root_;
  const OctodnsOptions& options_;
  base::ErrorList& errors_;
  std::string zone_;
  std::vector<std::string> ns_;
  std::vector<std::string> sites_;
  std::map<std::string, std::string> services_;
  std::map<std::string, std::vector<std::string>> records_;
};

}  // namespace

std::optional<std::string> import_octodns(const std::string& path, std::string text, const OctodnsOptions& options,
                                          base::ErrorList& errors) {
  const auto root = parse_yaml(path, std::move(text), errors);
  if (!root) return std::nullopt;
  return Import(*root, options, errors).run();
}

}  // namespace gslb::config
