// report.html: one file that needs no other and no network. Made only from a run's folder, so it
// can be made again at any time.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/run/folder.h"
#include "weir/run/results.h"

namespace weir::report {

// The whole page. Files of the folder that are missing leave their part out.
std::string page(const run::RunResult& result, const run::Folder& folder);
// Reads result.json and writes report.html beside it.
Status write_page(const run::Folder& folder);

}  // namespace weir::report
