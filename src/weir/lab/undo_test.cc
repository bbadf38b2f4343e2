// The journal of what must be undone, and the guard that keeps it: whoever dies when, what was
// begun is undone, and nothing is forgotten that could not be.
#include "weir/lab/undo.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "weir/lab/guard.h"
#include "weir/sys/clock.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

class UndoTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "weir-undo-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directory(folder_ + "/log");
    journal_ = folder_ + "/undo.jsonl";
  }
  void TearDown() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }

  // A command that writes one line to the file `marks`, so that a test can count and order.
  Undo marking(const std::string& mark, const std::string& then = "") const {
    return {"test:" + mark, "echo " + mark + " >> '" + folder_ + "/marks'" + then, {}, 0};
  }
  std::string marks() const {
    std::ifstream in(folder_ + "/marks");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }
  void add(int64_t id, const Undo& undo) {
    auto journal = UndoJournal::open(journal_);
    ASSERT_TRUE(journal) << to_text(journal.error());
    ASSERT_TRUE(journal->add(id, undo));
  }
  std::vector<UndoEntry> entries() const { return read_undo_journal(journal_).value(); }

  std::string folder_, journal_;
};

// The guard on a thread of this process, with weir run's end of its pipe in the test's hand.
class GuardOnThread {
 public:
  explicit GuardOnThread(const std::string& journal) {
    EXPECT_EQ(pipe(in_), 0);
    EXPECT_EQ(pipe(out_), 0);
    thread_ = std::thread([this, journal] { code_ = run_guard(in_[0], out_[1], journal); });
  }
  ~GuardOnThread() {
    if (thread_.joinable()) end();
    for (int fd : {in_[0], out_[0], out_[1]}) close(fd);
  }
  void say(const std::string& line) {
    const std::string text = line + "\n";
    ASSERT_EQ(write(in_[1], text.data(), text.size()), ssize_t(text.size()));
  }
  std::string hear() {
    std::string text;
    for (char c; read(out_[0], &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }
  // As if weir run had died now; the guard's exit code.
  int end() {
    close(in_[1]);
    thread_.join();
    return code_;
  }

 private:
  int in_[2], out_[2], code_ = -1;
  std::thread thread_;
};

TEST_F(UndoTest, ReplaysWhatIsOpenTheLatestFirstAndOnlyOnce) {
  add(1, marking("one"));
  add(2, marking("two"));
  add(3, marking("three"));
  UndoJournal::open(journal_)->settled(2);
  const auto ran = replay_undo_journal(journal_);
  ASSERT_TRUE(ran) << to_text(ran.error());
  EXPECT_EQ(ran->size(), 2u);
  EXPECT_EQ(marks(), "three one ");
  const auto again = replay_undo_journal(journal_);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
  EXPECT_EQ(marks(), "three one ");
}

TEST_F(UndoTest, CommandsRunInTheirFolderWithTheirEnvironment) {
  Undo undo{"test", "echo \"$WHAT in $(pwd)\" > '" + folder_ + "/marks'", {{"WHAT", "it's"}}, 0};
  add(1, undo);
  ASSERT_TRUE(replay_undo_journal(journal_));
  EXPECT_EQ(marks(), "it's in " + fs::current_path().string() + " ");
}

TEST_F(UndoTest, AFailingCommandIsTriedAgainAndStaysOpenWithItsLastWords) {
  add(1, marking("try", "; echo no route to host >&2; false"));
  const auto ran = replay_undo_journal(journal_);
  ASSERT_TRUE(ran);
  ASSERT_EQ(ran->size(), 1u);
  EXPECT_EQ((*ran)[0].state, UndoState::kOpen);
  EXPECT_EQ((*ran)[0].failed, kUndoTries);
  EXPECT_NE((*ran)[0].reason.find("no route to host"), std::string::npos) << (*ran)[0].reason;
  EXPECT_EQ(marks(), "try try try ");
  EXPECT_EQ(entries()[0].failed, kUndoTries);
}

TEST_F(UndoTest, ReadsPastATornLineAndWhatItDoesNotKnow) {
  add(1, marking("one"));
  std::ofstream(journal_, std::ios::app) << "[1]\n{\"id\":7}\nnonsense\n{\"id\":2,\"comm";
  add(3, marking("three"));
  ASSERT_EQ(entries().size(), 2u);
  EXPECT_EQ(entries()[1].id, 3);
}

TEST_F(UndoTest, OnlyOneProcessAtATimeRunsTheCommands) {
  add(1, marking("one"));
  auto held = UndoJournal::open(journal_);
  ASSERT_TRUE(held->lock());
  const auto ran = replay_undo_journal(journal_);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Code::kUsage);
  EXPECT_EQ(marks(), "");
}

TEST_F(UndoTest, NoJournalMeansNothingToUndo) {
  EXPECT_TRUE(replay_undo_journal(folder_ + "/none/undo.jsonl")->empty());
}

TEST_F(UndoTest, TheGuardUndoesWhatWasJournaledButNeverTold) {
  add(1, marking("one"));
  EXPECT_EQ(GuardOnThread(journal_).end(), 0);
  EXPECT_EQ(marks(), "one ");
}

TEST_F(UndoTest, TheGuardUndoesWhenAskedAndSaysSo) {
  add(1, marking("one"));
  add(2, marking("two"));
  GuardOnThread guard(journal_);
  guard.say("open 1 0");
  guard.say("open 2 0");
  guard.say("undo 1");
  EXPECT_EQ(guard.hear(), "undone 1");
  EXPECT_EQ(marks(), "one ");
  guard.say("settled 2");
  UndoJournal::open(journal_)->settled(2);
  EXPECT_EQ(guard.end(), 0);
  EXPECT_EQ(marks(), "one ");
}

TEST_F(UndoTest, TheGuardUndoesUnaskedAfterTheLongestTime) {
  add(1, marking("one"));
  GuardOnThread guard(journal_);
  guard.say("open 1 50");
  EXPECT_EQ(guard.hear(), "undone 1");
  EXPECT_EQ(guard.end(), 0);
  EXPECT_EQ(marks(), "one ");
}

TEST_F(UndoTest, AnUndoUnderWayIsFinishedWhenItsRunDies) {
  ASSERT_EQ(mkfifo((folder_ + "/gate").c_str(), 0600), 0);
  add(1,
      marking("begun", "; read go < '" + folder_ + "/gate'; echo done >> '" + folder_ + "/marks'"));
  GuardOnThread guard(journal_);
  guard.say("open 1 0");
  guard.say("undo 1");
  std::thread opens([&] { std::ofstream(folder_ + "/gate") << "go\n"; });  // once it reads
  EXPECT_EQ(guard.end(), 0);
  opens.join();
  EXPECT_EQ(marks(), "begun done ");
  EXPECT_EQ(entries()[0].state, UndoState::kUndone);
}

TEST_F(UndoTest, WhatTheGuardCouldNotUndoIsLeftForLater) {
  add(1, marking("try", "; test -e '" + folder_ + "/mended'"));
  {
    GuardOnThread guard(journal_);
    guard.say("open 1 0");
    EXPECT_EQ(guard.end(), 1);
  }
  EXPECT_EQ(entries()[0].state, UndoState::kOpen);
  std::ofstream(folder_ + "/mended") << "";
  const auto ran = replay_undo_journal(journal_);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->at(0).state, UndoState::kUndone);
}

TEST_F(UndoTest, NothingIsBegunWhereTheJournalCannotBeWritten) {
  if (geteuid() == 0) {
    // Root writes anywhere, but not below a file.
    journal_ = folder_ + "/file/undo.jsonl";
    std::ofstream(folder_ + "/file") << "";
  } else {
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  }
  const auto journal = UndoJournal::open(journal_);
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().what.find("undo.jsonl"), std::string::npos);
}

}  // namespace
}  // namespace weir::lab
