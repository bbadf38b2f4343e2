// Child processes, signals and /proc: every process weir starts is known by its id and start time.
#pragma once
#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/sys/cores.h"

namespace weir {

// A process that cannot be confused with a later one of the same number.
struct ProcessId {
  pid_t pid = -1;
  uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat
  auto operator<=>(const ProcessId&) const = default;
};

enum class ProcessState { kGone, kRunning, kStopped, kZombie };

// What /proc says of it; kGone when the number now belongs to another process.
ProcessState state_of(const ProcessId& process);
std::optional<ProcessId> identify(pid_t pid);

// `text` as one word of a command for sh.
std::string shell_word(const std::string& text);

struct Spawn {
  std::vector<std::string> arguments;              // [0] is the program's path
  std::map<std::string, std::string> environment;  // added to ours
  std::string stdout_path, stderr_path;            // appended to; empty = inherited
  bool stdout_pipe = false;                        // then Child::stdout_fd reads its stdout
  bool stdin_pipe = false;                         // then Child::stdin_fd writes to its stdin
  bool new_session = false;                        // setsid instead of a new process group
  bool die_with_parent = true;                     // PR_SET_PDEATHSIG SIGKILL
  int nice = 0;  // added to its scheduling priority where this user may; else left alone
  Cores cores;   // that it and its children run on; empty: those of the thread that starts it
};

// One started child; it is killed and reaped when this goes out of scope. Home thread: its owner's.
class Child {
 public:
  static Result<Child> start(const Spawn& spawn);
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  const ProcessId& id() const { return id_; }
  int stdout_fd() const { return stdout_fd_; }
  int stdin_fd() const { return stdin_fd_; }
  // Sends a signal to its process group; false when it is gone.
  bool signal(int number) const;
  // The exit status (128 + signal when killed) once it has ended; empty while it runs.
  std::optional<int> poll();
  // Waits up to `limit`; empty when it still runs then.
  std::optional<int> wait(Nanos limit);
  // SIGTERM, then after `grace` SIGKILL; returns its exit status.
  int stop(Nanos grace);

 private:
  Child() = default;
  ProcessId id_;
  int stdout_fd_ = -1, stdin_fd_ = -1;
  std::optional<int> status_;
};

// Cumulative use of a process since its start.
struct ProcessUse {
  double cpu_seconds = 0;
  int64_t resident_bytes = 0, read_bytes = 0, written_bytes = 0;
};
std::optional<ProcessUse> use_of(const ProcessId& process);

// The path of this program (/proc/self/exe).
std::string own_program();

}  // namespace weir
