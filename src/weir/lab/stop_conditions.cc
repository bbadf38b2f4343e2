#include "weir/lab/stop_conditions.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sstream>

#include "weir/kafka/admin.h"
#include "weir/sys/process.h"

namespace weir::lab {
namespace {

constexpr Nanos kConditionLimit = nanos_from_seconds(10);
constexpr std::string_view kCommandCondition = "command:";

bool relates(double value, const std::string& relation, double bound) {
  if (relation == "<") return value < bound;
  if (relation == "<=") return value <= bound;
  if (relation == ">") return value > bound;
  return value >= bound;
}

}  // namespace

Result<std::vector<StopCondition>> read_stop_conditions(const std::vector<std::string>& texts) {
  std::vector<StopCondition> conditions;
  for (const auto& text : texts) {
    StopCondition condition{text, {}, {}, {}, 0};
    if (text.starts_with(kCommandCondition)) {
      condition.command = text.substr(kCommandCondition.size());
      if (!condition.command.empty()) {
        conditions.push_back(std::move(condition));
        continue;
      }
    }
    std::istringstream words(text);
    std::string rest;
    const bool read = bool(words >> condition.figure >> condition.relation >> condition.bound) &&
                      !(words >> rest);
    const auto one_of = [](const std::string& word, std::initializer_list<const char*> known) {
      return std::find(known.begin(), known.end(), word) != known.end();
    };
    if (!read || !one_of(condition.figure, {"disk_free_gb", "under_replicated"}) ||
        !one_of(condition.relation, {"<", "<=", ">", ">="}))
      return fail(Code::kUsage, "faults.stop_if cannot read \"" + text + "\"",
                  "it is disk_free_gb or under_replicated, a relation and a number, or a command",
                  "write for example \"disk_free_gb < 5\" or \"command:test -e /tmp/stop\"");
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

StopConditions::StopConditions(std::vector<StopCondition> conditions, std::string disk_path,
                               kafka::ClientConfig client)
    : conditions_(std::move(conditions)),
      disk_path_(std::move(disk_path)),
      client_(std::move(client)) {}

StopConditions::~StopConditions() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// Why it holds; empty when it does not.
Result<std::string> StopConditions::holds(const StopCondition& condition) const {
  if (!condition.command.empty()) {
    Spawn spawn;
    spawn.arguments = {"/bin/sh", "-c", condition.command};
    spawn.stdout_path = spawn.stderr_path = "/dev/null";
    Child child = WEIR_TRY(Child::start(spawn));
    const auto status = child.wait(kConditionLimit);
    if (!status) return fail(Code::kTimeout, "the command did not end within 10 s");
    return *status == 0 ? condition.text + " (it ended with 0)" : "";
  }
  double value = 0;
  if (condition.figure == "disk_free_gb") {
    struct statvfs disk {};
    if (statvfs(disk_path_.c_str(), &disk) != 0)
      return tl::unexpected(error_from_errno(errno, "ask for the free space of", disk_path_));
    value = double(disk.f_bavail) * double(disk.f_frsize) / 1e9;
  } else if (!client_.brokers.empty()) {
    const auto admin = WEIR_TRY(kafka::Admin::open(client_));
    for (const auto& topic : WEIR_TRY(admin->topics())) value += topic.under_replicated;
  }
  if (!relates(value, condition.relation, condition.bound)) return "";
  return fmt::format("{} (measured {:.6g})", condition.text, value);
}

std::string StopConditions::check_now() const {
  for (const auto& condition : conditions_) {
    const auto found = holds(condition);
    if (!found) return condition.text + " cannot be told: " + to_text(found.error());
    if (!found->empty()) return *found;
  }
  return "";
}

void StopConditions::watch() {
  if (conditions_.empty() || thread_.joinable()) return;
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stop_ && reason_.empty()) {
      lock.unlock();
      std::string found;
      for (const auto& condition : conditions_)
        if (found.empty()) found = holds(condition).value_or("");
      lock.lock();
      reason_ = found;
      wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stop_; });
    }
  });
}

std::string StopConditions::reason() const {
  std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace weir::lab
