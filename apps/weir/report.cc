// weir report: report.html and figures of a finished or broken-off run, made again from its folder;
// one page for several runs.
#include <cstdio>
#include <cstdlib>

#include "apps/weir/cli.h"
#include "weir/report/figures.h"
#include "weir/report/gnuplot.h"
#include "weir/report/many_page.h"
#include "weir/report/page.h"
#include "weir/sys/disk.h"

namespace weir::cli {
namespace {

struct Wanted {
  std::vector<std::string> runs{"runs/latest"}, formats;
  std::string out, baseline;
  int columns = 1;
};

int report_one(const Wanted& wanted) {
  const auto folder = run::Folder::open(wanted.runs[0]);
  if (!folder) return report(folder.error());
  Result<report::StoredRun> baseline;
  if (!wanted.baseline.empty()) {
    baseline = report::read_run(wanted.baseline);
    if (!baseline) return report(baseline.error());
  }
  const auto written =
      report::write_page(*folder, wanted.baseline.empty() ? nullptr : &baseline->result);
  if (!written) return report(written.error());
  if (!wanted.formats.empty()) {
    const auto stored = report::read_run(wanted.runs[0]);
    if (!stored) return report(stored.error());
    const char* path = std::getenv("PATH");
    const auto drawn = report::write_figures(
        report::figures_of(stored->result, stored->folder), folder->path() + "/figures",
        wanted.formats, wanted.columns, report::find_gnuplot(path == nullptr ? "" : path));
    if (!drawn) return report(drawn.error());
    if (!drawn->remark.empty()) std::fprintf(stderr, "weir: %s\n", drawn->remark.c_str());
    std::printf("%s/figures\n", folder->path().c_str());
  }
  std::printf("%s/report.html\n", folder->path().c_str());
  return kMet;
}

int report_many(const Wanted& wanted) {
  if (!wanted.baseline.empty() || !wanted.formats.empty())
    return report({Code::kUsage, "--baseline and --figures go with one run",
                   "several runs make one page, side by side",
                   "weir report RUN --figures pdf for each of them"});
  std::vector<report::StoredRun> runs;
  for (const auto& path : wanted.runs) {
    auto stored = report::read_run(path);
    if (!stored) return report(stored.error());
    runs.push_back(std::move(*stored));
  }
  const std::string out = wanted.out.empty() ? "report-compare.html" : wanted.out;
  if (auto done = real_disk()->write_whole(out, report::many_page(runs)); !done)
    return report(done.error());
  std::printf("%s\n", out.c_str());
  return kMet;
}

}  // namespace

int report_command(Arguments arguments) {
  CLI::App app(
      "Writes report.html and figures/*.csv, *.gp into a run's folder, from what the run stored "
      "there; of several runs it writes one page that draws them side by side. Nothing is run "
      "again.",
      "weir report");
  Wanted wanted;
  app.add_option("run", wanted.runs, "the run's folder, or several")->capture_default_str();
  app.add_option("--figures", wanted.formats,
                 "also draw every figure with gnuplot, as pdf, svg or png")
      ->delimiter(',')
      ->check(CLI::IsMember({"pdf", "svg", "png"}));
  app.add_option("--column", wanted.columns, "width of these figures in columns of a paper")
      ->check(CLI::IsMember({1, 2}))
      ->capture_default_str();
  app.add_option("--baseline", wanted.baseline, "another run to hold this one against");
  app.add_option("--out", wanted.out, "where the page of several runs goes (report-compare.html)");
  app.footer(
      "examples:\n"
      "  weir report runs/latest\n"
      "  weir report runs/latest --figures pdf,svg --column 1\n"
      "  weir report runs/embedded runs/kafka runs/spark --out side-by-side.html");
  if (auto done = parse(app, std::move(arguments))) return *done;
  return wanted.runs.size() == 1 ? report_one(wanted) : report_many(wanted);
}

}  // namespace weir::cli
