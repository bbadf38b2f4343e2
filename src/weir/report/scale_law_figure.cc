// The law of scaling over the cells it rests on.
#include <fmt/format.h>

#include <algorithm>

#include "weir/report/figures.h"
#include "weir/report/numbers.h"

namespace weir::report {
namespace {

bool is_left_out(const run::ScaleFit& fit, const run::Step& cell) {
  return std::any_of(fit.left_out.begin(), fit.left_out.end(), [&](const std::string& reason) {
    return reason.starts_with(cell.label + ":");
  });
}

Series cells_used(const run::Scale& scale) {
  Series points{.name = "processed", .colour = 0, .mark = Mark::kDots};
  std::vector<const run::Step*> cells;
  for (const auto& cell : scale.cells)
    if (cell.processed_eps) cells.push_back(&cell);
  const auto width = [](const run::Step* cell) {
    return std::min(cell->partitions, cell->parallelism);
  };
  std::stable_sort(cells.begin(), cells.end(),
                   [&](const auto* a, const auto* b) { return width(a) < width(b); });
  for (const auto* cell : cells) {
    points.add(width(cell), *cell->processed_eps);
    points.hollow.push_back(is_left_out(*scale.fit, *cell));
  }
  return points;
}

std::string share_text(const run::Estimate& share) {
  if (!share.estimate) return "not known";
  if (!share.low || !share.high) return fmt::format("{:.3g}", *share.estimate);
  return fmt::format("{:.3g} ({:.3g} to {:.3g})", *share.estimate, *share.low, *share.high);
}

}  // namespace

Figure scale_law(const run::RunResult& result) {
  Figure figure;
  figure.id = "scale_law", figure.title = "The law of scaling";
  figure.x = {.label = "tasks at work at once"};
  if (!result.scale || !result.scale->fit || result.scale->fit->law.empty()) return figure;
  const auto& fit = *result.scale->fit;
  const bool universal = fit.law == "usl";
  const char* name = universal ? "universal law" : "Amdahl's law";
  Series law{.name = name, .colour = 2, .mark = Mark::kLine};
  Series low{.name = "", .colour = -1, .mark = Mark::kLine, .dash = 3};
  Series high{.name = "95% interval", .colour = -1, .mark = Mark::kLine, .dash = 2};
  Series ideal{.name = "in proportion", .colour = -1, .mark = Mark::kLine, .dash = 1};
  for (const auto& at : fit.curve) {
    law.add(at.n, at.estimate.value_or(kMissing));
    low.add(at.n, at.low.value_or(kMissing));
    high.add(at.n, at.high.value_or(kMissing));
    ideal.add(at.n, fit.lambda_eps.estimate.value_or(kMissing) * at.n);
  }
  figure.panels = {{{.label = "processed, events/s", .unit = Unit::kRate, .low = 0.0},
                    {ideal, low, high, law, cells_used(*result.scale)},
                    {}}};
  figure.caption =
      "Processed under overload by the tasks that can work at once, and the law fitted to it with "
      "its 95% interval, drawn where there are runs and nowhere else; hollow runs are left out.";
  figure.samples = fmt::format("{} runs", fit.runs);
  figure.notes = notes_about(result, {"scale"});
  figure.summary = fmt::format(
      "{}: one task processes {} events/s, sigma is {}{}.", universal ? "Universal law" : name,
      fit.lambda_eps.estimate ? grouped(*fit.lambda_eps.estimate) : "an unknown number of",
      share_text(fit.sigma),
      fit.kappa.estimate ? ", kappa is " + share_text(fit.kappa) : std::string());
  return figure;
}

}  // namespace weir::report
