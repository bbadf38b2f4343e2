// A small run folder as weir run writes it, for the tests of this module.
#pragma once
#include <string>

#include "weir/run/folder.h"
#include "weir/run/results.h"

namespace weir::report {

// What a run of all three experiments found: four load steps, three cells, two faults.
run::RunResult sample_result();
// That result as a sealed folder at `path`, with the files of its first fault.
run::Folder write_sample_run(const std::string& path);

// Adds what was recorded in its load steps.
void write_load_files(const run::Folder& folder);

}  // namespace weir::report
