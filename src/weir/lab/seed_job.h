// engines/seed/seed_job.py, embedded when weir is built.
#pragma once
#include <string_view>

namespace weir::lab {

extern const std::string_view kSeedJob;

}  // namespace weir::lab
