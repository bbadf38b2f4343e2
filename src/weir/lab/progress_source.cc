#include "weir/lab/progress_source.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "weir/base/parse_number.h"
#include "weir/checkpoint/format.h"
#include "weir/kafka/groups.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"
#include "weir/sys/process.h"

namespace weir::lab {
namespace {

constexpr std::string_view kGroup = "group:", kCheckpoint = "checkpoint:", kCommand = "command:";

// Offsets that a group has committed at the broker.
class GroupProgress final : public ProgressSource {
 public:
  GroupProgress(std::string group, const ProgressContext& context)
      : group_(std::move(group)), context_(context) {}

  Result<std::vector<ProgressReading>> read() override {
    WEIR_TRY(open());
    const auto offsets = groups_->committed_offsets(group_, context_.topic, context_.partitions);
    if (!offsets) return lost(offsets.error());
    ProgressReading reading;
    for (size_t p = 0; p < offsets->size(); ++p)
      if ((*offsets)[p].value >= 0) reading.committed[int32_t(p)] = (*offsets)[p].value;
    if (reading.committed == latest_) return std::vector<ProgressReading>{};
    latest_ = reading.committed;
    return std::vector{reading};
  }

  Result<bool> at_work() override {
    WEIR_TRY(open());
    const auto members = groups_->settled_members(group_);
    if (!members) return lost(members.error());
    return *members > 0;
  }

  Nanos interval() const override { return nanos_from_millis(100); }

 private:
  Status open() {
    if (!groups_) groups_ = WEIR_TRY_IN("progress", kafka::Groups::open(context_.client));
    return {};
  }
  tl::unexpected<Error> lost(const Error& error) {
    groups_.reset();
    return tl::unexpected(error);
  }

  const std::string group_;
  const ProgressContext context_;
  std::unique_ptr<kafka::Groups> groups_;
  std::map<int32_t, int64_t> latest_;
};

// Batches that a Spark checkpoint proves committed.
class CheckpointProgress final : public ProgressSource {
 public:
  CheckpointProgress(std::string path, std::string topic)
      : path_(std::move(path)), topic_(std::move(topic)), disk_(real_disk()) {}

  Result<std::vector<ProgressReading>> read() override {
    std::vector<ProgressReading> found;
    if (!disk_->exists(path_ + "/commits")) return found;
    std::vector<int64_t> batches;
    for (const auto& name : WEIR_TRY(disk_->list(path_ + "/commits"))) {
      const auto batch = parse_number<int64_t>(name);
      if (batch && *batch > latest_) batches.push_back(*batch);
    }
    std::sort(batches.begin(), batches.end());
    for (const int64_t batch : batches) {
      const std::string name = "offsets/" + std::to_string(batch);
      const auto text = disk_->read(path_ + "/" + name);
      // Of old batches the plan is removed before the commit.
      if (!text && batch != batches.back()) continue;
      if (!text) return tl::unexpected(text.error());
      const auto plan = WEIR_TRY(checkpoint::parse_plan(*text, name));
      if (plan.topic != topic_)
        return fail(Code::kUsage, "the checkpoint " + path_ + " is of topic " + plan.topic,
                    "the load goes to " + topic_, "let the engine read $WEIR_TOPIC");
      found.push_back({plan.ends, batch, nanos_from_millis(plan.timestamp_ms)});
      latest_ = batch;
    }
    return found;
  }

  // Spark notes where a query begins when it first asks Kafka, before there is any data.
  Result<bool> at_work() override {
    return disk_->exists(path_ + "/sources/0/0") || disk_->exists(path_ + "/commits/0");
  }

  Nanos interval() const override { return nanos_from_millis(20); }

 private:
  const std::string path_, topic_;
  std::unique_ptr<Disk> disk_;
  int64_t latest_ = -1;
};

// Lines that a command prints. One that ends is started again a second later: it may print one
// line and end, or go on, and it may fail while the engine is away.
class CommandProgress final : public ProgressSource {
 public:
  CommandProgress(std::string command, const ProgressContext& context)
      : command_(std::move(command)), context_(context), clock_(Anchor::take()) {}

