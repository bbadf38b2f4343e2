#include "weir/lab/guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
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

Status write_all(int fd, const std::string& text, const char* whom) {
  ssize_t n;
  do n = write(fd, text.data(), text.size());
  while (n < 0 && errno == EINTR);
  if (n == ssize_t(text.size())) return {};
  return tl::unexpected(error_from_errno(n < 0 ? errno : EPIPE, "tell", whom));
}

// The guard process: what it was told, and the one undo that it is running.
class GuardProcess {
 public:
  GuardProcess(int output, std::string journal)
      : output_(output), path_(std::move(journal)), clock_(Anchor::take()) {}

  void follow(const std::string& line);
  // Starts and ends undoing; the milliseconds until there is something to do again, -1: never.
  int turn();
  void kill_tracked() {
    for (const auto& process : tracked_) kill_group(process);
    tracked_.clear();
  }
  int undo_all();

 private:
  struct Wanted {
    std::optional<Nanos> not_before;  // empty: not until it is asked for
    int tries = 0;
  };
  void begin(int64_t id);
  void end(const Status& status);

  const int output_;
  const std::string path_;
  SystemClock clock_;
  std::set<ProcessId> tracked_;
  std::map<int64_t, Wanted> open_;
  std::optional<UndoJournal> journal_;
  std::optional<UndoCommand> running_;
  int64_t running_id_ = 0;
};

void GuardProcess::follow(const std::string& line) {
  std::istringstream in(line);
  std::string verb;
  int64_t first = 0;
  if (!(in >> verb >> first)) return;
  if (verb == "track" || verb == "untrack") {
    ProcessId process{pid_t(first), 0};
    if (!(in >> process.start_ticks) || process.pid <= 1) return;
    if (verb == "track")
      tracked_.insert(process);
    else
      tracked_.erase(process);
  } else if (verb == "open") {
    int64_t max_ms = 0;
    in >> max_ms;
    auto& wanted = open_[first];
    if (max_ms > 0) wanted.not_before = clock_.now() + nanos_from_millis(max_ms);
    if (journal_ || path_.empty()) return;
    // Held for the rest of this guard's life, so that nobody else runs the commands meanwhile.
    if (auto journal = UndoJournal::open(path_); journal && journal->lock())
      journal_.emplace(std::move(*journal));
  } else if (verb == "undo") {
    if (const auto found = open_.find(first); found != open_.end())
      found->second = {clock_.now(), 0};
  } else if (verb == "settled") {
    open_.erase(first);
  }
}

void GuardProcess::begin(int64_t id) {
  ++open_[id].tries;
  running_id_ = id;
  const auto entries = read_undo_journal(path_);
  if (!entries) return end(tl::unexpected(entries.error()));
  const auto entry = std::find_if(entries->begin(), entries->end(),
                                  [id](const UndoEntry& one) { return one.id == id; });
  if (entry == entries->end())
    return end(fail(Code::kNotFound, fmt::format("{} has no entry {}", path_, id)));
  auto command = UndoCommand::start(*entry, undo_log_of(path_), clock_.now());
  if (!command) return end(tl::unexpected(command.error()));
  running_.emplace(std::move(*command));
}

void GuardProcess::end(const Status& status) {
  const int64_t id = std::exchange(running_id_, 0);
  running_.reset();
  // What cannot be written or said is not known elsewhere: it is then done once more, which it
  // must allow.
  std::string reason = status ? "" : to_text(status.error());
  if (journal_) [[maybe_unused]]
    auto kept = status ? journal_->undone(id) : journal_->failed(id, reason);
  const auto found = open_.find(id);
  if (found == open_.end()) return;  // settled meanwhile
  auto& wanted = found->second;
  if (status) {
    open_.erase(found);
    [[maybe_unused]] auto told = write_all(output_, fmt::format("undone {}\n", id), "weir run");
  } else if (wanted.tries < kUndoTries) {
    wanted.not_before = clock_.now() + kUndoPause;
  } else {
    wanted.not_before.reset();
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    [[maybe_unused]] auto told =
        write_all(output_, fmt::format("failed {} {}\n", id, reason.substr(0, 1000)), "weir run");
  }
}

int GuardProcess::turn() {
  const Nanos now = clock_.now();
  if (running_) {
    const auto ended = running_->poll(now);
    if (!ended) return 10;
    end(*ended);
  }
  std::optional<Nanos> next;
  // The latest first: what was done on top of something is undone before it.
  for (auto one = open_.rbegin(); one != open_.rend(); ++one) {
    const auto& due = one->second.not_before;
    if (due && *due <= now) {
      begin(one->first);
      return 0;
    }
    if (due && (!next || *due < *next)) next = due;
  }
  return next ? int((*next - now).millis()) + 1 : -1;
}

int GuardProcess::undo_all() {
  // weir run may have died between writing an entry and telling of it.
  if (const auto entries = read_undo_journal(path_); entries && !path_.empty())
    for (const auto& entry : *entries)
      if (entry.state == UndoState::kOpen) follow(fmt::format("open {} 0", entry.id));
  for (auto& [id, wanted] : open_)
    if (id != running_id_) wanted = {clock_.now(), 0};
  for (int wait = 0; running_ || wait >= 0; wait = turn())
    if (wait > 0) clock_.sleep_until(clock_.now() + nanos_from_millis(wait));
  return open_.empty() ? 0 : 1;
}

}  // namespace

