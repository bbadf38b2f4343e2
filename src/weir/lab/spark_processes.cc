#include "weir/lab/spark_processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "weir/base/parse_number.h"

namespace weir::lab {
namespace {

// More than the longest command line (ARG_MAX, 2 MiB) and the sockets of a busy machine.
constexpr size_t kFileBytesMax = 16 << 20;

// What there is of a file whose process may end at any moment; a stream would throw then.
std::string read_proc(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0 && text.size() < kFileBytesMax;)
    text.append(buffer, size_t(n));
  close(fd);
  return text;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  DIR* entries = opendir(folder.c_str());
  if (entries == nullptr) return names;
  while (const dirent* entry = readdir(entries)) names.emplace_back(entry->d_name);
  closedir(entries);
  return names;
}

std::vector<pid_t> all_pids() {
  std::vector<pid_t> pids;
  for (const auto& name : names_in("/proc"))
    if (const auto pid = parse_number<pid_t>(name)) pids.push_back(*pid);
  return pids;
}

std::vector<std::string> arguments_of(pid_t pid) {
  std::vector<std::string> words;
  const std::string text = read_proc("/proc/" + std::to_string(pid) + "/cmdline");
  for (size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\0', at), text.size());
    words.push_back(text.substr(at, end - at));
  }
  return words;
}

pid_t parent_of(pid_t pid) {
  std::istringstream status(read_proc("/proc/" + std::to_string(pid) + "/status"));
  pid_t parent = -1;
  for (std::string word; status >> word;)
    if (word == "PPid:" && status >> parent) return parent;
  return -1;
}

// The inodes of a process's sockets: its descriptors are links to "socket:[4711]".
void add_sockets(pid_t pid, std::set<std::string>& inodes) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& name : names_in(folder)) {
    char link[64];
    const ssize_t n = readlink((folder + "/" + name).c_str(), link, sizeof link);
    const std::string_view text(link, size_t(std::max<ssize_t>(n, 0)));
    if (text.starts_with("socket:[")) inodes.emplace(text.substr(8, text.size() - 9));
  }
}

// Ports on which one of these sockets listens. In /proc/net/tcp (proc(5)) field 1 is the local
// address with the port in hexadecimal after its last colon, field 3 the state (0A: listening),
// field 9 the inode.
std::set<int> listening_ports(const std::set<std::string>& inodes) {
  std::set<int> ports;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::istringstream lines(read_proc(table));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream in(line);
      const std::vector<std::string> fields{std::istream_iterator<std::string>(in), {}};
      if (fields.size() < 10 || fields[3] != "0A" || !inodes.contains(fields[9])) continue;
      if (const auto port = parse_number<int>(fields[1].substr(fields[1].rfind(':') + 1), 16))
        ports.insert(*port);
    }
  }
  return ports;
}

}  // namespace

// Spark's standalone worker starts an executor as
// java ... org.apache.spark.executor.CoarseGrainedExecutorBackend --driver-url
// spark://CoarseGrainedScheduler@HOST:PORT --executor-id 0 ... --app-id app-... --worker-url ...
std::optional<SparkExecutor> executor_of(const std::vector<std::string>& arguments,
                                         int* driver_port) {
  const auto main = std::find(arguments.begin(), arguments.end(),
                              "org.apache.spark.executor.CoarseGrainedExecutorBackend");
  if (main == arguments.end()) return std::nullopt;
  const auto value = [&](const char* flag) -> std::string {
    const auto at = std::find(main, arguments.end(), flag);
    return at == arguments.end() || at + 1 == arguments.end() ? "" : *(at + 1);
  };
  const std::string url = value("--driver-url");
  const auto port = parse_number<int>(url.substr(url.rfind(':') + 1));
  SparkExecutor executor;
  executor.application = value("--app-id");
  executor.number = value("--executor-id");
  if (!port || executor.application.empty() || executor.number.empty()) return std::nullopt;
  *driver_port = *port;
  return executor;
}

std::vector<SparkExecutor> executors_of(const ProcessId& driver) {
  std::set<std::string> sockets;
  std::vector<std::pair<int, SparkExecutor>> found;
  for (const pid_t pid : all_pids()) {
    if (getpgid(pid) == driver.pid) add_sockets(pid, sockets);
    int port = 0;
    auto executor = executor_of(arguments_of(pid), &port);
    const auto process = executor ? identify(pid) : std::nullopt;
    const auto worker = process ? identify(parent_of(pid)) : std::nullopt;
    if (!worker || state_of(*process) == ProcessState::kZombie) continue;
    executor->process = *process;
    executor->worker = *worker;
    found.emplace_back(port, std::move(*executor));
  }
  const std::set<int> ports = listening_ports(sockets);
  std::vector<SparkExecutor> executors;
  for (auto& [port, executor] : found)
    if (ports.contains(port)) executors.push_back(std::move(executor));
  std::sort(executors.begin(), executors.end(), [](const auto& a, const auto& b) {
    return parse_number<int64_t>(a.number).value_or(0) <
           parse_number<int64_t>(b.number).value_or(0);
  });
  return executors;
}

}  // namespace weir::lab
