#include "weir/lab/undo.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "weir/lab/host.h"
#include "weir/lab/json_words.h"
#include "weir/run/folder.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"

namespace weir::lab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// More commands than a run of a day journals, and a longer one than anybody writes: a broken file
// must not keep this process busy for ever.
constexpr size_t kEntriesMax = 100'000;

std::string utc_now() { return run::utc_text(SystemClock(Anchor::take()).now()); }

std::optional<UndoEntry> entry_of(const Json& line) {
  UndoEntry entry;
  entry.id = line["id"].get<int64_t>();
  entry.undo.what = words_in(line, "what");
  entry.undo.command = words_in(line, "command");
  entry.directory = words_in(line, "directory");
  if (entry.undo.command.empty()) return std::nullopt;
  if (const auto max = line.find("max_s"); max != line.end() && max->is_number())
    entry.undo.max_s = max->get<double>();
  if (const auto added = line.find("environment"); added != line.end() && added->is_object())
    for (const auto& [key, value] : added->items())
      if (value.is_string()) entry.undo.environment[key] = value.get<std::string>();
  return entry;
}

void follow(const Json& line, std::vector<UndoEntry>& entries) {
  if (!line.is_object() || !line.contains("id") || !line["id"].is_number_integer()) return;
  const auto known = std::find_if(entries.begin(), entries.end(), [&](const UndoEntry& entry) {
    return entry.id == line["id"].get<int64_t>();
  });
  if (known == entries.end()) {
    if (auto entry = entry_of(line); entry && entries.size() < kEntriesMax)
      entries.push_back(std::move(*entry));
    return;
  }
  const std::string state = words_in(line, "state");
  if (state == "undone") known->state = UndoState::kUndone;
  if (state == "settled") known->state = UndoState::kSettled;
  if (state == "failed") ++known->failed, known->reason = words_in(line, "reason");
}

}  // namespace

Result<std::vector<UndoEntry>> read_undo_journal(const std::string& path) {
  std::vector<UndoEntry> entries;
  auto text = real_disk()->read(path);
  if (!text && text.error().code == Code::kNotFound) return entries;
  if (!text) return tl::unexpected(text.error());
  for (size_t at = 0, end; at < text->size(); at = end + 1) {
    end = std::min(text->find('\n', at), text->size());
    follow(Json::parse(text->begin() + long(at), text->begin() + long(end), nullptr, false),
           entries);
  }
  return entries;
}

Result<UndoJournal> UndoJournal::open(const std::string& path) {
  const bool is_new = access(path.c_str(), F_OK) != 0;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return tl::unexpected(error_from_errno(errno, "open", path));
  UndoJournal journal(fd, path);
  if (is_new) WEIR_TRY(real_disk()->sync_folder(fs::path(path).parent_path().string()));
  return journal;
}

