#include "weir/lab/guard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace weir::lab {
namespace {

Child sleeper() {
  Spawn spawn;
  spawn.arguments = {"/bin/sh", "-c", "exec tail -f /dev/null"};
  return Child::start(spawn).value();
}

// Runs the guard over `lines` as if weir run had died after writing them.
void guard_reads(const std::string& lines) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], lines.data(), lines.size()), ssize_t(lines.size()));
  close(ends[1]);
  EXPECT_EQ(run_guard(ends[0], STDOUT_FILENO, ""), 0);
  close(ends[0]);
}

std::string line(const char* verb, const ProcessId& process) {
  return std::string(verb) + " " + std::to_string(process.pid) + " " +
         std::to_string(process.start_ticks) + "\n";
}

TEST(Guard, KillsWhatIsTrackedAlsoWhenStopped) {
  Child running = sleeper(), stopped = sleeper();
  stopped.signal(SIGSTOP);
  guard_reads(line("track", running.id()) + line("track", stopped.id()));
  EXPECT_EQ(running.wait(nanos_from_seconds(10)), 128 + SIGKILL);
  EXPECT_EQ(stopped.wait(nanos_from_seconds(10)), 128 + SIGKILL);
}

TEST(Guard, SparesTheUntrackedTheReusedAndNonsense) {
  Child untracked = sleeper(), reused = sleeper();
  ProcessId earlier{reused.id().pid, reused.id().start_ticks - 1};
  guard_reads(line("track", untracked.id()) + line("untrack", untracked.id()) +
              line("track", earlier) + "track 1 1\ntrack x\n\n" + "track " +
              std::to_string(untracked.id().pid));
  EXPECT_EQ(state_of(untracked.id()), ProcessState::kRunning);
  EXPECT_EQ(state_of(reused.id()), ProcessState::kRunning);
}

}  // namespace
}  // namespace weir::lab
