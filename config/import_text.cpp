#include "config/import_text.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gslb::config {

const Value* member(const Value& mapping, std::string_view key) {
  for (const Entry& entry : mapping.entries) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

std::string text_of(const Value& mapping, std::string_view key) {
  const Value* found = member(mapping, key);
  return found != nullptr && found->kind == Value::Kind::scalar ? found->text : std::string();
}

std::vector<const Value*> items_of(const Value& value) {
  std::vector<const Value*> out;
  if (value.kind != Value::Kind::sequence) return {&value};
  for (const Value& item : value.items) out.push_back(&item);
  return out;
}

namespace {

/// Our YAML holds no tab, in comments neither.
void append(std::string& out, char c) {
  if (c == '\t') {
    out += "\\t";
  } else {
    out += c;
  }
}

}  // namespace

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : base::printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    append(out, c);
  }
  return out + "\"";
}

std::string yaml_list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + double_quoted(word);
  return "[" + out + "]";
}

bool is_site_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 9 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string to_yaml(const Imported& imported) {
  std::string out;
  const auto mapping = [&out](const char* key, const std::map<std::string, std::string>& entries) {
    if (!entries.empty()) out.append(key).append(":\n");
    for (const auto& [name, value] : entries) out += "  " + double_quoted(name) + ": " + value + "\n";
  };
  for (const std::string& comment : imported.comments) {
    out += "# ";
    for (const char c : base::printable(comment)) append(out, c);
    out += '\n';
  }
  out += imported.head;
  mapping("sites", imported.sites);
  mapping("monitors", imported.monitors);
  out += "zones:\n";
  for (const ImportedZone& zone : imported.zones) {
    out += "  " + double_quoted(zone.name) + ":\n";
    if (!zone.ns.empty()) out += "    ns: " + yaml_list(zone.ns) + "\n";
    if (!zone.files.empty()) out += "    files: " + yaml_list(zone.files) + "\n";
    if (!zone.services.empty()) out += "    services:\n";
    for (const auto& [name, text] : zone.services) out += "      " + double_quoted(name) + ":\n" + text;
    if (!zone.records.empty()) out += "    records:\n";
    for (const auto& [name, records] : zone.records) {
      out += "      " + double_quoted(name) + ":\n";
      for (const std::string& record : records) out += "        " + record + "\n";
    }
  }
  return out;
}

}  // namespace gslb::config