  Result<std::vector<ProgressReading>> read() override {
    WEIR_TRY(keep_running());
    std::vector<ProgressReading> found;
    if (!child_) return found;
    take_bytes();
    size_t end;
    while ((end = text_.find('\n')) != std::string::npos) {
      const std::string line = text_.substr(0, end);
      text_.erase(0, end + 1);
      found.push_back(WEIR_TRY(parse_progress_line(line)));
      seen_ = true;
    }
    if (text_.size() > kLineMax) text_.clear();
    if (child_->poll()) child_.reset();
    return found;
  }

  Result<bool> at_work() override {
    WEIR_TRY(read());
    return seen_;
  }

  Nanos interval() const override { return nanos_from_millis(5); }

 private:
  static constexpr size_t kLineMax = 1 << 20;
  static constexpr Nanos kPause = nanos_from_seconds(1);

  Status keep_running() {
    if (child_ || clock_.now() < next_start_) return {};
    next_start_ = clock_.now() + kPause;
    text_.clear();
    Spawn spawn;
    spawn.arguments = {"/bin/sh", "-c", command_};
    spawn.environment = context_.environment;
    spawn.stderr_path = context_.log;
    spawn.stdout_pipe = true;
    child_ = WEIR_TRY_IN("progress command", Child::start(spawn));
    return {};
  }

  void take_bytes() {
    char buffer[4096];
    pollfd ready{child_->stdout_fd(), POLLIN, 0};
    while (poll(&ready, 1, 0) > 0) {
      const ssize_t n = ::read(child_->stdout_fd(), buffer, sizeof buffer);
      if (n <= 0) return;
      text_.append(buffer, size_t(n));
    }
  }

  const std::string command_;
  const ProgressContext context_;
  SystemClock clock_;
  Nanos next_start_;
  std::optional<Child> child_;
  std::string text_;
  bool seen_ = false;
};

bool is_name(char c) { return (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9'); }

}  // namespace

Result<std::unique_ptr<ProgressSource>> open_progress(const std::string& progress,
                                                      const ProgressContext& context) {
  const auto value = [&](std::string_view prefix) { return progress.substr(prefix.size()); };
  if (progress.starts_with(kGroup) && progress.size() > kGroup.size())
    return std::make_unique<GroupProgress>(expand(value(kGroup), context.environment), context);
  if (progress.starts_with(kCheckpoint)) {
    std::string path = value(kCheckpoint);
    if (path.empty()) path = "$WEIR_CHECKPOINT";
    return std::make_unique<CheckpointProgress>(expand(path, context.environment), context.topic);
  }
  if (progress.starts_with(kCommand) && progress.size() > kCommand.size())
    return std::make_unique<CommandProgress>(value(kCommand), context);
  return fail(Code::kUsage, "engine.progress \"" + progress + "\" is not understood",
              "it says where the engine tells how far it has come",
              "use output, group:ID, checkpoint:PATH or command:CMD");
}

Result<ProgressReading> parse_progress_line(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  const auto refuse = [&] {
    return fail(Code::kCorrupt, "a line of the progress command cannot be read",
                std::string(line.substr(0, 200)),
                "print one JSON object a line: {\"0\": 12, \"1\": 9}, partition -> next offset");
  };
  if (!json.is_object()) return refuse();
  ProgressReading reading;
  for (const auto& [key, offset] : json.items()) {
    const auto partition = parse_number<int32_t>(key);
    if (!partition || *partition < 0) continue;
    if (!offset.is_number_integer()) return refuse();
    reading.committed[*partition] = offset.get<int64_t>();
  }
  return reading;
}

std::string expand(std::string_view text, const std::map<std::string, std::string>& environment) {
  std::string out;
  while (!text.empty()) {
    const size_t dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) break;
    const bool braced = text.size() > 1 && text[1] == '{';
    const size_t begin = braced ? 2 : 1;
    size_t end = begin;
    while (end < text.size() && is_name(text[end])) ++end;
    const auto found = environment.find(std::string(text.substr(begin, end - begin)));
    const bool closed = !braced || (end < text.size() && text[end] == '}');
    if (found == environment.end() || !closed) {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    out += found->second;
    text.remove_prefix(end + (braced ? 1 : 0));
  }
  return out;
}

}  // namespace weir::lab
