#include "weir/log/store.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "weir/log/keeper.h"
#include "weir/log/offset_checkpoint.h"
#include "weir/log/partition.h"

namespace weir::log {
namespace {

constexpr size_t kTopicBytesMax = 249;
constexpr std::string_view kDeletedPrefix = "deleted.";
constexpr char kLockName[] = "/.lock";
constexpr char kRecoveryPoints[] = "/recovery-point-offset-checkpoint";
constexpr char kLogStarts[] = "/log-start-offset-checkpoint";

bool valid_topic(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kTopicBytesMax && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string folder_name(const TopicPartition& name) {
  return fmt::format("{}-{}", name.topic, name.partition);
}

// The partition that a folder of this name holds, if any.
std::optional<TopicPartition> parse_folder_name(std::string_view text) {
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  TopicPartition name{std::string(text.substr(0, dash)), PartitionId(-1)};
  const std::string_view digits = text.substr(dash + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), name.partition.value);
  if (!valid_topic(name.topic) || name.partition < PartitionId(0) || folder_name(name) != text)
    return std::nullopt;
  return name;
}

std::string parent_folder(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

class Store final : public LogStore {
 public:
  Store(Disk& disk, Clock& clock, LogStoreOptions options)
      : disk_(disk),
        options_(std::move(options)),
        shared_(std::make_shared<Shared>(disk, clock)),
        queue_(std::max(1, options_.flush_threads)),
        keeper_({.checkpoint = [this](auto wanted) { checkpoint(wanted, false); },
                 .retention = [this] { (void)enforce_retention(); },
                 .unlink = [this](const std::string& path) { (void)disk_.remove_all(path); }},
                std::chrono::nanoseconds(options_.retention_check.value)) {
    shared_->checkpoint_bytes = std::max<int64_t>(1, options_.checkpoint_bytes);
    shared_->on_advance = options_.on_advance;
  }

  ~Store() override {
    const auto all = all_partitions();
    for (const auto& partition : all) partition->refuse_appends();
    queue_.stop();
    for (const auto& partition : all) partition->abandon();
    keeper_.stop();
  }

  Status load();
  Status close() override;
  Result<std::shared_ptr<PartitionLog>> create(const TopicPartition& name) override;
  std::shared_ptr<PartitionLog> find(const TopicPartition& name) const override;
  std::vector<std::shared_ptr<PartitionLog>> partitions() const override;
  Status delete_topic(const std::string& topic) override;
  Status enforce_retention() override;
  const RecoverySummary& recovery() const override { return recovery_; }
  std::optional<Error> failure() const override { return shared_->gate.reason(); }

 private:
  using Partitions = std::vector<std::shared_ptr<Partition>>;

  Partitions all_partitions() const;
  Result<std::shared_ptr<Partition>> open_partition(const TopicPartition& name,
                                                    Offset recovery_point, Offset log_start);
  // Failures close the gate.
  void checkpoint(const Partitions& wanted, bool closing);
  Status write_recovery_points();
  Status write_log_starts();
  std::string unused_deleted_path();

  Disk& disk_;
  const LogStoreOptions options_;
  std::unique_ptr<FileLock> lock_;
  const std::shared_ptr<Shared> shared_;
  RecoverySummary recovery_;
  std::mutex admin_mutex_;                  // one of create, delete_topic, close at a time
  std::mutex points_mutex_, starts_mutex_;  // one writer of each checkpoint file
  mutable std::mutex mutex_;
  std::map<TopicPartition, std::shared_ptr<Partition>> partitions_;  // guarded by mutex_
  uint64_t deleted_ = 0;                                             // guarded by admin_mutex_
  FlushQueue queue_;
  Keeper keeper_;
};

Status Store::load() {
  WEIR_TRY(disk_.make_folders(options_.folder));
  WEIR_TRY(disk_.sync_folder(parent_folder(options_.folder)));
  lock_ = WEIR_TRY(disk_.lock(options_.folder + kLockName));
  // A killed process may have renamed a checkpoint file without syncing its name; what follows
  // relies on it.
  WEIR_TRY(disk_.sync_folder(options_.folder));
  const auto points = WEIR_TRY(read_offset_checkpoint(disk_, options_.folder + kRecoveryPoints));
  const auto starts = WEIR_TRY(read_offset_checkpoint(disk_, options_.folder + kLogStarts));
  auto offset_in = [](const OffsetsByPartition& offsets, const TopicPartition& name) {
    auto found = offsets.find(name);
    return found == offsets.end() ? Offset(0) : found->second;
  };
  for (const std::string& entry : WEIR_TRY(disk_.list(options_.folder))) {
    const std::string path = options_.folder + "/" + entry;
    if (entry.starts_with(kDeletedPrefix)) {
      keeper_.want_unlink(path);
      continue;
    }
    const auto name = parse_folder_name(entry);
    if (!name || !disk_.list(path)) continue;  // a file, or nothing of ours
    WEIR_TRY(open_partition(*name, offset_in(points, *name), offset_in(starts, *name)));
  }
  // Entries of deleted topics must not outlive a topic created anew.
  auto known = [&](const auto& entry) { return find(entry.first) != nullptr; };
  if (!std::all_of(points.begin(), points.end(), known)) WEIR_TRY(write_recovery_points());
  if (!std::all_of(starts.begin(), starts.end(), known)) WEIR_TRY(write_log_starts());
  return {};
}

Result<std::shared_ptr<Partition>> Store::open_partition(const TopicPartition& name,
                                                         Offset recovery_point, Offset log_start) {
  const std::string folder = options_.folder + "/" + folder_name(name);
  Recovered recovered = WEIR_TRY(
      recover_partition(disk_, folder, recovery_point, log_start, shared_->clock.now().millis()));
  ++recovery_.partitions;
  recovery_.bytes_read += recovered.bytes_read;
  recovery_.bytes_cut += recovered.bytes_cut;
  auto partition = std::make_shared<Partition>(
      shared_, name, folder, options_.defaults, log_start, recovery_point, std::move(recovered),
      queue_, [this](auto wanting) { keeper_.want_checkpoint(std::move(wanting)); });
  partition->on_log_start([this] { return write_log_starts(); });
  std::lock_guard lock(mutex_);
  partitions_[name] = partition;
  return partition;
}

Store::Partitions Store::all_partitions() const {
  std::lock_guard lock(mutex_);
  Partitions all;
  for (const auto& [name, partition] : partitions_) all.push_back(partition);
  return all;
}

std::shared_ptr<PartitionLog> Store::find(const TopicPartition& name) const {
  std::lock_guard lock(mutex_);
  auto found = partitions_.find(name);
  return found == partitions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<PartitionLog>> Store::partitions() const {
  const Partitions all = all_partitions();
  return {all.begin(), all.end()};
}

Status Store::write_recovery_points() {
  std::lock_guard lock(points_mutex_);
  OffsetsByPartition offsets;
  for (const auto& partition : all_partitions())
    if (partition->recovery_point() > Offset(0))
      offsets[partition->name()] = partition->recovery_point();
  return write_offset_checkpoint(disk_, options_.folder + kRecoveryPoints, offsets);
}

Status Store::write_log_starts() {
  std::lock_guard lock(starts_mutex_);
  OffsetsByPartition offsets;
  for (const auto& partition : all_partitions())
    if (partition->log_start() > Offset(0)) offsets[partition->name()] = partition->log_start();
  return write_offset_checkpoint(disk_, options_.folder + kLogStarts, offsets);
}

void Store::checkpoint(const Partitions& wanted, bool closing) {
  Status status;
  for (const auto& partition : wanted)
    if (status) status = partition->checkpoint(closing);
  if (status) status = write_recovery_points();
  for (const auto& partition : wanted)
    if (status) status = partition->sweep_snapshots();
  if (!status) shared_->gate.close(std::move(status).error());
}

Status Store::close() {
  std::lock_guard admin(admin_mutex_);
  const Partitions all = all_partitions();
  for (const auto& partition : all) partition->refuse_appends();
  queue_.drain();
  keeper_.stop();
  if (shared_->gate.open()) checkpoint(all, true);
  if (auto reason = shared_->gate.reason()) return tl::unexpected(std::move(*reason));
  return {};
}

Result<std::shared_ptr<PartitionLog>> Store::create(const TopicPartition& name) {
  std::lock_guard admin(admin_mutex_);
  if (auto reason = shared_->gate.reason()) return tl::unexpected(std::move(*reason));
  const std::string what = "cannot create " + folder_name(name);
  if (!valid_topic(name.topic) || name.partition < PartitionId(0))
    return fail(Code::kUsage, what,
                "a topic's name has 1 to 249 of the characters a-z A-Z 0-9 . _ -",
                "choose another name");
  if (find(name)) return fail(Code::kAlreadyExists, what, "it exists");
  WEIR_TRY_IN(what, disk_.make_folders(options_.folder + "/" + folder_name(name)));
  auto partition = WEIR_TRY_IN(what, open_partition(name, Offset(0), Offset(0)));
  WEIR_TRY_IN(what, disk_.sync_folder(options_.folder));
  return partition;
}

std::string Store::unused_deleted_path() {
  std::string path;
  do {
    path = fmt::format("{}/{}{}", options_.folder, kDeletedPrefix, deleted_++);
  } while (disk_.exists(path));
  return path;
}

Status Store::delete_topic(const std::string& topic) {
  std::lock_guard admin(admin_mutex_);
  std::vector<std::string> unlinks;
  for (const auto& partition : all_partitions()) {
    if (partition->name().topic != topic) continue;
    partition->mark_gone();
    unlinks.push_back(unused_deleted_path());
    WEIR_TRY(disk_.rename(partition->folder(), unlinks.back()));
    std::lock_guard lock(mutex_);
    partitions_.erase(partition->name());
  }
  if (unlinks.empty()) return {};
  WEIR_TRY(disk_.sync_folder(options_.folder));
  WEIR_TRY(write_recovery_points());
  WEIR_TRY(write_log_starts());
  for (std::string& path : unlinks) keeper_.want_unlink(std::move(path));
  return {};
}

Status Store::enforce_retention() {
  Status first;
  for (const auto& partition : all_partitions())
    if (Status status = partition->enforce_retention(); !status && first) first = std::move(status);
  return first;
}

}  // namespace

Result<std::unique_ptr<LogStore>> LogStore::open(Disk& disk, Clock& clock,
                                                 LogStoreOptions options) {
  const std::string where = "cannot open the data folder " + options.folder;
  auto store = std::make_unique<Store>(disk, clock, std::move(options));
  WEIR_TRY_IN(where, store->load());
  return store;
}

}  // namespace weir::log
