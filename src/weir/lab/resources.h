// What resources.csv of a step tells: the CPU time of each process, and what else the machine did.
// Pure functions. Used when a step ends and when it is verified.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "weir/run/results.h"
#include "weir/run/table.h"

namespace weir::lab {

// The rows of the machine and its disk (sys/machine_use.h), with process id 0.
inline constexpr const char *kMachineRow = "machine", *kStolenRow = "stolen", *kDiskRow = "disk";

// CPU seconds by name since the load's start, over all processes that had it, as of their latest
// sample. What a process used before is known by its last sample up to the start.
std::map<std::string, double> cpu_seconds_of(const run::Table& resources);

// Cores that programs outside of this run used, and that the hypervisor kept, on the mean of the
// same time. Empty where the rows are missing.
run::Surroundings surroundings_of(const run::Table& resources);

// How much of the same time the disk of the step's data was busy, 0..1, and what was written to it.
struct DiskLoad {
  double busy_share = 0, written_bytes_per_s = 0;
};
std::optional<DiskLoad> disk_load_of(const run::Table& resources);

}  // namespace weir::lab
