#include "weir/lab/guard.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <sstream>

#include "weir/sys/clock.h"

namespace weir::lab {
namespace {

void kill_group(const ProcessId& process) {
  // A gone leader may have left members in its group; its number cannot be reused as long as they
  // live, and a group of another leader is told apart by that leader's start time.
  const auto now = identify(process.pid);
  if (now && *now != process) return;
  kill(-process.pid, SIGCONT);
  kill(-process.pid, SIGKILL);
}

void follow(const std::string& line, std::set<ProcessId>& tracked) {
  std::istringstream words(line);
  std::string verb;
  ProcessId process;
  if (!(words >> verb >> process.pid >> process.start_ticks) || process.pid <= 1) return;
  if (verb == "track") tracked.insert(process);
  if (verb == "untrack") tracked.erase(process);
}

}  // namespace

Result<Guard> Guard::start(const std::string& program) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  Spawn spawn;
  spawn.arguments = {program, "guard"};
  spawn.stdin_pipe = true;
  spawn.new_session = true;
  spawn.die_with_parent = false;
  return Guard(WEIR_TRY_IN("guard", Child::start(spawn)));
}

Status Guard::write_line(const std::string& line) {
  ssize_t n;
  do n = write(child_.stdin_fd(), line.data(), line.size());
  while (n < 0 && errno == EINTR);
  if (n != ssize_t(line.size()))
    return tl::unexpected(error_from_errno(n < 0 ? errno : EPIPE, "tell", "the guard process"));
  return {};
}

Status Guard::track(const ProcessId& process) {
  return write_line("track " + std::to_string(process.pid) + " " +
                    std::to_string(process.start_ticks) + "\n");
}

Status Guard::untrack(const ProcessId& process) {
  return write_line("untrack " + std::to_string(process.pid) + " " +
                    std::to_string(process.start_ticks) + "\n");
}

int run_guard(int input) {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(number, SIG_IGN);
  std::set<ProcessId> tracked;
  std::string pending;
  char buffer[4096];
  for (;;) {
    const ssize_t n = read(input, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    pending.append(buffer, size_t(n));
    for (size_t end; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1))
      follow(pending.substr(0, end), tracked);
  }
  for (const auto& process : tracked) kill_group(process);
  return 0;
}

}  // namespace weir::lab
