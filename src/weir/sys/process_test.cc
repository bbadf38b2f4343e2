#include "weir/sys/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace weir {
namespace {

Spawn shell(const std::string& script) {
  Spawn spawn;
  spawn.arguments = {"/bin/sh", "-c", script};
  return spawn;
}

TEST(Child, ReportsItsExitStatus) {
  auto child = Child::start(shell("exit 7"));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(nanos_from_seconds(10)), 7);
}

TEST(Child, ReadsItsOutputThroughAPipe) {
  Spawn spawn = shell("echo $GREETING");
  spawn.stdout_pipe = true;
  spawn.environment["GREETING"] = "hello";
  auto child = Child::start(spawn);
  ASSERT_TRUE(child);
  char text[16] = {};
  EXPECT_EQ(read(child->stdout_fd(), text, sizeof text), 6);
  EXPECT_STREQ(text, "hello\n");
}

TEST(Child, AMissingProgramIsAnError) {
  Spawn spawn;
  spawn.arguments = {"/no/such/program"};
  auto child = Child::start(spawn);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, Code::kNotFound);
}

TEST(Child, IsKilledWhenItsOwnerLetsGo) {
  ProcessId id;
  {
    auto child = Child::start(shell("exec tail -f /dev/null"));
    ASSERT_TRUE(child);
    id = child->id();
    EXPECT_EQ(state_of(id), ProcessState::kRunning);
  }
  EXPECT_EQ(state_of(id), ProcessState::kGone);
}

TEST(Child, StopsAndContinues) {
  auto child = Child::start(shell("exec tail -f /dev/null"));
  ASSERT_TRUE(child);
  ASSERT_TRUE(child->signal(SIGSTOP));
  for (int i = 0; i < 1000 && state_of(child->id()) != ProcessState::kStopped; ++i)
    child->wait(nanos_from_millis(1));
  EXPECT_EQ(state_of(child->id()), ProcessState::kStopped);
  EXPECT_EQ(child->stop(nanos_from_seconds(5)), 128 + SIGTERM);
}

TEST(ProcessId, IsNotAnotherProcessOfTheSameNumber) {
  auto self = identify(getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(state_of(*self), ProcessState::kRunning);
  ProcessId earlier{self->pid, self->start_ticks - 1};
  EXPECT_EQ(state_of(earlier), ProcessState::kGone);
  EXPECT_FALSE(use_of(earlier));
  EXPECT_GT(use_of(*self)->resident_bytes, 0);
}

}  // namespace
}  // namespace weir
