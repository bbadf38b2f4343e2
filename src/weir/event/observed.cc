// observed.bin: an AuditSet as a file. docs/formats/observed.md draws it.
#include <cstring>
#include <optional>

#include "weir/base/crc32c.h"
#include "weir/event/audit.h"
#include "weir/sys/disk.h"

namespace weir {
namespace {
constexpr uint64_t kMagic = 0x3153424F52494557ull;  // "WEIROBS1"
constexpr uint32_t kVersion = 1;
constexpr size_t kNamedMax = 1000;
constexpr const char* kOrigins[] = {"",        "sink or producer retry", "replay",
                                    "unknown", "producer retry",         "sink"};
// More than any set holds: a longer file was not written by weir and would fill the memory.
constexpr uint64_t kIdsMax = uint64_t{1} << 34;

// Appends and takes little-endian numbers; taking past the end yields zeros and remembers it.
class Writer {
 public:
  template <class T>
  void put(T number) {
    out_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  const std::string& bytes() const { return out_; }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  template <class T>
  T take() {
    T number{};
    if (left_.size() < sizeof number) {
      failed_ = true;
      left_ = {};
      return number;
    }
    std::memcpy(&number, left_.data(), sizeof number);
    left_.remove_prefix(sizeof number);
    return number;
  }
  // A count of things of at least `size` bytes each: no more than are there.
  uint64_t take_count(size_t size) {
    const auto count = take<uint64_t>();
    if (count > left_.size() / size) failed_ = true;
    return failed_ ? 0 : count;
  }
  void require(bool condition) { failed_ = failed_ || !condition; }
  bool failed() const { return failed_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
  bool failed_ = false;
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
  static std::string encode(const AuditSet& set) {
    Writer out;
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
    out.put(crc32c(out.bytes()));
    return out.bytes();
  }

  // Empty when the bytes are no such file.
  static std::optional<AuditSet> decode(std::string_view bytes) {
    if (bytes.size() < 4) return std::nullopt;
    Reader crc(bytes.substr(bytes.size() - 4));
    bytes.remove_suffix(4);
    if (crc.take<uint32_t>() != crc32c(bytes)) return std::nullopt;
    Reader in(bytes);
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
    if (in.failed()) return std::nullopt;
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
  return real_disk()->write_whole(path, Codec::encode(*this));
}

Result<AuditSet> AuditSet::read(const std::string& path) {
  auto set = Codec::decode(WEIR_TRY(real_disk()->read(path)));
  if (!set)
    return fail(Code::kCorrupt, "cannot read the observed ids in " + path,
                "the file was cut or changed, or is of another version",
                "take the file from the run again");
  return std::move(*set);
}

}  // namespace weir
