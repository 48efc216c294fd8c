#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "health/probes/probe.hpp"
#include "health/probes/problem.hpp"

namespace gslb::health {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Of the Nagios plugin interface; 3 is UNKNOWN.
constexpr int nagios_ok = 0, nagios_warning = 1, nagios_critical = 2;
constexpr std::size_t most_output = 4096;
/// util-linux: takes away identity, groups and capabilities between fork and exec, which posix_spawn cannot.
constexpr const char* dropper = "/usr/bin/setpriv";
constexpr std::string_view dropper_says = "setpriv: ";

void fill_in(std::string& word, std::string_view placeholder, const std::string& value) {
  for (std::size_t at = word.find(placeholder); at != std::string::npos; at = word.find(placeholder, at + value.size()))
    word.replace(at, placeholder.size(), value);
}

struct Account {
  std::string user, group;  ///< numbers
};

/// Looked up once for each name: that may take its time.
const std::optional<Account>& account_of(const std::string& name) {
  static thread_local std::map<std::string, std::optional<Account>> known;
  const auto [entry, is_new] = known.try_emplace(name);
  if (is_new) {
    std::array<char, 16384> room{};
    passwd found{};
    passwd* result = nullptr;
    if (::getpwnam_r(name.c_str(), &found, room.data(), room.size(), &result) == 0 && result != nullptr)
      entry->second = Account{std::to_string(found.pw_uid), std::to_string(found.pw_gid)};
  }
  return entry->second;
}

/// What is run; nothing if there is no such user.
std::optional<std::vector<std::string>> words_of(const Target& target) {
  const CommandSpec& command = target.monitor.command;
  std::vector<std::string> out{dropper, "--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all"};
  if (::geteuid() == 0) {
    const auto& account = account_of(command.user);
    if (!account) return std::nullopt;
    out.insert(out.end(),
               {"--reuid=" + account->user, "--regid=" + account->group, "--init-groups", "--bounding-set=-all"});
  }
  out.emplace_back("--");
  for (std::string word : command.words) {
    fill_in(word, "{address}", base::to_string(target.address));
    fill_in(word, "{port}", std::to_string(target.monitor.port));
    out.push_back(std::move(word));
  }
  return out;
}

class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t signals;
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

/// One process and all that it starts: they are one process group, which is killed when its first process ends or the
/// time is over. Handlers keep it alive until that process is reaped.
class Running : public std::enable_shared_from_this<Running> {
 public:
  Running(asio::io_context& context, const Target& target, Probe::Done done)
      : process_(context), output_(context), timer_(context), done_(std::move(done)), started_(base::steady_now()) {
    timeout_ = target.monitor.timeout;
  }
  ~Running() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, WNOHANG);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void start(const Target& target) {
    const auto words = words_of(target);
    if (!words) return fail_later("there is no user " + target.monitor.command.user);
    if (const int error = spawn(*words); error != 0) return fail_later(in_words(error));
    timer_.expires_after(timeout_);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (error) return;
      ::kill(-self->pid_, SIGKILL);
      self->finish({.phase = Phase::timeout, .detail = "timeout: the command was killed"});
    });
    process_.async_wait(asio::posix::stream_descriptor::wait_read,
                        [self = shared_from_this()](const error_code&) { self->ended(); });
    read();
  }

  void abandon() {
    done_ = nullptr;
    if (pid_ > 0) ::kill(-pid_, SIGKILL);
    timer_.cancel();
  }

 private:
  void fail_later(const std::string& problem) {
    const Observation seen{.voided = true, .phase = Phase::connect, .detail = "command: " + problem};
    asio::post(timer_.get_executor(), [self = shared_from_this(), seen] { self->finish(seen); });
  }

  int spawn(const std::vector<std::string>& words) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return errno;
    output_.assign(pipe[0]);
    // What the process writes to must block as any file does.
    ::fcntl(pipe[1], F_SETFL, ::fcntl(pipe[1], F_GETFL) & ~O_NONBLOCK);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::array<char*, 3> environment{
        const_cast<char*>("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        const_cast<char*>("LC_ALL=C.UTF-8"), nullptr};
    const SpawnSettings settings(pipe[1]);
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, dropper, settings.files(), settings.attributes(), arguments.data(), environment.data());
    ::close(pipe[1]);
    if (error != 0) return error;
    pid_ = pid;
    const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (descriptor < 0) return errno;
    process_.assign(descriptor);
    return 0;
  }

  /// Reads on after the limit, so that the process is not held up, and keeps only what came before it.
  void read() {
    output_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              self->keep(size);
                              if (!error) self->read();
                            });
  }

  void keep(std::size_t size) { said_.append(buffer_.data(), std::min(size, most_output - said_.size())); }

  void ended() {
    for (;;) {  // what it wrote last may still be in the pipe
      const auto size = ::read(output_.native_handle(), buffer_.data(), buffer_.size());
      if (size <= 0 || said_.size() == most_output) break;
      keep(static_cast<std::size_t>(size));
    }
    ::kill(-pid_, SIGKILL);  // before it is reaped: until then nobody else can have this number
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    error_code ignored;
    output_.close(ignored);
    process_.close(ignored);
    finish(judge(status));
  }

  Observation judge(int status) const {
    if (WIFSIGNALED(status))
      return {.phase = Phase::status, .detail = "command: ended by signal " + std::to_string(WTERMSIG(status))};
    const int code = WEXITSTATUS(status);
    std::string line = base::printable(said_.substr(0, said_.find('\n')).substr(0, most_line));
    if (line.empty()) line = "no output";
    const std::string detail = "command " + std::to_string(code) + ": " + line;
    // It never got as far as the command; its own exit code of 1 must not be taken for a warning.
    if (said_.starts_with(dropper_says)) return {.voided = true, .phase = Phase::connect, .detail = "command: " + line};
    if (code == nagios_ok) return {.ok = true, .phase = Phase::passed, .detail = detail};
    if (code == nagios_warning) return {.ok = true, .phase = Phase::passed, .detail = detail, .warning = line};
    // UNKNOWN, and a command that could not even be run, say nothing of the target.
    return {.voided = code != nagios_critical, .phase = Phase::status, .detail = detail};
  }

  void finish(Observation seen) {
    if (!done_) return;
    const auto self = shared_from_this();
    const auto tell = std::exchange(done_, nullptr);
    timer_.cancel();
    seen.when = base::steady_now();
    seen.latency = seen.when - started_;
    if (seen.ok) seen.times.status = seen.latency;
    tell(std::move(seen));
  }

  static constexpr std::size_t most_line = 200;
  asio::posix::stream_descriptor process_;  ///< readable when it has ended
  asio::posix::stream_descriptor output_;
  asio::steady_timer timer_;
  Probe::Done done_;
  base::SteadyTime started_;
  base::Duration timeout_{};
  pid_t pid_ = 0;  ///< of the process, and so of its group, until it is reaped
  std::array<char, most_output> buffer_{};
  std::string said_;
};

class CommandProbe final : public Probe {
 public:
  explicit CommandProbe(std::shared_ptr<Running> running) : running_(std::move(running)) {}
  ~CommandProbe() override { running_->abandon(); }

 private:
  std::shared_ptr<Running> running_;
};

}  // namespace

std::unique_ptr<Probe> start_command_probe(ProbeTools& tools, const Target& target, Probe::Done done) {
  auto running = std::make_shared<Running>(tools.context, target, std::move(done));
  running->start(target);
  return std::make_unique<CommandProbe>(std::move(running));
}

}  // namespace gslb::health
