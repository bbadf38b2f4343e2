#include "weir/engine/batch_table.h"

namespace weir::engine {

Result<BatchTable> BatchTable::open(Disk& disk, const std::string& outdir,
                                    const std::string& query) {
  const std::string path = outdir + "/batches.csv";
  const auto unusable = [&](const Error& error) {
    return fail(error.code == Code::kDiskFull ? Code::kDiskFull : Code::kUsage,
                "cannot write " + path, error.what + ": " + error.why,
                "give an --outdir that this user may write");
  };
  if (auto made = disk.make_folders(outdir); !made) return unusable(made.error());
  auto file = disk.open(path);
  if (!file) return unusable(file.error());
  BatchTable table;
  table.file_ = std::move(*file);
  std::string text = WEIR_TRY(disk.read(path));
  const size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  if (whole != text.size()) WEIR_TRY(table.file_->truncate(whole));
  text.resize(whole);
  if (text.empty()) {
    WEIR_TRY(table.file_->append(std::string(BatchRow::header()) + "\n"));
    return table;
  }
  const std::string_view body = std::string_view(text).substr(text.find('\n') + 1);
  if (!text.starts_with(std::string(BatchRow::header()) + "\n"))
    return fail(Code::kUsage, "cannot append to " + path, "it has other columns than weir writes",
                "give another --outdir, or move the file away");
  if (body.empty()) return table;
  const size_t before = body.rfind('\n', body.size() - 2);
  const auto line = body.substr(before == std::string_view::npos ? 0 : before + 1);
  const auto last = BatchRow::parse(line.substr(0, line.size() - 1));
  if (!last || last->query != query)
    return fail(Code::kUsage, "cannot append to " + path,
                last ? "it holds the batches of query " + last->query + ", this is " + query
                     : "its last line cannot be read",
                "give another --outdir, or move the file away");
  table.newest_ = last->batch;
  return table;
}

Status BatchTable::append(const BatchRow& row) {
  if (row.batch <= newest_) return {};
  WEIR_TRY(file_->append(row.text() + "\n"));
  newest_ = row.batch;
  return {};
}

}  // namespace weir::engine
