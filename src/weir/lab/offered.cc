#include "weir/lab/offered.h"

#include <algorithm>
#include <filesystem>

#include "weir/load/offered_log.h"
#include "weir/sys/disk.h"

namespace weir::lab {
namespace fs = std::filesystem;

load::Schedule schedule_of(const StepSpec& spec, Nanos start) {
  return {start, spec.rate_eps, spec.schedule.arrivals, spec.schedule.length, spec.schedule.seed};
}

double events_due(const StepData& data, Nanos at) {
  const Nanos until = std::clamp(at, data.start, std::max(data.start, data.end));
  // Without the whole event that a count begins with: an even load is a line through 0.
  if (data.spec.schedule.arrivals.kind == load::Arrivals::Kind::kConstant)
    return data.spec.rate_eps * (until - data.start).seconds();
  return double(schedule_of(data.spec, data.start).due_count(std::min(until, data.end - Nanos(1))));
}

std::vector<std::string> generator_folders(const std::string& folder) {
  std::vector<std::string> folders;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path().filename().string().starts_with("generator-") && at->is_directory(error))
      folders.push_back(at->path().string());
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::map<int64_t, Histogram> send_lags(const std::string& folder) {
  std::map<int64_t, Histogram> lags;
  const auto disk = real_disk();
  if (auto seconds = load::read_offered(*disk, folder))
    for (auto& [second, row] : *seconds) lags[second] = std::move(row.send_lag);
  return lags;
}

Status join_generators(const std::string& folder) {
  const auto folders = generator_folders(folder);
  if (folders.empty()) return {};
  const auto disk = real_disk();
  load::OfferedSeconds seconds;
  // A generator that never began has left no rows.
  if (disk->exists(folder + "/offered.csv")) seconds = WEIR_TRY(load::read_offered(*disk, folder));
  for (const auto& one : folders) {
    if (!disk->exists(one + "/offered.csv")) continue;
    for (const auto& [second, row] : WEIR_TRY(load::read_offered(*disk, one)))
      seconds[second].add(row);
  }
  WEIR_TRY(load::write_offered(*disk, folder, seconds));
  for (const auto& one : folders) {
    for (const auto& name : WEIR_TRY(disk->list(one)))
      if (name.starts_with("ledger-"))
        WEIR_TRY(disk->rename(one + "/" + name, folder + "/" + name));
    WEIR_TRY(disk->remove_all(one));
  }
  return {};
}

}  // namespace weir::lab
