// report.html: one file that needs no other and no network. Made only from a run's folder, so it
// can be made again at any time.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/report/figure.h"
#include "weir/run/folder.h"
#include "weir/run/results.h"

namespace weir::report {

// The whole page. Files of the folder that are missing leave their part out. With a baseline, the
// comparison holds this run against it.
std::string page(const run::RunResult& result, const run::Folder& folder,
                 const run::RunResult* baseline = nullptr);
// Reads result.json and writes report.html beside it, and each figure's table and gnuplot script to
// figures/.
Status write_page(const run::Folder& folder, const run::RunResult* baseline = nullptr);

// A page around `header` and `body`, both HTML, with everything that draws `figures` in the places
// that the body holds for them.
std::string whole_page(const std::string& title, const std::string& header, const std::string& body,
                       const std::vector<Figure>& figures);

}  // namespace weir::report
