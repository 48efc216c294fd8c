#include "tests/health/etcd_cluster.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "net/http_client.hpp"
#include "tests/net/certificates.hpp"

namespace gslb::health {

namespace {

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof local;
  if (::bind(descriptor, reinterpret_cast<sockaddr*>(&local), size) != 0) throw std::runtime_error("no port");
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size);
  ::close(descriptor);
  return ntohs(local.sin_port);
}

std::string url(const char* scheme, std::uint16_t port) {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(port);
}

pid_t spawn(const std::vector<std::string>& words, const std::string& log) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

EtcdCluster::EtcdCluster(unsigned members, bool tls) : tls_(tls) {
  std::string pattern = (std::filesystem::temp_directory_path() / "gslb-etcd-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  folder_ = pattern;
  for (unsigned i = 0; i < members; ++i) members_.push_back({0, free_port(), free_port()});
  for (unsigned i = 0; i < members; ++i) start(i);
}

EtcdCluster::~EtcdCluster() {
  for (unsigned i = 0; i < members_.size(); ++i) kill(i);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void EtcdCluster::start(unsigned member) {
  const Member& own = members_[member];
  const char* scheme = tls_ ? "https" : "http";
  std::string all;
  for (unsigned i = 0; i < members_.size(); ++i)
    all += (i == 0 ? "m" : ",m") + std::to_string(i) + "=" + url("http", members_[i].peer);
  std::vector<std::string> words{"etcd",
                                 "--name=m" + std::to_string(member),
                                 "--data-dir=" + data(member),
                                 "--listen-client-urls=" + url(scheme, own.client),
                                 "--advertise-client-urls=" + url(scheme, own.client),
                                 "--listen-peer-urls=" + url("http", own.peer),
                                 "--initial-advertise-peer-urls=" + url("http", own.peer),
                                 "--initial-cluster=" + all,
                                 "--heartbeat-interval=50",
                                 "--election-timeout=500",
                                 "--log-level=error"};
  if (tls_) {
    const auto pair = net::Certificates::get().valid();
    words.push_back("--cert-file=" + pair.certificate);
    words.push_back("--key-file=" + pair.key);
  }
  members_[member].process = spawn(words, data(member) + ".log");
}

void EtcdCluster::kill(unsigned member) {
  pid_t& process = members_[member].process;
  if (process <= 0) return;
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  process = 0;
}

void EtcdCluster::pause(unsigned member, bool paused) const {
  ::kill(members_[member].process, paused ? SIGSTOP : SIGCONT);
}

void EtcdCluster::wipe(unsigned member) const { std::filesystem::remove_all(data(member)); }

void EtcdCluster::keep_copy(unsigned member) const {
  std::filesystem::copy(data(member), data(member) + ".copy", std::filesystem::copy_options::recursive);
}

void EtcdCluster::put_back(unsigned member) const {
  wipe(member);
  std::filesystem::copy(data(member) + ".copy", data(member), std::filesystem::copy_options::recursive);
}

EtcdSpec EtcdCluster::spec() const {
  EtcdSpec out;
  out.tls = tls_;
  if (tls_) out.ca = net::Certificates::get().ca();
  for (const Member& member : members_)
    out.endpoints.push_back({base::parse_address("127.0.0.1").value(), member.client});
  return out;
}

std::pair<unsigned, std::string> EtcdCluster::post(const std::string& path, const std::string& body) const {
  net::HttpRequest request;
  request.to = spec().endpoints[0];
  request.tls = tls_;
  request.tls_options.ca_file = net::Certificates::get().ca();
  request.method = "POST";
  request.target = path;
  request.body = body;
  request.deadline = base::steady_now() + std::chrono::seconds(5);
  const net::HttpResponse response = net::http_request_blocking(std::move(request));
  return {response.status, response.body};
}

}  // namespace gslb::health
