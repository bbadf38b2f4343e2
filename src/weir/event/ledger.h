// The producer's ledger: which ids of one producer number were handed over, and what became of
// each.
//
// ledger-<p>.bin is a memory-mapped file of ranges (partition, first, last, outcome) under a header
// with the producer number and the first and last due time; since it is mapped, it survives the
// writer's SIGKILL, and any moment's file is readable. Ids handed over and in no range are of
// unknown outcome. docs/formats/ledger.md draws it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/event/event.h"

namespace weir {

enum class Outcome : uint8_t { kAcked = 1, kFailed = 2, kUnknown = 3 };

// handed_over() may be called by one thread while another one calls settle(); close() by the last.
// Every store is ordered so that a reader, or a later one after SIGKILL, sees whole ranges only.
class LedgerWriter {
 public:
  // Creates the file (an existing one is an error) for `partitions` partitions.
  static Result<LedgerWriter> create(const std::string& path, uint32_t producer,
                                     int32_t partitions);
  LedgerWriter(LedgerWriter&&) noexcept;
  LedgerWriter& operator=(LedgerWriter&&) noexcept;
  ~LedgerWriter();

  // Ids up to and with `last` of this partition have been handed over, due in [first_due,
  // last_due]. A few stores: cheap enough for each run of events, and to be called before the
  // client gets them.
  void handed_over(PartitionId partition, uint64_t last, Nanos first_due, Nanos last_due);
  // Ids first..last have this outcome. Extends the partition's latest range of that outcome when it
  // continues it; else starts a new range (the file grows; failing to grow it is an error).
  Status settle(PartitionId partition, uint64_t first, uint64_t last, Outcome outcome);
  Status close();  // marks it complete, cuts it to its length and syncs; nothing may follow

 private:
  struct Mapping;
  explicit LedgerWriter(std::unique_ptr<Mapping> mapping);
  std::unique_ptr<Mapping> mapping_;
};

struct LedgerRange {
  uint32_t partition = 0;
  uint64_t first = 0, last = 0;
  Outcome outcome = Outcome::kAcked;
};

// A ledger as read back. `ranges` are sorted by partition and first, do not overlap (a file where
// they do is kCorrupt) and cover every id handed over: gaps in the file are returned as kUnknown.
struct Ledger {
  uint32_t producer = 0;
  Nanos first_due, last_due;  // both 0 when nothing was handed over
  bool complete = false;      // closed in order
  std::vector<LedgerRange> ranges;
  static Result<Ledger> read(const std::string& path);
  uint64_t count(Outcome outcome) const;
  uint64_t sent() const;  // all ranges
};

}  // namespace weir
