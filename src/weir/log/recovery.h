// Opens a partition's folder after any kind of end: clean, killed, power lost.
//
// Below the recovery point and the newest producer snapshot all was flushed: there, indexes are
// trusted as far as their last entry fits its segment, and a missing or bad batch is rot. Above,
// all is re-read: CRCs, contiguous offsets. The first bad batch is a torn tail and cut off with all
// behind it, unless that would cut flushed batches: when a later segment exists (a segment begins
// only when the one before it is flushed), or when a good batch follows and the bytes between were
// changed rather than never written.
//
// A flush writes at most kFlushBytesMax or one batch, and the next begins when it is synced. So
// after a power cut only that much may have gaps; a gap in an appended file reads as zeroed
// sectors.
//
// Threads: called before anybody else knows the partition.
#pragma once
#include <memory>
#include <vector>

#include "weir/log/partition_log.h"
#include "weir/log/producer_table.h"
#include "weir/log/segment.h"

namespace weir::log {

constexpr uint64_t kFlushBytesMax = 4u << 20;

struct Recovered {
  std::vector<std::shared_ptr<Segment>> segments;  // at least one, contiguous
  ProducerTable producers;
  uint64_t bytes_read = 0, bytes_cut = 0;
};

// `folder` exists. What is left is durable on return. kCorrupt: rot or missing files, with the
// place.
Result<Recovered> recover_partition(Disk& disk, const std::string& folder, Offset recovery_point,
                                    Offset log_start, int64_t now_ms);

// "<folder>/<offset, 20 digits>.producers": the producer table as of that log end.
std::string producer_snapshot_path(const std::string& folder, Offset offset);
// Unlinks snapshots of other offsets than `keep`.
Status remove_producer_snapshots(Disk& disk, const std::string& folder, Offset keep);

}  // namespace weir::log
