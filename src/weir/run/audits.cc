#include "weir/run/audits.h"

namespace weir::run {

std::vector<const AuditReport*> audits_of(const RunResult& result) {
  std::vector<const AuditReport*> audits;
  if (result.load)
    for (const auto& step : result.load->steps) audits.push_back(&step.audit);
  if (result.scale)
    for (const auto& cell : result.scale->cells) audits.push_back(&cell.audit);
  if (result.faults)
    for (const auto& fault : result.faults->faults) audits.push_back(&fault.audit);
  return audits;
}

}  // namespace weir::run
