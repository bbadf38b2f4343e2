// observed.bin: an AuditSet as a file. docs/formats/observed.md draws it.
#include <algorithm>
#include <cstring>

#include "weir/base/crc32c.h"
#include "weir/event/audit.h"
#include "weir/sys/disk.h"

namespace weir {
namespace {
constexpr uint64_t kMagic = 0x3153424F52494557ull;  // "WEIROBS1"
constexpr uint32_t kVersion = 1;
constexpr const char* kOrigins[] = {"",        "sink or producer retry", "replay",
                                    "unknown", "producer retry",         "sink"};
// More than any set holds: a longer file was not written by weir and would fill the memory.
constexpr uint64_t kIdsMax = uint64_t{1} << 34;

constexpr size_t kPieceBytes = 1 << 16;  // written or read at once: a file may be large
constexpr uint64_t kCrcBytes = 4;        // at the end

// Appends little-endian numbers to a file, and their checksum in the end; remembers the first
// failure.
class Writer {
 public:
  explicit Writer(File& file) : file_(file) {}
  template <class T>
  void put(T number) {
    piece_.append(reinterpret_cast<const char*>(&number), sizeof number);
    if (piece_.size() >= kPieceBytes) flush();
  }
  Status finish() {
    flush();
    const uint32_t crc = crc_;
    put(crc);
    flush();
    return status_;
  }

 private:
  void flush() {
    crc_ = crc32c(piece_, crc_);
    if (status_) status_ = file_.append(piece_);
    piece_.clear();
  }

  File& file_;
  std::string piece_;
  uint32_t crc_ = 0;
  Status status_;
};

// Takes little-endian numbers from the first `end` bytes of a file; taking past them yields zeros
// and remembers it.
class Reader {
 public:
  Reader(File& file, uint64_t end) : file_(file), end_(end) {}
  template <class T>
  T take() {
    T number{};
    if (!have(sizeof number)) {
      failed_ = true;
      return number;
    }
    std::memcpy(&number, piece_.data() + at_, sizeof number);
    at_ += sizeof number;
    return number;
  }
  // A count of things of at least `size` bytes each: no more than are there.
  uint64_t take_count(size_t size) {
    const auto count = take<uint64_t>();
    if (count > left() / size) failed_ = true;
    return failed_ ? 0 : count;
  }
  void require(bool condition) { failed_ = failed_ || !condition; }
  bool failed() const { return failed_; }
  bool at_end() const { return left() == 0; }
  const Status& status() const { return status_; }  // of the disk

  // The checksum of all that is left, which is taken.
  uint32_t take_crc() {
    uint32_t crc = 0;
    while (!failed_ && !at_end() && have(1)) {
      crc = crc32c(std::string_view(piece_).substr(at_), crc);
      at_ = piece_.size();
    }
    return crc;
  }

 private:
  uint64_t left() const { return end_ - next_ + (piece_.size() - at_); }
  // Whether that many bytes can be taken, which are few.
  bool have(size_t size) {
    if (failed_ || left() < size) return false;
    if (piece_.size() - at_ >= size) return true;
    piece_.erase(0, at_);
    at_ = 0;
    const size_t held = piece_.size();
    piece_.resize(held + size_t(std::min<uint64_t>(kPieceBytes, end_ - next_)));
    const auto read = file_.read_at(next_, piece_.data() + held, piece_.size() - held);
    if (!read || *read != piece_.size() - held) {
      if (!read) status_ = tl::unexpected(read.error());
      return false;
    }
    next_ += *read;
    return true;
  }

  File& file_;
  const uint64_t end_;
  uint64_t next_ = 0;  // what is read from the file next
  std::string piece_;
  size_t at_ = 0;  // what is taken from the piece next
  bool failed_ = false;
  Status status_;
};

void put_named(Writer& out, const std::vector<NamedId>& list) {
  out.put(uint64_t(list.size()));
  for (const NamedId& named : list) {
    out.put(named.id.high);
    out.put(named.id.low);
    out.put(named.seen.offset);
    out.put(named.seen.batch);
    out.put(named.seen.partition);
    uint32_t origin = 0;
    for (uint32_t i = 0; i < std::size(kOrigins); ++i)
      if (named.origin == kOrigins[i]) origin = i;
    out.put(origin);
  }
}

void take_named(Reader& in, std::vector<NamedId>& list) {
  const uint64_t count = in.take_count(40);
  in.require(count <= kNamedMax);
  for (uint64_t i = 0; i < count && !in.failed(); ++i) {
    NamedId named;
    named.id.high = in.take<uint64_t>();
    named.id.low = in.take<uint64_t>();
    named.seen.offset = in.take<int64_t>();
    named.seen.batch = in.take<int64_t>();
    named.seen.partition = in.take<int32_t>();
    const auto origin = in.take<uint32_t>();
    in.require(origin < std::size(kOrigins));
    if (!in.failed()) named.origin = kOrigins[origin];
    list.push_back(std::move(named));
  }
}
}  // namespace

class AuditSet::Codec {
 public:
  static void write(const AuditSet& set, Writer& out) {
    out.put(kMagic);
    out.put(kVersion);
    out.put(uint32_t{0});
    for (uint64_t count : {set.foreign_, set.malformed_, set.unnamed_repeated_,
                           set.unnamed_reordered_, uint64_t(set.lanes_.size())})
      out.put(count);
    for (const auto& [key, lane] : set.lanes_) {
      for (uint32_t number : {key.producer, key.partition, key.generation, uint32_t{0}})
        out.put(number);
      out.put(lane.repeated);
      out.put(lane.reordered);
      put_spans(out, set, lane);
      out.put(uint64_t(lane.late_in_batch.size()));
      for (const auto& [batch, ids] : lane.late_in_batch) {
        out.put(batch);
        out.put(uint64_t(ids.spans().size()));
        for (const auto& [first, last] : ids.spans()) {
          out.put(first);
          out.put(last);
        }
      }
      put_named(out, lane.repeats);
      put_named(out, lane.inversions);
    }
  }

