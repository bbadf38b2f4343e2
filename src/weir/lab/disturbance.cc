#include "weir/lab/disturbance.h"

#include <fmt/format.h>

namespace weir::lab {
namespace {

constexpr double kOthersMax = 0.1, kStolenMax = 0.05;  // of the cores

// The largest of a figure, and where it was.
struct Worst {
  double cores = 0;
  std::string where;
  void look(const run::Figure& figure, const std::string& label) {
    if (figure.value_or(0) > cores) cores = *figure, where = label;
  }
};

}  // namespace

void warn_of_disturbance(run::RunResult& result, int64_t cores, bool watched_all) {
  Worst others, stolen;
  const auto look = [&](const auto& each) {
    others.look(each.surroundings.others_cores, each.label);
    stolen.look(each.surroundings.stolen_cores, each.label);
  };
  if (result.load)
    for (const auto& step : result.load->steps) look(step);
  if (result.scale)
    for (const auto& cell : result.scale->cells) look(cell);
  if (result.faults)
    for (const auto& fault : result.faults->faults) look(fault);
  if (watched_all && others.cores > kOthersMax * double(cores))
    result.warnings.push_back(
        {"W005", others.where,
         fmt::format("other programs used {:.2f} of the {} cores", others.cores, cores),
         "stop what else runs here, then measure again"});
  if (stolen.cores > kStolenMax * double(cores))
    result.warnings.push_back(
        {"W006", stolen.where,
         fmt::format("the hypervisor kept {:.2f} of the {} cores", stolen.cores, cores),
         "measure again at another time, or on a machine of one's own"});
}

}  // namespace weir::lab
