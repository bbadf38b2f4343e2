// The audit: ids accepted from the output against the producers' ledgers, by identity.
//
// Observed ids are kept as spans per producer and partition, cut where the batch changes, so 10^9
// events in mostly dense order cost some bytes per batch. Not thread safe.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/event/event.h"
#include "weir/event/ledger.h"
#include "weir/event/result.h"

namespace weir {

// Where a result was seen, to name it in audit.json: output partition and offset, and its batch.
struct SeenAt {
  int32_t partition = -1;
  int64_t offset = -1, batch = -1;
};

struct NamedId {
  EventId id;          // producer, partition, sequence; due 0 when only the ledger knows it
  SeenAt seen;         // of the repeat, for duplicates and inversions; empty for lost ones
  std::string origin;  // duplicates: "same batch", "another batch", or "unknown batch" when a
                       // record carries none; lost and reordered: empty
};

struct AuditReport {
  std::string level = "identity";  // identity | checksum | count | none
  std::string guarantee;           // what the target claims: "exactly once" ...
  std::string why;                 // level none: why events cannot be told apart
  bool complete = false;           // the drain finished: pending is 0 by proof
  uint64_t sent = 0, acked = 0, failed = 0, unknown = 0;
  uint64_t processed = 0;  // distinct ids of this run that were accepted
  uint64_t lost = 0, duplicated = 0, reordered = 0, foreign = 0, pending = 0, receipt_lost = 0;
  uint64_t malformed = 0;
  // The first 1,000 each. `duplicated` counts the copies beyond the first one; `reordered` the ids
  // that came after a higher one of their producer and partition; a copy is never reordered too.
  std::vector<NamedId> lost_ids, duplicated_ids, reordered_ids;
};
// acked <= processed <= acked + unknown: what an exactly-once pipeline must show after its drain.
bool is_within_bounds(const AuditReport& report);
// audit.json: one object with these names; kCorrupt when the text is none.
std::string to_json(const AuditReport& report);
Result<AuditReport> audit_from_json(std::string_view text);

class AuditSet {
 public:
  AuditSet() = default;
  AuditSet(AuditSet&&) = default;  // what was moved from is not to be used again
  AuditSet& operator=(AuditSet&&) = default;

  // One accepted forward record (ours or not). Of a producer and partition, and within one output
  // partition, feed them in offset order.
  void add(const EventId& id, const SeenAt& seen);
  void add_foreign(uint64_t count = 1);  // an accepted result whose id is not of weir's form
  // One accepted receipt: its ranges, repeats and inversions. Any order of batches: their numbers
  // say which came first.
  void add(const Receipt& receipt, const SeenAt& seen);

  uint64_t distinct() const { return distinct_; }
  // Judges against the ledgers. Ids whose producer has no ledger here, which it never handed over
  // or which (where the due time is known) lie outside its due times are foreign. complete = false:
  // missing acked ids count as pending, not lost.
  AuditReport judge(const std::vector<Ledger>& ledgers, bool complete) const;

  // observed.bin: the accepted ids as ranges, with the repeats. docs/formats/observed.md. What is
  // read back judges as what was written did; it is not for adding more.
  Status write(const std::string& path) const;
  static Result<AuditSet> read(const std::string& path);

 private:
  // Consecutive ids that came in the same batch; of receipts, the lowest batch that had them.
  // Receipts do not tell due times.
  struct Span {
    uint64_t last = 0;
    int64_t batch = -1;
    Nanos due_first, due_last;
    bool from_receipt = false;
    bool has_due() const { return !from_receipt; }
    bool contradicts(Nanos due) const { return has_due() && (due < due_first || due > due_last); }
  };
  // The highest id seen in one output partition: only there has "after" a meaning.
  struct Front {
    int32_t output_partition;
    uint64_t highest;
  };
  struct Lane {
    std::map<uint64_t, Span> spans;  // by first; disjoint
    std::vector<Front> fronts;
    // What a receipt calls an inversion is none when the id is a copy of an earlier batch's, which
    // is known only in the end.
    std::map<int64_t, IntervalSet> late_in_batch;
    uint64_t late_count = 0;                       // in all of late_in_batch; bounded
    uint64_t repeated = 0, reordered = 0;          // reordered: without late_in_batch
    std::vector<NamedId> repeats, inversions;      // the first 1,000
    const Span* span_of(uint64_t sequence) const;  // null when it was not seen
  };
  // Producer and partition of a lane; the generation tells ids apart that agree in these and in the
  // sequence but not in their due time: then one of the two is of another run.
  struct Key {
    uint32_t producer, partition, generation;
    auto operator<=>(const Key&) const = default;
  };
  class Codec;  // observed.bin
  class Judge;

  // Generation by generation, the lane whose spans do not contradict this due time.
  Lane& lane_for(const EventId& id, Nanos due);
  // Puts what is new of first..last into the lane and names the rest as repeats of `id`'s lane.
  void add_span(Lane& lane, const Key& key, uint64_t first, const Span& span, const SeenAt& seen);
  static void insert(Lane& lane, uint64_t first, const Span& span);
  static void cut_out(Lane& lane, uint64_t first, uint64_t last);
  void add_inversions(const Receipt& receipt, const SeenAt& at);
  static void note_order(Lane& lane, const EventId& id, const SeenAt& seen, bool is_new);

  std::map<Key, Lane> lanes_;
  Lane* latest_ = nullptr;
  uint64_t latest_key_ = UINT64_MAX;
  uint64_t distinct_ = 0, foreign_ = 0, malformed_ = 0;
  uint64_t unnamed_repeated_ = 0, unnamed_reordered_ = 0;  // beyond what receipts name
};

}  // namespace weir
