#include "weir/sys/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "weir/sys/clock.h"

namespace weir {
namespace {

std::optional<std::string> read_small(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text(4096, '\0');
  const ssize_t n = read(fd, text.data(), text.size());
  close(fd);
  if (n < 0) return std::nullopt;
  text.resize(size_t(n));
  return text;
}

// The fields of /proc/PID/stat from number 3 (state) on; the name before them may hold anything.
std::vector<std::string_view> stat_fields(const std::string& text) {
  std::vector<std::string_view> fields;
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return fields;
  std::string_view rest = std::string_view(text).substr(name_end + 1);
  while (!rest.empty()) {
    const size_t begin = rest.find_first_not_of(" \n");
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(rest.find_first_of(" \n", begin), rest.size());
    fields.push_back(rest.substr(begin, end - begin));
    rest.remove_prefix(end);
  }
  return fields;
}

template <class T>
T number(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr size_t kState = 0, kUserTicks = 11, kSystemTicks = 12, kStartTicks = 19,
                 kResidentPages = 21;

std::optional<std::string> stat_of(pid_t pid) {
  return read_small("/proc/" + std::to_string(pid) + "/stat");
}

int64_t io_value(const std::string& text, std::string_view key) {
  const size_t at = text.find(key);
  if (at == std::string::npos) return 0;
  std::string_view rest = std::string_view(text).substr(at + key.size());
  return number<int64_t>(rest.substr(0, rest.find('\n')));
}

// What the child does between fork and exec; only async-signal-safe calls.
[[noreturn]] void become(const Spawn& spawn, char* const* arguments, char* const* environment,
                         int in, int out, int err, int error_pipe, pid_t parent) {
  auto give_up = [&] {
    const int number = errno;
    [[maybe_unused]] ssize_t n = write(error_pipe, &number, sizeof number);
    _exit(127);
  };
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
  if (spawn.new_session)
    setsid();
  else
    setpgid(0, 0);
  if (spawn.die_with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
  }
  if (!spawn.cores.empty() && !run_on(spawn.cores)) give_up();
  if (spawn.nice != 0) setpriority(PRIO_PROCESS, 0, spawn.nice);
  if (in < 0) in = open("/dev/null", O_RDONLY);
  if (in >= 0) dup2(in, 0);
  if (out >= 0 && dup2(out, 1) < 0) give_up();
  if (err >= 0 && dup2(err, 2) < 0) give_up();
  execve(arguments[0], arguments, environment);
  give_up();
  _exit(127);
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!added.contains(std::string(text.substr(0, text.find('='))))) all.emplace_back(text);
  }
  for (const auto& [key, value] : added) all.push_back(key + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

Result<int> open_log(const std::string& path) {
  if (path.empty()) return -1;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return tl::unexpected(error_from_errno(errno, "open", path));
  return fd;
}

}  // namespace

std::optional<ProcessId> identify(pid_t pid) {
  auto stat = stat_of(pid);
  if (!stat) return std::nullopt;
  const auto fields = stat_fields(*stat);
  if (fields.size() <= kStartTicks) return std::nullopt;
  return ProcessId{pid, number<uint64_t>(fields[kStartTicks])};
}

std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

ProcessState state_of(const ProcessId& process) {
  auto stat = stat_of(process.pid);
  if (!stat) return ProcessState::kGone;
  const auto fields = stat_fields(*stat);
  if (fields.size() <= kStartTicks || number<uint64_t>(fields[kStartTicks]) != process.start_ticks)
    return ProcessState::kGone;
  switch (fields[kState].front()) {
    case 'T':
    case 't':
      return ProcessState::kStopped;
    case 'Z':
    case 'X':
      return ProcessState::kZombie;
    default:
      return ProcessState::kRunning;
  }
}

std::optional<ProcessUse> use_of(const ProcessId& process) {
  auto stat = stat_of(process.pid);
  if (!stat) return std::nullopt;
  const auto fields = stat_fields(*stat);
  if (fields.size() <= kResidentPages ||
      number<uint64_t>(fields[kStartTicks]) != process.start_ticks)
    return std::nullopt;
  ProcessUse use;
  const double ticks =
      double(number<uint64_t>(fields[kUserTicks])) + double(number<uint64_t>(fields[kSystemTicks]));
  use.cpu_seconds = ticks / double(sysconf(_SC_CLK_TCK));
  use.resident_bytes = number<int64_t>(fields[kResidentPages]) * sysconf(_SC_PAGESIZE);
  if (auto io = read_small("/proc/" + std::to_string(process.pid) + "/io")) {
    use.read_bytes = io_value(*io, "\nread_bytes: ");
    use.written_bytes = io_value(*io, "\nwrite_bytes: ");
  }
  return use;
}

Result<Child> Child::start(const Spawn& spawn) {
  std::vector<std::string> arguments = spawn.arguments;
  std::vector<std::string> environment = environment_with(spawn.environment);
  auto argv = pointers(arguments);
  auto envp = pointers(environment);
  int out = WEIR_TRY(open_log(spawn.stdout_path));
  const int err = WEIR_TRY(open_log(spawn.stderr_path));
  int pipe_ends[2] = {-1, -1}, in_ends[2] = {-1, -1}, error_ends[2];
  if (spawn.stdout_pipe) {
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
      return tl::unexpected(error_from_errno(errno, "make", "a pipe"));
    out = pipe_ends[1];
  }
  if (spawn.stdin_pipe && pipe2(in_ends, O_CLOEXEC) != 0)
    return tl::unexpected(error_from_errno(errno, "make", "a pipe"));
  if (pipe2(error_ends, O_CLOEXEC) != 0)
    return tl::unexpected(error_from_errno(errno, "make", "a pipe"));
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0)
    become(spawn, argv.data(), envp.data(), in_ends[0], out, err, error_ends[1], parent);
  const int fork_error = errno;
  close(error_ends[1]);
  if (in_ends[0] >= 0) close(in_ends[0]);
  if (out >= 0) close(out);
  if (err >= 0) close(err);
  int exec_error = 0;
  const ssize_t n = pid < 0 ? 0 : read(error_ends[0], &exec_error, sizeof exec_error);
  close(error_ends[0]);
  if (pid < 0 || n > 0) {
    if (pid > 0) waitpid(pid, nullptr, 0);
    if (pipe_ends[0] >= 0) close(pipe_ends[0]);
    if (in_ends[1] >= 0) close(in_ends[1]);
    return tl::unexpected(
        error_from_errno(pid < 0 ? fork_error : exec_error, "start", spawn.arguments[0]));
  }
  if (!spawn.new_session) setpgid(pid, pid);
  Child child;
  child.id_ = identify(pid).value_or(ProcessId{pid, 0});
  child.stdout_fd_ = pipe_ends[0];
  child.stdin_fd_ = in_ends[1];
  return child;
}

Child::Child(Child&& other) noexcept { *this = std::move(other); }
Child& Child::operator=(Child&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(stdout_fd_, other.stdout_fd_);
  std::swap(stdin_fd_, other.stdin_fd_);
  std::swap(status_, other.status_);
  return *this;
}

Child::~Child() {
  if (id_.pid > 0 && !status_) {
    signal(SIGKILL);
    int status = 0;
    waitpid(id_.pid, &status, 0);
  }
  if (stdout_fd_ >= 0) close(stdout_fd_);
  if (stdin_fd_ >= 0) close(stdin_fd_);
}

bool Child::signal(int number) const {
  return id_.pid > 0 && !status_ && kill(-id_.pid, number) == 0;
}

std::optional<int> Child::poll() {
  if (status_ || id_.pid <= 0) return status_;
  int status = 0;
  if (waitpid(id_.pid, &status, WNOHANG) != id_.pid) return std::nullopt;
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return status_;
}

std::optional<int> Child::wait(Nanos limit) {
  SystemClock clock(Anchor::take());
  const Nanos end = clock.now() + limit;
  for (;;) {
    if (auto status = poll()) return status;
    const Nanos now = clock.now();
    if (now >= end) return std::nullopt;
    clock.sleep_until(std::min(end, now + nanos_from_millis(2)));
  }
}

int Child::stop(Nanos grace) {
  signal(SIGCONT);
  signal(SIGTERM);
  if (auto status = wait(grace)) return *status;
  signal(SIGKILL);
  return wait(nanos_from_seconds(10)).value_or(128 + SIGKILL);
}

std::string own_program() {
  std::string path(4096, '\0');
  const ssize_t n = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(n > 0 ? size_t(n) : 0);
  return path;
}

}  // namespace weir
