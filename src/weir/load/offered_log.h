// What was offered and what became of it, second by second of due time: the file offered.csv, and
// its histograms whole in send-lag.hlog and ack.hlog.
//
// Each generator closes its seconds in ascending order through a feed of its own; a second's row is
// written once every feed has closed it or is past it. Columns: docs/formats/run-folder.md.
// Thread safe.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/stats/histogram.h"
#include "weir/sys/disk.h"

namespace weir::load {

// Counts of the events due in one second, or of a whole load. Lag and ack time in microseconds.
struct Offered {
  uint64_t scheduled = 0, handed_over = 0, refused = 0, late = 0;
  uint64_t acked = 0, failed = 0, unknown = 0;
  Histogram send_lag;  // moment of the attempt to hand over - due, refused events included
  Histogram ack_time;  // moment of the ack - due
  bool settled() const { return acked + failed + unknown == handed_over; }
  void add(const Offered& other);
};

// By second since the epoch.
using OfferedSeconds = std::map<int64_t, Offered>;
// What a log left in `folder`, also one whose writer was killed: rows that are not whole are left
// out. Fails when there is none or a file is not what it should be.
Result<OfferedSeconds> read_offered(Disk& disk, const std::string& folder);
// Writes these seconds as a log would have.
Status write_offered(Disk& disk, const std::string& folder, const OfferedSeconds& seconds);

class OfferedLog {
 public:
  // Writes into `folder`, which must not hold such files; keeps totals only when it is empty.
  static Result<std::unique_ptr<OfferedLog>> open(Disk& disk, const std::string& folder, int feeds);

  // Second `second` (since the epoch) of this feed is final.
  void close(int feed, int64_t second, const Offered& row);
  // Nothing more comes from this feed.
  void finish(int feed);

  Offered totals() const;  // of the rows closed
  Status status() const;   // the first failure to write

 private:
  struct Files {
    std::unique_ptr<File> rows, send_lag, ack;
  };
  OfferedLog(Files files, int feeds);
  void write_complete();

  mutable std::mutex mutex_;
  Files files_;                   // this and the rest are guarded by mutex_
  bool begun_ = false;            // the histograms' files have their headers
  std::vector<int64_t> reached_;  // per feed: seconds up to this one are closed
  OfferedSeconds pending_;
  Offered totals_;
  Status status_;
};

}  // namespace weir::load
