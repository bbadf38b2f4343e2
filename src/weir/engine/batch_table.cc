#include "weir/engine/batch_table.h"

#include "weir/checkpoint/format.h"

namespace weir::engine {

namespace {
// The batch of the last line; -1 when there is none. kUsage when these are not this query's lines.
Result<int64_t> newest_in(std::string_view text, const std::string& path,
                          const std::string& query) {
  const auto refuse = [&](const std::string& why) {
    return fail(Code::kUsage, "cannot append to " + path, why,
                "give another --outdir, or move the file away");
  };
  if (text.empty()) return -1;
  if (!text.starts_with(std::string(BatchRow::header()) + "\n"))
    return refuse("it has other columns than weir writes");
  text.remove_suffix(1);
  const size_t line = text.rfind('\n');
  if (line == std::string_view::npos) return -1;  // the header alone
  const auto last = BatchRow::parse(text.substr(line + 1));
  if (!last) return refuse("its last line cannot be read");
  if (last->query != query)
    return refuse("it holds the batches of query " + last->query + ", this is " + query);
  return last->batch;
}

Status remove_temporaries(Disk& disk, const std::string& outdir) {
  for (const auto& name : WEIR_TRY(disk.list(outdir)))
    if (name.starts_with(".batches.csv.") && name.ends_with(".tmp"))
      WEIR_TRY(disk.remove(outdir + "/" + name));
  return {};
}
}  // namespace

Result<BatchTable> BatchTable::open(Disk& disk, const std::string& outdir,
                                    const std::string& query) {
  const std::string path = outdir + "/batches.csv";
  const std::string copy = outdir + "/.batches.csv." + checkpoint::random_uuid() + ".tmp";
  const auto unusable = [&](const Error& error) {
    return fail(error.code == Code::kDiskFull ? Code::kDiskFull : Code::kUsage,
                "cannot write " + path, error.what + ": " + error.why,
                "give an --outdir that this user may write");
  };
  if (auto made = disk.make_folders(outdir); !made) return unusable(made.error());
  if (auto done = remove_temporaries(disk, outdir); !done) return unusable(done.error());
  std::string text;
  if (disk.exists(path)) text = WEIR_TRY(disk.read(path));
  text.resize(text.rfind('\n') + 1);  // npos + 1 is 0
  BatchTable table;
  table.newest_ = WEIR_TRY(newest_in(text, path, query));
  if (text.empty()) text = std::string(BatchRow::header()) + "\n";
  auto file = disk.open(copy);
  if (!file) return unusable(file.error());
  table.file_ = std::move(*file);
  WEIR_TRY(table.file_->append(text));
  WEIR_TRY(disk.rename(copy, path));
  return table;
}

Status BatchTable::append(const BatchRow& row) {
  if (row.batch <= newest_) return {};
  WEIR_TRY(file_->append(row.text() + "\n"));
  newest_ = row.batch;
  return {};
}

}  // namespace weir::engine
