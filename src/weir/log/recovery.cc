#include "weir/log/recovery.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "weir/log/batch_walk.h"

namespace weir::log {
namespace {

constexpr size_t kDigits = 20;
constexpr size_t kReadBytes = 1u << 20;
constexpr uint64_t kSector = 512;

// The number in "<20 digits><suffix>".
std::optional<Offset> numbered(std::string_view name, std::string_view suffix) {
  if (name.size() != kDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  int64_t value = 0;
  auto [end, code] = std::from_chars(name.data(), name.data() + kDigits, value);
  if (code != std::errc() || end != name.data() + kDigits || value < 0) return std::nullopt;
  return Offset(value);
}

// Whether bytes in [from, to) were never written: zeros up to the next sector, or a zeroed sector.
Result<bool> has_gap(File& file, uint64_t from, uint64_t to) {
  std::string bytes(to - from, '\0');
  const size_t got = WEIR_TRY(file.read_at(from, bytes.data(), bytes.size()));
  for (uint64_t at = from; at < from + got;) {
    const uint64_t end = (at / kSector + 1) * kSector;
    if (end > from + got) break;
    const std::string_view sector(bytes.data() + (at - from), end - at);
    if (sector.find_first_not_of('\0') == std::string_view::npos) return true;
    at = end;
  }
  return false;
}

// Where a good batch with an offset of at least `expected` starts behind `from`, else `end`.
Result<uint64_t> find_good_batch(File& file, uint64_t from, uint64_t end, Offset expected) {
  std::string window;
  for (uint64_t at = from + 1; at + kBatchHeaderBytes <= end;) {
    window.resize(size_t(std::min<uint64_t>(kReadBytes, end - at)));
    const size_t got = WEIR_TRY(file.read_at(at, window.data(), window.size()));
    if (got < kBatchHeaderBytes) break;
    const size_t starts = got - kBatchHeaderBytes + 1;
    for (size_t i = 0; i < starts; ++i) {
      if (window[i + 16] != record::kBatchMagic) continue;
      const BatchHeader header = parse_batch_header(window.data() + i);
      if (!plausible(header) || header.base_offset < expected ||
          header.base_offset - expected > std::numeric_limits<int32_t>::max())
        continue;
      BatchWalk walk(file, at + i, end, kReadBytes);
      if (walk.peek() == BatchWalk::Step::kBatch && walk.verify() == BatchWalk::Step::kBatch)
        return at + i;
    }
    at += starts;
  }
  return end;
}

class Recovery {
 public:
  Recovery(Disk& disk, const std::string& folder, Offset recovery_point, Offset log_start,
           int64_t now_ms)
      : disk_(disk),
        folder_(folder),
        durable_(std::max(recovery_point, log_start)),
        scan_from_(recovery_point),
        log_start_(log_start),
        now_ms_(now_ms) {}

  Result<Recovered> run();

 private:
  Status list_files();
  Status load_snapshot();
  Status load_segment(size_t index);
  Status walk_trusted(Segment& segment, uint64_t file_size, Offset below);
  Status verify_rest(Segment& segment, uint64_t file_size, bool last);
  Status cut(Segment& segment, uint64_t file_size, bool last);
  void note(Segment& segment, const BatchHeader& header);
  tl::unexpected<Error> corrupt(const std::string& file, std::string why) const;

  Disk& disk_;
  const std::string& folder_;
  Offset durable_;    // all below was flushed and must be there
  Offset scan_from_;  // from here on every CRC is checked
  const Offset log_start_;
  const int64_t now_ms_;
  std::vector<Offset> bases_, snapshots_;
  Offset replay_from_;  // the producer table knows all below
  Recovered result_;
};

tl::unexpected<Error> Recovery::corrupt(const std::string& file, std::string why) const {
  return fail(Code::kCorrupt, "the log " + file + " is damaged", std::move(why),
              "restore the folder " + folder_ + " from a copy, or remove it to lose the partition");
}

Status Recovery::list_files() {
  std::vector<std::string> orphans;
  for (const std::string& name : WEIR_TRY(disk_.list(folder_))) {
    if (auto base = numbered(name, ".log"))
      bases_.push_back(*base);
    else if (auto offset = numbered(name, ".producers"))
      snapshots_.push_back(*offset);
    else
      orphans.push_back(name);
  }
  auto below_start = [&](size_t i) { return i + 1 < bases_.size() && bases_[i + 1] <= log_start_; };
  size_t dropped = 0;
  while (below_start(dropped)) {
    WEIR_TRY(remove_segment(disk_, segment_stem(folder_, bases_[dropped])));
    ++dropped;
  }
  bases_.erase(bases_.begin(), bases_.begin() + ptrdiff_t(dropped));
  for (const std::string& name : orphans) {
    auto base = numbered(name, ".index");
    if (!base) base = numbered(name, ".timeindex");
    if (base && !std::binary_search(bases_.begin(), bases_.end(), *base))
      WEIR_TRY(disk_.remove(folder_ + "/" + name));
  }
  return {};
}

Status Recovery::load_snapshot() {
  replay_from_ = bases_.front();
  for (auto offset = snapshots_.rbegin(); offset != snapshots_.rend(); ++offset) {
    const auto bytes = disk_.read(producer_snapshot_path(folder_, *offset));
    if (!bytes) return tl::unexpected(bytes.error());
    auto table = ProducerTable::decode(*bytes);
    if (!table) continue;  // a torn one: an older one or the log itself serves
    result_.producers = std::move(*table);
    replay_from_ = *offset;
    durable_ = std::max(durable_, *offset);
    break;
  }
  scan_from_ = std::min(scan_from_, replay_from_);
  return {};
}

void Recovery::note(Segment& segment, const BatchHeader& header) {
  segment.note(header);
  if (header.base_offset >= replay_from_) result_.producers.note(header, now_ms_);
}

// Takes in, by their headers, the batches from segment.size() on that lie below `below`. Stops
// before one that does not fit.
Status Recovery::walk_trusted(Segment& segment, uint64_t file_size, Offset below) {
  BatchWalk walk(*segment.file(), segment.size(), file_size);
  for (bool first = true;; first = false) {
    const auto step = walk.peek();
    if (step == BatchWalk::Step::kDiskError) return tl::unexpected(walk.error());
    if (step != BatchWalk::Step::kBatch || walk.header().base_offset >= below) return {};
    if (first ? !segment.resume(walk.header()) : walk.header().base_offset != segment.end())
      return {};
    note(segment, walk.header());
    walk.advance();
  }
}

Status Recovery::cut(Segment& segment, uint64_t file_size, bool last) {
  const std::string file = segment.stem() + ".log";
  const uint64_t at = segment.size();
  const std::string place = fmt::format(
      "the batch at byte {} (offset {}) does not fit its checksum or its place", at, segment.end());
  if (segment.end() < durable_)
    return corrupt(file, place + fmt::format("; all up to offset {} had been flushed", durable_));
  if (!last) return corrupt(file, place + ", and a later segment exists");
  const uint64_t good = WEIR_TRY(find_good_batch(*segment.file(), at, file_size, segment.end()));
  if (good < file_size) {
    const bool torn =
        file_size - at <= kFlushBytesMax && WEIR_TRY(has_gap(*segment.file(), at, good));
    if (!torn) return corrupt(file, place + fmt::format(", and a good one follows at {}", good));
  }
  result_.bytes_cut += file_size - at;
  return segment.file()->truncate(at);
}

Status Recovery::verify_rest(Segment& segment, uint64_t file_size, bool last) {
  BatchWalk walk(*segment.file(), segment.size(), file_size, kReadBytes);
  while (true) {
    auto step = walk.peek();
    if (step == BatchWalk::Step::kBatch && walk.header().base_offset == segment.end())
      step = walk.verify();
    else if (step == BatchWalk::Step::kBatch)
      step = BatchWalk::Step::kBad;
    if (step == BatchWalk::Step::kDiskError) return tl::unexpected(walk.error());
    if (step == BatchWalk::Step::kEnd) break;
    if (step == BatchWalk::Step::kBad) {
      WEIR_TRY(cut(segment, file_size, last));
      break;
    }
    result_.bytes_read += walk.header().size;
    note(segment, walk.header());
    walk.advance();
  }
  // After a kill the cache may hold what was never flushed; it becomes visible now.
  return segment.file()->sync();
}

Status Recovery::load_segment(size_t index) {
  const std::string stem = segment_stem(folder_, bases_[index]);
  std::shared_ptr<File> file = WEIR_TRY(disk_.open(stem + ".log"));
  const uint64_t file_size = WEIR_TRY(file->size());
  auto segment = std::make_shared<Segment>(bases_[index], std::move(file), stem);
  const bool last = index + 1 == bases_.size();
  const Offset next = last ? Offset(std::numeric_limits<int64_t>::max()) : bases_[index + 1];
  if (!result_.segments.empty() && result_.segments.back()->end() != segment->base())
    return corrupt(stem + ".log",
                   fmt::format("the segment before it ends at offset {}: batches are missing",
                               result_.segments.back()->end()));
  segment->touch(now_ms_);
  const Offset trusted = std::min(scan_from_, next);
  if (trusted > segment->base()) {
    segment->load_indexes(disk_, trusted, file_size);
    WEIR_TRY(walk_trusted(*segment, file_size, trusted));
    if (segment->end() != trusted) {
      // Indexes that do not fit: build them anew.
      segment->clear();
      WEIR_TRY(walk_trusted(*segment, file_size, trusted));
    }
  }
  if (next <= scan_from_ && segment->end() == next && segment->size() == file_size) {
    result_.segments.push_back(std::move(segment));
    return {};
  }
  WEIR_TRY(verify_rest(*segment, file_size, last));
  result_.segments.push_back(std::move(segment));
  return {};
}

Result<Recovered> Recovery::run() {
  WEIR_TRY(list_files());
  if (bases_.empty()) {
    if (durable_ > Offset(0)) return corrupt(folder_, "its segment files are missing");
    auto file = WEIR_TRY(disk_.open(segment_stem(folder_, Offset(0)) + ".log"));
    bases_.push_back(Offset(0));
  }
  if (bases_.front() > log_start_)
    return corrupt(folder_, fmt::format("its first segment begins at offset {}, the log at {}",
                                        bases_.front(), log_start_));
  WEIR_TRY(load_snapshot());
  for (size_t i = 0; i < bases_.size(); ++i) WEIR_TRY(load_segment(i));
  const Segment& last = *result_.segments.back();
  if (last.end() < durable_)
    return corrupt(last.stem() + ".log",
                   fmt::format("it ends at offset {}, but all up to {} had been flushed",
                               last.end(), durable_));
  WEIR_TRY(disk_.sync_folder(folder_));
  return std::move(result_);
}

}  // namespace

Result<Recovered> recover_partition(Disk& disk, const std::string& folder, Offset recovery_point,
                                    Offset log_start, int64_t now_ms) {
  return Recovery(disk, folder, recovery_point, log_start, now_ms).run();
}

std::string producer_snapshot_path(const std::string& folder, Offset offset) {
  return segment_stem(folder, offset) + ".producers";
}

Status remove_producer_snapshots(Disk& disk, const std::string& folder, Offset keep) {
  for (const std::string& name : WEIR_TRY(disk.list(folder))) {
    const auto offset = numbered(name, ".producers");
    if (offset && *offset != keep) WEIR_TRY(disk.remove(folder + "/" + name));
  }
  return {};
}

}  // namespace weir::log
