// The origin's own way of running Spark as a target: a PySpark job of ours with its plan, its flags
// and its four passes over the data (engines/seed/seed_job.py), through spark-submit; seen from its
// checkpoint.
#pragma once
#include <memory>

#include "weir/lab/host.h"

namespace weir::lab {

// kNotFound when there is no Spark, kUsage for what the job cannot do.
Result<std::unique_ptr<EngineHost>> open_seed_engine(const HostContext& context);

// Folder below a step's where the job leaves its seven columns.
inline constexpr const char* kSeedFolder = "seed";

}  // namespace weir::lab