UndoJournal::UndoJournal(UndoJournal&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

UndoJournal::~UndoJournal() {
  if (fd_ >= 0) close(fd_);
}

Status UndoJournal::lock() {
  if (flock(fd_, LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return tl::unexpected(error_from_errno(errno, "lock", path_));
  return fail(Code::kUsage, "another process undoes what " + path_ + " names",
              "its run still goes on, or its guard is at work",
              "wait until it has ended, then ask again");
}

// One write, so that lines of two processes never mix; begun on a new line where a writer died
// within his.
Status UndoJournal::append(std::string line) {
  char last = '\n';
  const off_t size = lseek(fd_, 0, SEEK_END);
  if (size > 0 && pread(fd_, &last, 1, size - 1) == 1 && last != '\n') line = "\n" + line;
  line += '\n';
  ssize_t n;
  do n = write(fd_, line.data(), line.size());
  while (n < 0 && errno == EINTR);
  if (n != ssize_t(line.size()))
    return tl::unexpected(error_from_errno(n < 0 ? errno : ENOSPC, "write", path_));
  if (fdatasync(fd_) != 0) return tl::unexpected(error_from_errno(errno, "sync", path_));
  return {};
}

Status UndoJournal::add(int64_t id, const Undo& undo) {
  std::error_code error;
  const Json line{{"schema", "weir.undo/1"},
                  {"id", id},
                  {"at", utc_now()},
                  {"what", undo.what},
                  {"command", undo.command},
                  {"directory", fs::current_path(error).string()},
                  {"environment", undo.environment},
                  {"max_s", undo.max_s}};
  return append(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Status UndoJournal::undone(int64_t id) {
  return append(Json{{"id", id}, {"at", utc_now()}, {"state", "undone"}}.dump());
}

Status UndoJournal::failed(int64_t id, const std::string& reason) {
  return append(Json{{"id", id}, {"at", utc_now()}, {"state", "failed"}, {"reason", reason}}.dump(
      -1, ' ', false, Json::error_handler_t::replace));
}

Status UndoJournal::settled(int64_t id) {
  return append(Json{{"id", id}, {"at", utc_now()}, {"state", "settled"}}.dump());
}

Result<UndoCommand> UndoCommand::start(const UndoEntry& entry, const std::string& log, Nanos now) {
  Spawn spawn;
  spawn.arguments = {"/bin/sh", "-c", "cd -- \"$0\" && eval \"$1\"",
                     entry.directory.empty() ? "/" : entry.directory, entry.undo.command};
  spawn.environment = entry.undo.environment;
  spawn.die_with_parent = false;
  spawn.stdout_path = spawn.stderr_path = log;
  auto child = Child::start(spawn);
  if (!child) {
    spawn.stdout_path = spawn.stderr_path = "";
    child = WEIR_TRY(Child::start(spawn));
  }
  return UndoCommand(std::move(*child), log, now + kUndoLimit);
}

std::optional<Status> UndoCommand::poll(Nanos now) {
  if (const auto status = child_.poll()) {
    if (*status == 0) return Status{};
    return Status(
        fail(Code::kFailed, fmt::format("the command ended with {}", *status), log_tail(log_)));
  }
  if (now < limit_) return std::nullopt;
  child_.stop(Nanos(0));
  return Status(fail(Code::kTimeout,
                     fmt::format("the command ran for more than {:.0f} s", kUndoLimit.seconds()),
                     log_tail(log_)));
}

Result<std::vector<UndoEntry>> replay_undo_journal(const std::string& path) {
  std::vector<UndoEntry> all = WEIR_TRY(read_undo_journal(path)), ran;
  const auto is_open = [](const UndoEntry& entry) { return entry.state == UndoState::kOpen; };
  if (std::none_of(all.begin(), all.end(), is_open)) return ran;
  auto journal = UndoJournal::open(path);
  if (journal) {
    WEIR_TRY(journal->lock());
    all = WEIR_TRY(read_undo_journal(path));  // what the holder before this one has undone
  }
  SystemClock clock(Anchor::take());
  std::reverse(all.begin(), all.end());
  for (auto& entry : all) {
    if (!is_open(entry)) continue;
    for (int tries = 0; tries < kUndoTries && is_open(entry); ++tries) {
      if (tries > 0) clock.sleep_until(clock.now() + kUndoPause);
      auto command = UndoCommand::start(entry, undo_log_of(path), clock.now());
      std::optional<Status> ended;
      if (!command) ended = tl::unexpected(command.error());
      while (!ended && !(ended = command->poll(clock.now())))
        clock.sleep_until(clock.now() + nanos_from_millis(10));
      if (*ended)
        entry.state = UndoState::kUndone;
      else
        ++entry.failed, entry.reason = to_text(ended->error());
      // Unwritten, it would only be done once more.
      if (journal) [[maybe_unused]]
        auto told = *ended ? journal->undone(entry.id) : journal->failed(entry.id, entry.reason);
    }
    ran.push_back(entry);
  }
  return ran;
}

std::string undo_log_of(const std::string& journal) {
  return (fs::path(journal).parent_path() / "log" / "undo.log").string();
}

}  // namespace weir::lab
