// weir report: report.html of a finished or broken-off run, made again from its folder.
#include <cstdio>

#include "apps/weir/cli.h"
#include "weir/report/page.h"

namespace weir::cli {

int report_command(Arguments arguments) {
  CLI::App app(
      "Writes report.html into a run's folder, from what the run stored there; nothing is run "
      "again.",
      "weir report");
  std::string path = "runs/latest";
  app.add_option("run", path, "the run's folder")->capture_default_str();
  app.footer("Example:\n  weir report runs/latest");
  if (auto done = parse(app, std::move(arguments))) return *done;
  const auto folder = run::Folder::open(path);
  if (!folder) return report(folder.error());
  if (auto written = report::write_page(*folder); !written) return report(written.error());
  std::printf("%s/report.html\n", folder->path().c_str());
  return kMet;
}

}  // namespace weir::cli
