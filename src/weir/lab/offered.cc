#include "weir/lab/offered.h"

#include "weir/sys/disk.h"

namespace weir::lab {
namespace {

std::string rows(const std::string& folder) { return folder + "/offered.csv"; }
std::string aside(const std::string& folder) { return folder + "/offered-before-kill.csv"; }

}  // namespace

Status set_offered_aside(const std::string& folder) {
  const auto disk = real_disk();
  if (!disk->exists(rows(folder))) return {};
  return disk->rename(rows(folder), aside(folder));
}

Status join_offered(const std::string& folder) {
  const auto disk = real_disk();
  if (!disk->exists(aside(folder))) return {};
  std::string first = WEIR_TRY(disk->read(aside(folder)));
  first.resize(first.rfind('\n') + 1);  // a killed writer may have left half a row
  if (disk->exists(rows(folder))) {
    const std::string second = WEIR_TRY(disk->read(rows(folder)));
    const size_t header = second.find('\n') + 1;
    first += first.empty() ? second : second.substr(header);
  }
  WEIR_TRY(disk->write_whole(rows(folder), first));
  return disk->remove(aside(folder));
}

}  // namespace weir::lab
