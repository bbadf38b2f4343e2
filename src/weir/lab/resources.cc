#include "weir/lab/resources.h"

#include <algorithm>
#include <utility>

namespace weir::lab {
namespace {

// Of one process, its samples up to the load's start and its latest.
struct Span {
  double before = 0, latest = 0;
  double written_before = 0, written = 0;  // bytes
  double from = 0, to = 0;                 // seconds since the load's start
  double used() const { return latest - before; }
  double length() const { return to - from; }
};

std::map<std::pair<std::string, int64_t>, Span> spans_of(const run::Table& resources) {
  std::map<std::pair<std::string, int64_t>, Span> spans;
  for (size_t row = 0; row < resources.rows(); ++row) {
    const auto pid = resources.integer(row, "pid");
    if (!pid) continue;
    Span& span = spans[{std::string(resources.text(row, "process")), *pid}];
    span.latest = resources.number(row, "cpu_seconds").value_or(0);
    span.to = resources.number(row, "second").value_or(1);
    span.written = resources.number(row, "written_bytes").value_or(0);
    if (span.to > 0) continue;
    span.before = span.latest, span.written_before = span.written;
    span.from = span.to;
  }
  return spans;
}

}  // namespace

std::map<std::string, double> cpu_seconds_of(const run::Table& resources) {
  std::map<std::string, double> total;
  for (const auto& [process, span] : spans_of(resources))
    if (process.second != 0) total[process.first] += span.used();
  return total;
}

run::Surroundings surroundings_of(const run::Table& resources) {
  double own = 0;
  std::optional<Span> machine, stolen;
  for (const auto& [process, span] : spans_of(resources)) {
    if (process.second != 0)
      own += span.used();
    else if (process.first == kMachineRow)
      machine = span;
    else if (process.first == kStolenRow)
      stolen = span;
  }
  run::Surroundings found;
  if (machine && machine->length() > 0)
    found.others_cores = std::max(0.0, machine->used() - own) / machine->length();
  if (stolen && stolen->length() > 0) found.stolen_cores = stolen->used() / stolen->length();
  return found;
}

std::optional<DiskLoad> disk_load_of(const run::Table& resources) {
  const auto spans = spans_of(resources);
  const auto disk = spans.find({kDiskRow, 0});
  if (disk == spans.end() || disk->second.length() <= 0) return std::nullopt;
  const Span& span = disk->second;
  return DiskLoad{std::min(1.0, span.used() / span.length()),
                  (span.written - span.written_before) / span.length()};
}

}  // namespace weir::lab
