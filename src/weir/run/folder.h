// A run's folder: where each file lies, how it is begun, and how it is sealed.
//
// Written as the run goes: result.json anew after each step, so that a run that dies stays
// readable. Thread: one.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/run/results.h"
#include "weir/sys/disk.h"

namespace weir::run {

class Folder {
 public:
  // Creates `path`, or <runs>/<UTC time>-<experiment>-<id> below "runs" when path is empty, and
  // points <its parent>/latest at it. kAlreadyExists when it exists and is not empty.
  static Result<Folder> create(const std::string& path, const std::string& experiment, Nanos now);
  static Result<Folder> open(const std::string& path);  // for reading; kNotFound
  // For going on with a run that broke off: its seal is taken off and step numbers count on. kUsage
  // while another process is at it.
  static Result<Folder> resume(const std::string& path);

  const std::string& path() const { return path_; }
  std::string id() const;  // the last part of the path
  // steps/<nn>-<label>, created; numbers count up.
  Result<std::string> begin_step(const std::string& label);
  std::string log_path(const std::string& process) const;  // log/<process>.log
  std::string data_path() const { return path_ + "/data"; }

  // Replaces a file whole (temporary file and rename).
  Status write(const std::string& relative, std::string_view bytes) const;
  Result<std::string> read(const std::string& relative) const;
  Result<std::string> sha256_of(const std::string& relative) const;  // as the manifest has it
  // manifest.json: SHA-256 of every file but itself, report.html, figures/ and data/.
  Status seal() const;
  // Relative paths of the files that the manifest covers, sorted.
  Result<std::vector<std::string>> files() const;

 private:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  Status lock();

  std::string path_;
  std::shared_ptr<FileLock> lock_;  // of the run that writes it; copies share it
  int steps_ = 0;
};

// The number that a step's folder begins with: 7 of "07-100k"; 0 when there is none.
int step_number(const std::string& name);
// "2026-11-22T15:33:19Z"
std::string utc_text(Nanos instant);
// Host facts for machine.json: CPU, cores, memory, kernel, distribution, disk, clock source.
std::string machine_json(const std::string& weir_version, const std::string& data_folder);

}  // namespace weir::run
