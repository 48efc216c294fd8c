#include "tests/support/test_server.hpp"

#include <cstdio>
#include <cstdlib>

#include "base/address.hpp"
#include "config/config.hpp"
#include "config/report.hpp"
#include "dns/name.hpp"
#include "engine/hosts.hpp"

namespace gslb::test {

namespace {

std::string text_of(ldns_rr* rr) {
  char* raw = ldns_rr2str(rr);
  std::string text(raw);
  std::free(raw);
  // "owner\tTTL\tIN\tTYPE\trdata\n" without the class.
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) c = c == '\t' ? ' ' : c;
  const auto at = text.find(" IN ");
  return at == std::string::npos ? text : text.substr(0, at) + text.substr(at + 3);
}

void put_u16(std::vector<std::uint8_t>& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value & 0xff));
}

}  // namespace

Reply::Reply(std::vector<std::uint8_t> octets) : octets_(std::move(octets)) {
  if (octets_.empty()) return;
  ldns_pkt* packet = nullptr;
  if (ldns_wire2pkt(&packet, octets_.data(), octets_.size()) != LDNS_STATUS_OK) {
    std::fprintf(stderr, "ldns does not understand our reply\n");
    std::abort();
  }
  packet_.reset(packet);
}

unsigned Reply::rcode() const {
  return static_cast<unsigned>(ldns_pkt_get_rcode(packet_.get())) |
         static_cast<unsigned>(ldns_pkt_edns_extended_rcode(packet_.get())) << 4;
}

std::vector<std::string> Reply::section(ldns_pkt_section section) const {
  std::vector<std::string> out;
  ldns_rr_list* list = ldns_pkt_get_section_clone(packet_.get(), section);
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) out.push_back(text_of(ldns_rr_list_rr(list, i)));
  ldns_rr_list_deep_free(list);
  return out;
}

std::vector<std::string> Reply::additional() const { return section(LDNS_SECTION_ADDITIONAL); }

std::string Reply::question() const {
  const auto list = section(LDNS_SECTION_QUESTION);
  return list.empty() ? "" : list[0];
}

bool Reply::has_edns() const { return ldns_pkt_edns(packet_.get()); }

std::optional<std::vector<std::uint8_t>> Reply::option(unsigned code) const {
  const ldns_rdf* data = ldns_pkt_edns_data(packet_.get());
  if (data == nullptr) return std::nullopt;
  const std::uint8_t* at = ldns_rdf_data(data);
  std::size_t left = ldns_rdf_size(data);
  while (left >= 4) {
    const unsigned option_code = at[0] << 8 | at[1];
    const std::size_t size = static_cast<std::size_t>(at[2] << 8 | at[3]);
    if (option_code == code) return std::vector<std::uint8_t>(at + 4, at + 4 + size);
    at += 4 + size;
    left -= 4 + size;
  }
  return std::nullopt;
}

std::string Reply::subnet() const {
  const auto data = option(8).value_or(std::vector<std::uint8_t>());
  if (data.size() < 4) return {};
  return std::to_string(data[0] << 8 | data[1]) + "/" + std::to_string(data[2]) + "/" + std::to_string(data[3]);
}

std::optional<unsigned> Reply::extended_error() const {
  const auto data = option(15).value_or(std::vector<std::uint8_t>());
  if (data.size() < 2) return std::nullopt;
  return data[0] << 8 | data[1];
}

std::vector<std::uint8_t> query_wire(const Ask& ask) {
  std::vector<std::uint8_t> out{0x12, 0x34, 0x01, 0x00};
  put_u16(out, 1);
  put_u16(out, 0);
  put_u16(out, 0);
  put_u16(out, ask.edns ? 1 : 0);
  ldns_rdf* name = ldns_dname_new_frm_str(ask.name.c_str());
  out.insert(out.end(), ldns_rdf_data(name), ldns_rdf_data(name) + ldns_rdf_size(name));
  ldns_rdf_deep_free(name);
  put_u16(out, ask.type);
  put_u16(out, ask.qclass);
  if (!ask.edns) return out;
  std::vector<std::uint8_t> options;
  if (!ask.subnet.empty()) {
    const auto prefix = *base::parse_prefix(ask.subnet);
    const std::size_t octets = (prefix.length + 7U) / 8;
    put_u16(options, 8);
    put_u16(options, static_cast<unsigned>(4 + octets));
    put_u16(options, prefix.address.family == base::Family::v4 ? 1 : 2);
    options.push_back(prefix.length);
    options.push_back(0);
    options.insert(options.end(), prefix.address.octets.begin(),
                   prefix.address.octets.begin() + static_cast<std::ptrdiff_t>(octets));
  }
  for (const auto& [code, data] : ask.options) {
    put_u16(options, code);
    put_u16(options, static_cast<unsigned>(data.size()));
    options.insert(options.end(), data.begin(), data.end());
  }
  out.push_back(0);
  put_u16(out, 41);
  put_u16(out, ask.payload);
  put_u16(out, 0);
  put_u16(out, ask.dnssec_ok ? 0x8000 : 0);
  put_u16(out, static_cast<unsigned>(options.size()));
  out.insert(out.end(), options.begin(), options.end());
  return out;
}

TestServer::TestServer(const std::string& yaml, const engine::CompileOptions& options) {
  base::ErrorList errors;
  const auto config = config::load_text("test.yaml", yaml, errors);
  if (config) snapshot_ = engine::compile(*config, options, errors);
  if (!snapshot_ || !errors.empty()) {
    std::fputs(config::report(errors).c_str(), stderr);
    std::abort();
  }
  planner_ = std::make_unique<engine::Planner>(snapshot_);
  states_.resize(snapshot_->targets.size());
  for (health::TargetState& state : states_) state.verdict = health::Verdict::up;
  publish();
}

void TestServer::resolve(const health::HostAddresses& hosts, zones::SignatureStore* store, std::int64_t now) {
  auto next = std::make_shared<engine::Snapshot>(*snapshot_);
  if (const auto done = engine::follow_hosts(*next, hosts, store, {now}); !done) {
    std::fputs(done.error().what.c_str(), stderr);
    std::abort();
  }
  snapshot_ = std::move(next);
  planner_ = std::make_unique<engine::Planner>(snapshot_);
  states_.assign(snapshot_->targets.size(), {});
  for (health::TargetState& state : states_) state.verdict = health::Verdict::up;
  publish();
}

void TestServer::publish(base::SteadyTime now) {
  planner_->update(states_, now);
  auto next = std::make_shared<engine::Generation>();
  next->epoch = generation_ ? generation_->epoch + 1 : 1;
  next->snapshot = snapshot_;
  next->plans = planner_->plans();
  handler_.adopt(next.get());
  generation_ = std::move(next);
}

void TestServer::set(const std::string& address, health::Verdict verdict) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (base::to_string(snapshot_->targets[i].address) == address) states_[i].verdict = verdict;
  }
  publish();
}

Reply TestServer::ask_wire(const std::vector<std::uint8_t>& wire, const std::string& client,
                           engine::Transport transport) {
  std::vector<std::uint8_t> reply(65535);
  if (clock_runs_) ++now_.second;
  handler_.set_now(now_);
  const std::size_t size = handler_.handle({*base::parse_address(client), 5353}, wire, reply, transport);
  reply.resize(size);
  return Reply(std::move(reply));
}

Reply TestServer::ask(const Ask& ask) { return ask_wire(query_wire(ask), ask.client, ask.transport); }

}  // namespace gslb::test
