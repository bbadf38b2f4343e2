#include "weir/event/ledger.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "weir/event/ledger_format.h"
#include "weir/sys/disk.h"

namespace weir {
namespace {
namespace format = ledger_format;

tl::unexpected<Error> corrupt_ledger(const std::string& path, std::string why) {
  return fail(Code::kCorrupt, "cannot read the ledger " + path, std::move(why),
              "take the file from the run again; it may have been cut or changed");
}

template <class T>
T load(std::string_view bytes, uint64_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Sorted ranges of one partition and the gaps between them, up to what was handed over.
struct Cover {
  std::vector<LedgerRange>& out;
  uint32_t partition;
  uint64_t next = 0;

  void gap_to(uint64_t end) {
    if (next < end) out.push_back({partition, next, end - 1, Outcome::kUnknown});
  }
  bool add(const LedgerRange& range) {
    if (range.first < next) return false;
    gap_to(range.first);
    out.push_back(range);
    next = range.last + 1;
    return true;
  }
};
}  // namespace

Result<Ledger> Ledger::read(const std::string& path) {
  const std::string bytes = WEIR_TRY(real_disk()->read(path));
  if (bytes.size() < sizeof(format::Header))
    return corrupt_ledger(path, "it is shorter than its header");
  const auto header = load<format::Header>(bytes, 0);
  if (header.magic != format::kMagic) return corrupt_ledger(path, "it is not a ledger");
  if (header.version != format::kVersion)
    return corrupt_ledger(path, "its format is of version " + std::to_string(header.version));
  if (header.partitions == 0 || header.partitions > uint32_t(EventId::kPartitions) ||
      header.producer >= uint32_t(EventId::kProducers))
    return corrupt_ledger(path, "its header names an impossible producer or number of partitions");
  const uint64_t ranges_at = format::ranges_at(header.partitions);
  if (bytes.size() < ranges_at ||
      header.ranges > (bytes.size() - ranges_at) / sizeof(format::Range))
    return corrupt_ledger(path, "it is shorter than its header says");

  std::vector<LedgerRange> settled;
  settled.reserve(header.ranges);
  for (uint64_t i = 0; i < header.ranges; ++i) {
    const auto range = load<format::Range>(bytes, ranges_at + i * sizeof(format::Range));
    if (range.partition >= header.partitions || range.first > range.last ||
        range.last > EventId::kSequenceMax || range.outcome < 1 || range.outcome > 3)
      return corrupt_ledger(path, "range " + std::to_string(i) + " is impossible");
    settled.push_back({range.partition, range.first, range.last, Outcome(range.outcome)});
  }
  std::sort(settled.begin(), settled.end(), [](const LedgerRange& a, const LedgerRange& b) {
    return std::tie(a.partition, a.first) < std::tie(b.partition, b.first);
  });

  Ledger ledger;
  ledger.producer = header.producer;
  ledger.complete = header.state == format::kClosed;
  if (header.first_due != format::kNoDue) {
    ledger.first_due = Nanos(header.first_due);
    ledger.last_due = Nanos(header.last_due);
  }
  auto at = settled.begin();
  for (uint32_t partition = 0; partition < header.partitions; ++partition) {
    Cover cover{ledger.ranges, partition};
    for (; at != settled.end() && at->partition == partition; ++at)
      if (!cover.add(*at))
        return corrupt_ledger(path, "two of its ranges in partition " + std::to_string(partition) +
                                        " overlap at " + std::to_string(at->first));
    const auto handed_over = load<uint64_t>(bytes, format::handed_over_at(partition));
    if (handed_over > EventId::kSequenceMax + 1)
      return corrupt_ledger(path, "its count of ids handed over is impossible");
    cover.gap_to(handed_over);
  }
  return ledger;
}

uint64_t Ledger::count(Outcome outcome) const {
  uint64_t count = 0;
  for (const auto& range : ranges)
    if (range.outcome == outcome) count += range.last - range.first + 1;
  return count;
}

uint64_t Ledger::sent() const {
  return count(Outcome::kAcked) + count(Outcome::kFailed) + count(Outcome::kUnknown);
}

}  // namespace weir
