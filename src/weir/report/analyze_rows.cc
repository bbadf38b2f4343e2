#include "weir/report/analyze_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "weir/base/parse_number.h"
#include "weir/sys/disk.h"

namespace weir::report {
namespace {

namespace fs = std::filesystem;
using stats::SeedRow;
constexpr uintmax_t kLargestFile = 256u << 20;
constexpr size_t kNamesShown = 5;

// One line's cells; quotes as in RFC 4180, without line breaks inside them.
std::vector<std::string> split_cells(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"')
      cells.back() += line[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, last - first + 1);
}

// As pandas.to_numeric(errors="coerce"), except that infinities are missing too.
double number_or_missing(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto value = parse_number<double>(text);
  return value && std::isfinite(*value) ? *value : SeedRow::kMissing;
}

struct Column {
  const char* name;
  double SeedRow::*row;
};
constexpr Column kSeven[] = {
    {"batch_id", &SeedRow::batch_id},         {"epoch_sec", &SeedRow::epoch_sec},
    {"batch_events", &SeedRow::batch_events}, {"mean_latency_ms", &SeedRow::mean_ms},
    {"p50_latency_ms", &SeedRow::p50_ms},     {"p95_latency_ms", &SeedRow::p95_ms},
    {"p99_latency_ms", &SeedRow::p99_ms},
};
constexpr Column kByTheOrigin[] = {
    {"seed_mean_latency_ms", &SeedRow::mean_ms},
    {"seed_p50_latency_ms", &SeedRow::p50_ms},
    {"seed_p95_latency_ms", &SeedRow::p95_ms},
    {"seed_p99_latency_ms", &SeedRow::p99_ms},
};
constexpr const char* kNeeded[] = {"epoch_sec", "batch_events", "p95_latency_ms"};

using Header = std::map<std::string, size_t, std::less<>>;

BatchRecord record_of(const Header& header, const std::vector<std::string>& cells) {
  const auto cell = [&](std::string_view name) {
    const auto at = header.find(name);
    return at == header.end() || at->second >= cells.size() ? SeedRow::kMissing
                                                            : number_or_missing(cells[at->second]);
  };
  BatchRecord record;
  for (const Column& column : kSeven) record.row.*column.row = cell(column.name);
  record.seed = record.row;
  record.ours = header.contains("seed_p95_latency_ms");
  if (record.ours)
    for (const Column& column : kByTheOrigin) record.seed.*column.row = cell(column.name);
  record.trigger_ms = cell("trigger_ms");
  record.planned_us = cell("planned_us");
  record.committed_us = cell("committed_us");
  return record;
}

std::string_view next_line(std::string_view& bytes) {
  const size_t end = bytes.find('\n');
  std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Header header_of(std::string_view line) {
  Header header;
  const auto names = split_cells(line);
  for (size_t i = 0; i < names.size(); ++i) header.emplace(trimmed(names[i]), i);
  return header;
}

std::string foreign_columns(const Header& header) {
  std::string names;
  size_t count = 0;
  for (const auto& [name, index] : header) {
    const bool known = std::any_of(std::begin(kSeven), std::end(kSeven),
                                   [&](const Column& c) { return name == c.name; });
    if (known || name.empty()) continue;
    if (++count <= kNamesShown) names += (names.empty() ? "" : ", ") + name;
  }
  return count > kNamesShown ? fmt::format("{} and {} more", names, count - kNamesShown) : names;
}

}  // namespace

void read_batch_file(std::string_view bytes, const std::string& name, BatchRecords& into) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::string_view line;
  while (line.empty() && !bytes.empty()) line = next_line(bytes);
  if (line.empty()) {
    into.problems.push_back(name + ": empty, skipped");
    return;
  }
  const size_t width = split_cells(line).size();
  const Header header = header_of(line);
  for (const char* needed : kNeeded)
    if (!header.contains(needed)) {
      into.problems.push_back(fmt::format("{}: no column {}, skipped", name, needed));
      return;
    }
  std::vector<BatchRecord> rows;
  std::vector<int> dropped;
  for (int number = 2; !bytes.empty(); ++number) {
    line = next_line(bytes);
    if (trimmed(line).empty()) continue;
    const auto cells = split_cells(line);
    if (cells.size() > width) {
      into.problems.push_back(fmt::format("{}: line {} has {} cells, the header {}: file skipped",
                                          name, number, cells.size(), width));
      return;
    }
    rows.push_back(record_of(header, cells));
    if (!rows.back().row.usable()) {
      rows.pop_back();
      dropped.push_back(number);
    }
  }
  ++into.files;
  into.rows.insert(into.rows.end(), rows.begin(), rows.end());
  if (!dropped.empty())
    into.problems.push_back(fmt::format(
        "{}: {} row{} without epoch_sec, batch_events or p95_latency_ms dropped (first in line {})",
        name, dropped.size(), dropped.size() == 1 ? "" : "s", dropped.front()));
  const std::string foreign = header.contains("seed_p95_latency_ms") ? "" : foreign_columns(header);
  if (!foreign.empty())
    into.problems.push_back(fmt::format("{}: columns ignored: {}", name, foreign));
}

Result<BatchRecords> read_batch_files(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(Code::kNotFound, "cannot read " + folder, "it is no folder",
                "name the folder that holds the per-batch CSV files");
  std::set<fs::path> paths;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename();
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (name.starts_with('.') || name == "analysis" || name == "figures")
        at.disable_recursion_pending();
    } else if (!name.starts_with('.') && name.ends_with(".csv")) {
      paths.insert(at->path());
    }
  }
  BatchRecords records;
  if (error) records.problems.push_back(folder + ": " + error.message());
  const auto disk = real_disk();
  for (const fs::path& path : paths) {
    const std::string name = path.lexically_relative(folder);
    if (fs::file_size(path, error) > kLargestFile || error) {
      records.problems.push_back(name + ": " + (error ? error.message() : "too large") +
                                 ", skipped");
      continue;
    }
    const auto bytes = disk->read(path);
    if (bytes)
      read_batch_file(*bytes, name, records);
    else
      records.problems.push_back(name + ": " + bytes.error().why + ", skipped");
  }
  return records;
}

}  // namespace weir::report