Result<Guard> Guard::start(const std::string& program, const std::string& journal) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  Spawn spawn;
  spawn.arguments = {program, "guard"};
  if (!journal.empty()) spawn.arguments.insert(spawn.arguments.end(), {"--journal", journal});
  spawn.stdin_pipe = true;
  spawn.stdout_pipe = true;
  spawn.new_session = true;
  spawn.die_with_parent = false;
  auto child = WEIR_TRY_IN("guard", Child::start(spawn));
  if (fcntl(child.stdout_fd(), F_SETFL, O_NONBLOCK) != 0)
    return tl::unexpected(error_from_errno(errno, "read from", "the guard process"));
  return Guard(std::move(child), journal);
}

Guard::~Guard() {
  if (child_.id().pid > 0) finish();
}

Status Guard::write_line(const std::string& line) {
  return write_all(child_.stdin_fd(), line + "\n", "the guard process");
}

Status Guard::track(const ProcessId& process) {
  return write_line(fmt::format("track {} {}", process.pid, process.start_ticks));
}

Status Guard::untrack(const ProcessId& process) {
  return write_line(fmt::format("untrack {} {}", process.pid, process.start_ticks));
}

Result<int64_t> Guard::journal(const Undo& undo) {
  if (path_.empty())
    return fail(Code::kFailed, "cannot note how to undo " + undo.what, "this run has no journal");
  if (!journal_) journal_.emplace(WEIR_TRY_IN("undo journal", UndoJournal::open(path_)));
  const int64_t id = next_++;
  WEIR_TRY_IN("undo journal", journal_->add(id, undo));
  entries_[id].what = undo.what;
  // Even untold, the guard finds it in the journal when this process ends.
  WEIR_TRY(write_line(fmt::format("open {} {}", id, int64_t(undo.max_s * 1000))));
  return id;
}

Status Guard::settle(int64_t id) {
  entries_.erase(id);
  WEIR_TRY_IN("undo journal", journal_->settled(id));
  return write_line(fmt::format("settled {}", id));
}

Status Guard::undo(int64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.asked) return {};
  found->second.asked = true;
  found->second.outcome.reset();
  return write_line(fmt::format("undo {}", id));
}

void Guard::listen() {
  char buffer[4096];
  for (ssize_t n; !deaf_;) {
    n = read(child_.stdout_fd(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    if (n == 0) deaf_ = true;
    heard_.append(buffer, size_t(n));
  }
  for (size_t end; (end = heard_.find('\n')) != std::string::npos; heard_.erase(0, end + 1)) {
    std::istringstream in(heard_.substr(0, end));
    std::string verb, reason;
    int64_t id = 0;
    in >> verb >> id;
    std::getline(in >> std::ws, reason);
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    found->second.asked = false;
    if (verb == "undone")
      found->second.outcome.emplace();
    else
      found->second.outcome = fail(Code::kFailed, found->second.what + " was not undone", reason,
                                   "mend what is in its way, then: weir undo");
  }
}

std::optional<Status> Guard::outcome(int64_t id) {
  listen();
  const auto found = entries_.find(id);
  if (found == entries_.end()) return Status{};
  if (!found->second.outcome && deaf_)
    return Status(fail(Code::kFailed, found->second.what + " was not undone",
                       "the guard process is gone", "weir undo undoes it"));
  return found->second.outcome;
}

std::vector<UndoEntry> Guard::finish() {
  listen();
  std::erase_if(entries_, [](const auto& entry) {
    return entry.second.outcome && entry.second.outcome->has_value();
  });
  for (auto& [id, entry] : entries_)
    if (!undo(id)) deaf_ = true;
  const auto all_answered = [&] {
    return std::all_of(entries_.begin(), entries_.end(),
                       [](const auto& entry) { return entry.second.outcome.has_value(); });
  };
  while (!deaf_ && !all_answered()) {
    pollfd said{child_.stdout_fd(), POLLIN, 0};
    poll(&said, 1, 1000);
    listen();
  }
  std::vector<UndoEntry> left;
  if (!all_answered()) {
    auto ran = replay_undo_journal(path_);
    for (auto& entry : ran.value_or(std::vector<UndoEntry>{}))
      if (entry.state == UndoState::kOpen) left.push_back(std::move(entry));
  } else {
    for (auto& [id, entry] : entries_)
      if (!*entry.outcome)
        left.push_back({id,
                        {entry.what, {}, {}, 0},
                        {},
                        UndoState::kOpen,
                        1,
                        to_text(entry.outcome->error())});
  }
  entries_.clear();
  return left;
}

int run_guard(int input, int output, const std::string& journal) {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(number, SIG_IGN);
  GuardProcess guard(output, journal);
  std::string pending;
  char buffer[4096];
  for (;;) {
    pollfd ready{input, POLLIN, 0};
    const int due = guard.turn();
    if (poll(&ready, 1, due) <= 0) continue;
    const ssize_t n = read(input, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    pending.append(buffer, size_t(n));
    for (size_t end; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1))
      guard.follow(pending.substr(0, end));
  }
  guard.kill_tracked();
  return guard.undo_all();
}

}  // namespace weir::lab
