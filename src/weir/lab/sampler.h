// Samples CPU, memory and I/O of a step's processes, of the machine as a whole and of the disk that
// the step's data lie on, once a second into resources.csv, which resources.h reads.
#pragma once
#include <fstream>
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
  // process. `data`: a folder on the disk.
  Sampler(const std::string& path, Nanos origin, std::string data);
  // Samples when a second has passed since the last time, or always when `force`.
  void sample(const std::vector<std::pair<std::string, ProcessId>>& processes, Nanos now,
              bool force);

 private:
  std::ofstream out_;
  Nanos origin_, next_;
  const std::string data_;
};

}  // namespace weir::lab