  // What it holds is of no use when `in` has failed then.
  static AuditSet read(Reader& in) {
    in.require(in.take<uint64_t>() == kMagic);
    in.require(in.take<uint32_t>() == kVersion);
    in.take<uint32_t>();
    AuditSet set;
    for (uint64_t* count :
         {&set.foreign_, &set.malformed_, &set.unnamed_repeated_, &set.unnamed_reordered_})
      *count = in.take<uint64_t>();
    const uint64_t lanes = in.take_count(32);
    for (uint64_t i = 0; i < lanes && !in.failed(); ++i) take_lane(in, set);
    in.require(in.at_end());
    return set;
  }

 private:
  static void put_spans(Writer& out, const AuditSet& set, const Lane& lane) {
    uint64_t count = 0;
    lane.ids.for_each_piece([&](const SeenIds::Piece&) { ++count; });
    out.put(count);
    lane.ids.for_each_piece([&](const SeenIds::Piece& ids) {
      const Source source = set.source(ids.source);
      out.put(ids.first);
      out.put(ids.last);
      out.put(source.batch);
      out.put(ids.due_first.value);
      out.put(ids.due_last.value);
      out.put(uint64_t{source.from_receipt});
    });
  }

  static void take_late(Reader& in, IntervalSet& late) {
    for (uint64_t spans = in.take_count(16); spans > 0 && !in.failed(); --spans) {
      const auto first = in.take<uint64_t>(), last = in.take<uint64_t>();
      // A lane keeps so many at most: a longer list was not written by weir and would take for
      // ever.
      in.require(first <= last && last <= EventId::kSequenceMax && last - first < 1'000'000);
      if (!in.failed()) late.add(first, last);
    }
  }

  static void take_lane(Reader& in, AuditSet& set) {
    Key key{};
    key.producer = in.take<uint32_t>();
    key.partition = in.take<uint32_t>();
    key.generation = in.take<uint32_t>();
    in.take<uint32_t>();
    in.require(key.producer < EventId::kProducers && key.partition < EventId::kPartitions);
    in.require(set.lanes_.empty() || set.lanes_.rbegin()->first < key);
    if (in.failed()) return;
    Lane& lane = set.lane(key);
    lane.repeated = in.take<uint64_t>();
    lane.reordered = in.take<uint64_t>();
    uint64_t next = 0;
    for (uint64_t spans = in.take_count(48); spans > 0 && !in.failed(); --spans) {
      SeenIds::Piece ids;
      ids.first = in.take<uint64_t>();
      ids.last = in.take<uint64_t>();
      Source source;
      source.batch = in.take<int64_t>();
      ids.due_first = Nanos(in.take<int64_t>());
      ids.due_last = Nanos(in.take<int64_t>());
      source.from_receipt = in.take<uint64_t>() != 0;
      ids.has_due = !source.from_receipt;
      in.require(ids.first >= next && ids.last >= ids.first && ids.last <= EventId::kSequenceMax &&
                 ids.last - ids.first < kIdsMax - set.distinct_);
      if (in.failed()) return;
      next = ids.last + 1;
      ids.source = set.number_of(source);
      lane.ids.restore(ids);
      set.distinct_ += ids.last - ids.first + 1;
    }
    for (uint64_t batches = in.take_count(16); batches > 0 && !in.failed(); --batches)
      take_late(in, lane.late_in_batch[in.take<int64_t>()]);
    take_named(in, lane.repeats);
    take_named(in, lane.inversions);
  }
};

Status AuditSet::write(const std::string& path) const {
  return real_disk()->write_whole(path, [this](File& file) {
    Writer out(file);
    Codec::write(*this, out);
    return out.finish();
  });
}

Result<AuditSet> AuditSet::read(const std::string& path) {
  const auto file = WEIR_TRY(real_disk()->open_to_read(path));
  const uint64_t size = WEIR_TRY(file->size());
  const uint64_t end = size < kCrcBytes ? 0 : size - kCrcBytes;
  uint32_t crc = 0;
  const size_t there = WEIR_TRY(file->read_at(end, reinterpret_cast<char*>(&crc), sizeof crc));
  // Nothing is taken for a number before all of it is known to be whole.
  Reader whole(*file, end);
  const bool good = there == sizeof crc && whole.take_crc() == crc && !whole.failed();
  WEIR_TRY(Status(whole.status()));
  if (good) {
    Reader in(*file, end);
    AuditSet set = Codec::read(in);
    WEIR_TRY(Status(in.status()));
    if (!in.failed()) return set;
  }
  return fail(Code::kCorrupt, "cannot read the observed ids in " + path,
              "the file was cut or changed, or is of another version",
              "take the file from the run again");
}

}  // namespace weir
