// A checkpoint folder: Spark's logs of planned and committed batches, and weir's own notes beside
// them.
//
//   metadata  offsets/N  commits/N  sources/0/0          as Spark 3.5 writes and reads them
//   weir/query.json  weir/attempt  weir/output/N         weir's; Spark ignores the folder
//
// Every write goes to .<name>.<uuid>.tmp in the same folder, is synced, renamed and the folder
// synced; so a file is whole or absent. offsets/N and commits/N are never replaced: of two writers
// one wins. Sidecars (.<name>.crc) are checked when reading and removed when writing, for Spark
// refuses a stale one and does without. One thread. docs/formats/checkpoint.md draws all files.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "weir/base/result.h"
#include "weir/checkpoint/format.h"
#include "weir/sys/disk.h"

namespace weir::checkpoint {

// What weir remembers of the query that owns a checkpoint.
struct Query {
  std::string id;  // equal to metadata's
  std::string topic, workload, output_topic;
};

// One start of an engine on this checkpoint. The instance tells two starts apart that raised the
// number at the same moment.
struct Attempt {
  int64_t number = 0;
  std::string instance;
};

// weir/output/N: where the output of batch N ended, written by `attempt`.
struct OutputEnd {
  int64_t attempt = 0;
  Positions ends;        // output partition -> offset behind batch N and all before it
  Positions input_ends;  // as in offsets/N
  std::string row;       // the batch's line of batches.csv, not yet with its commit
};

constexpr int64_t kBatchesKept = 100;  // Spark's minBatchesToRetain

class Folder {
 public:
  // Opens `path`, creating what is missing, and removes temporary files left by killed writers.
  // kUsage when it cannot be written, kCorrupt when metadata cannot be read or logs contradict each
  // other.
  static Result<Folder> open(Disk& disk, const std::string& path);

  const std::string& path() const { return path_; }
  const std::string& query_id() const { return query_id_; }

  // kUsage when the folder belongs to a query of another topic, workload or output topic; a folder
  // without weir's note (new, or Spark's) is claimed.
  Status claim(const Query& query);

  std::optional<int64_t> newest_plan() const;  // of offsets/, readable or not
  bool has_commit(int64_t batch) const { return commits_.contains(batch); }
  Result<Plan> plan(int64_t batch) const;    // kNotFound, kCorrupt
  Status check_commit(int64_t batch) const;  // kNotFound, kCorrupt
  // kAlreadyExists when offsets/N is there: another instance wrote it.
  Status write_plan(int64_t batch, const Plan& plan);
  // A commits/N already there is left as it is, unless it is unreadable.
  Status write_commit(int64_t batch);
  // Moves an unreadable offsets/N to offsets/.N.unreadable.
  Status set_aside_plan(int64_t batch);

  Result<std::optional<std::pair<std::string, Positions>>> initial() const;
  Status write_initial(const std::string& topic, const Positions& positions);

  // Writes a number above `at_least` and above the one there. An unreadable file counts as absent:
  // the engine raises again when it meets a fence of a higher attempt.
  Result<Attempt> raise_attempt(int64_t at_least);
  // kFenced when a newer attempt owns the checkpoint.
  Status check_owner(const Attempt& attempt) const;

  // weir/output/N; N = -1 stands for where the query's output began. The first writer wins.
  Status write_output(int64_t batch, const OutputEnd& end);
  // The one of the highest batch <= `batch` that can be read, with its batch.
  Result<std::optional<std::pair<int64_t, OutputEnd>>> output_at_or_before(int64_t batch) const;

  // Removes what is older than the newest kBatchesKept batches before `newest`.
  Status purge(int64_t newest);

 private:
  Folder(Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}
  Status make_and_list();
  Status load_query_id();
  Status clear_temporaries(const std::string& folder);
  Result<std::string> read_checked(const std::string& folder, const std::string& name) const;
  enum class IfThere { kFail, kReplace };
  Status publish(const std::string& folder, const std::string& name, std::string_view bytes,
                 IfThere if_there);

  Disk* disk_;
  std::string path_, query_id_;
  std::string instance_ = random_uuid();
  std::set<int64_t> plans_, commits_, outputs_;
};

// The newest batch that commits/ and offsets/ prove committed, for observers: its number and ends.
// Empty when nothing was committed yet. Reads only.
Result<std::optional<std::pair<int64_t, Plan>>> newest_committed(Disk& disk,
                                                                 const std::string& path);

}  // namespace weir::checkpoint
