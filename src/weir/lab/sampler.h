// Samples CPU, memory and I/O of a step's processes once a second into resources.csv.
#pragma once
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/types.h"
#include "weir/sys/process.h"

namespace weir::lab {

class Sampler {
 public:
  // Appends rows "second,process,pid,cpu_seconds,resident_bytes,read_bytes,written_bytes" to
  // `path`, seconds counted from `origin`; all figures but the resident bytes are cumulative per
  // process.
  Sampler(const std::string& path, Nanos origin);
  // Samples when a second has passed since the last time, or always when `force`.
  void sample(const std::vector<std::pair<std::string, ProcessId>>& processes, Nanos now,
              bool force);
  // CPU seconds by name since the origin, over all processes that had it, as of their latest
  // sample. What a process used before is known by its last sample up to the origin.
  std::map<std::string, double> cpu_seconds() const;

 private:
  std::ofstream out_;
  Nanos origin_, next_;
  std::map<std::pair<std::string, ProcessId>, ProcessUse> latest_;
  std::map<std::pair<std::string, ProcessId>, double> before_;  // CPU seconds
};

}  // namespace weir::lab
