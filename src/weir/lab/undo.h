// What must be undone whatever happens: the journal `undo.jsonl` of a run, and its commands.
//
// An entry is on disk before what it undoes is begun; docs/formats/undo.md has the lines. Several
// processes append to one journal (weir run what is to be undone, its guard what became of it);
// whoever runs the commands holds the journal's lock. A command may run though nothing was done
// yet, and may run twice: it must be safe then.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/sys/process.h"

namespace weir::lab {

struct Undo {
  std::string what;     // for people: "broker:unplug 2", "topic weir-4f21-events"
  std::string command;  // run by sh in the folder in which it was journaled
  // Added to the command's environment. It is written to the journal: paths, never secrets.
  std::map<std::string, std::string> environment;
  double max_s = 0;  // undone so long after being journaled at the latest; 0: at the run's end
};

enum class UndoState {
  kOpen,     // to be undone
  kUndone,   // its command ended with 0
  kSettled,  // nothing is left to undo, said whoever journaled it
};

struct UndoEntry {
  int64_t id = 0;
  Undo undo;
  std::string directory;
  UndoState state = UndoState::kOpen;
  int failed = 0;      // how often its command did not end with 0
  std::string reason;  // of the latest failure
};

// One command may run so long; then its process group is killed, and it has failed.
inline constexpr Nanos kUndoLimit = nanos_from_seconds(120);
// So often a command is tried before its entry is left open, with so long a pause between.
inline constexpr int kUndoTries = 3;
inline constexpr Nanos kUndoPause = nanos_from_seconds(1);

// The journal's entries in their order; none when there is no such file. A line that breaks off or
// says nothing that weir knows is passed over.
Result<std::vector<UndoEntry>> read_undo_journal(const std::string& path);

// Appends to a journal; each line is synced before the call returns. Home thread: one.
class UndoJournal {
 public:
  // Creates the file when it is missing.
  static Result<UndoJournal> open(const std::string& path);
  UndoJournal(UndoJournal&& other) noexcept;
  UndoJournal& operator=(UndoJournal&&) = delete;
  ~UndoJournal();

  // kUsage when another process runs this journal's commands. Held until destruction.
  Status lock();
  Status add(int64_t id, const Undo& undo);  // with the working folder of this process
  Status undone(int64_t id);
  Status failed(int64_t id, const std::string& reason);
  Status settled(int64_t id);

 private:
  UndoJournal(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  Status append(std::string line);
  int fd_;
  std::string path_;
};

// One entry's command as a process of its own group that outlives its parent: half an undo is worse
// than one whose outcome nobody hears.
class UndoCommand {
 public:
  // Output goes to `log` where that can be written, else to this process's.
  static Result<UndoCommand> start(const UndoEntry& entry, const std::string& log, Nanos now);
  // Empty while it runs; then success, or why not.
  std::optional<Status> poll(Nanos now);

 private:
  UndoCommand(Child child, std::string log, Nanos limit)
      : child_(std::move(child)), log_(std::move(log)), limit_(limit) {}
  Child child_;
  std::string log_;
  Nanos limit_;
};

// Runs what is still open of a journal, the latest first, each up to kUndoTries times, and waits
// for it. Returns the entries it ran, with what became of them; kUsage when another process does
// so now. Where the journal cannot be written the commands run all the same.
Result<std::vector<UndoEntry>> replay_undo_journal(const std::string& path);

// Where the output of a journal's commands goes: log/undo.log beside it.
std::string undo_log_of(const std::string& journal);

}  // namespace weir::lab
