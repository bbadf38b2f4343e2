// The audit: ids accepted from the output against the producers' ledgers, by identity.
//
// Observed ids take at most one bit each and 8 bytes where the batch changes (SeenIds), so 10^9
// events stay below 200 MB in whatever order they come. Not thread safe.
#pragma once
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/base/result.h"
#include "weir/event/event.h"
#include "weir/event/ledger.h"
#include "weir/event/result.h"
#include "weir/event/seen_ids.h"

namespace weir {

// Where a result was seen, to name it in audit.json: output partition and offset, and its batch.
struct SeenAt {
  int32_t partition = -1;
  int64_t offset = -1, batch = -1;
};

// Where a copy came from, as far as the output tells it:
//   producer retry          its batch read the id twice: the input held it twice
//   sink                    the batch's receipt stands twice: it was written twice
//   sink or producer retry  the record stands twice in its batch: either of the two
//   replay                  another batch processed the id again
//   unknown                 the record carries no batch
inline constexpr const char* kDuplicateOrigins[] = {"producer retry", "sink",
                                                    "sink or producer retry", "replay", "unknown"};

struct NamedId {
  EventId id;          // producer, partition, sequence; due 0 when only the ledger knows it
  SeenAt seen;         // of the repeat, for duplicates and inversions; empty for lost ones
  std::string origin;  // of duplicates: one of kDuplicateOrigins; lost and reordered: empty
};

struct AuditReport {
  std::string level = "identity";  // identity | checksum | count | none
  std::string guarantee;           // what the target claims: "exactly once" ...
  std::string why;                 // level none: why events cannot be told apart
  // Whether the guarantee was kept: held | broken | open | not stated; and the sentence.
  std::string verdict, verdict_reason;
  bool complete = false;  // the drain finished: pending is 0 by proof
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
// Fills in verdict and verdict_reason from the counts and `guarantee`, whose first words count:
// "exactly once" forbids losses and copies, "at least once" losses. Other words state nothing.
void judge_guarantee(AuditReport& report);
// Counts another step's audit in, so that one report tells of both: complete where both are, at the
// weaker level, the guarantee judged anew. Named ids up to 1,000 of each finding.
void join_audit(AuditReport& into, const AuditReport& other);
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
  size_t bytes() const;  // about what the ids take of memory
  // Judges against the ledgers. Ids whose producer has no ledger here, which it never handed over
  // or which (where the due time is known) lie outside its due times are foreign. complete = false:
  // missing acked ids count as pending, not lost.
  AuditReport judge(const std::vector<Ledger>& ledgers, bool complete) const;

  // observed.bin: the accepted ids as ranges, with the repeats. docs/formats/observed.md. What is
  // read back judges as what was written did; it is not for adding more.
  Status write(const std::string& path) const;
  static Result<AuditSet> read(const std::string& path);

 private:
  // The highest id seen in one output partition: only there has "after" a meaning.
  struct Front {
    int32_t output_partition;
    uint64_t highest;
  };
  struct Lane {
    SeenIds ids;
    std::vector<Front> fronts;
    // What a receipt calls an inversion is none when the id is a copy of an earlier batch's, which
    // is known only in the end.
    std::map<int64_t, IntervalSet> late_in_batch;
    uint64_t late_count = 0;                   // in all of late_in_batch; bounded
    uint64_t repeated = 0, reordered = 0;      // reordered: without late_in_batch
    std::vector<NamedId> repeats, inversions;  // the first 1,000
  };
  // Producer and partition of a lane; the generation tells ids apart that agree in these and in the
  // sequence but not in their due time: then one of the two is of another run.
  struct Key {
    uint32_t producer, partition, generation;
    auto operator<=>(const Key&) const = default;
  };
  // Where an id was seen first (of receipts: in the lowest batch), as SeenIds keeps it.
  struct Source {
    int64_t batch = -1;
    bool from_receipt = false;
  };
  class Codec;  // observed.bin
  class Judge;

  uint32_t number_of(const Source& source);
  Source source(uint32_t number) const { return {batches_[number / 2], number % 2 != 0}; }
  // Generation by generation, the lane whose ids do not contradict this due time.
  Lane& lane_for(const EventId& id, Nanos due);
  Lane& lane(const Key& key);  // makes it when there is none
  void add_range(const IdRange& range, const SeenAt& at);
  void add_inversions(const Receipt& receipt, const SeenAt& at);
  // Whether the id came late where it was seen.
  static bool advance(Lane& lane, uint64_t sequence, int32_t output_partition);

  std::map<Key, Lane> lanes_;
  std::unordered_map<uint64_t, std::vector<Lane*>> generations_;  // by producer and partition
  Lane* latest_ = nullptr;  // the only generation of latest_key_
  uint64_t latest_key_ = UINT64_MAX;
  std::vector<int64_t> batches_;  // a source's number is twice the index here, 1 more of a receipt
  std::unordered_map<int64_t, uint32_t> batch_indexes_;
  uint32_t latest_source_ = UINT32_MAX;
  uint64_t distinct_ = 0, foreign_ = 0, malformed_ = 0;
  uint64_t unnamed_repeated_ = 0, unnamed_reordered_ = 0;  // beyond what receipts name
};

}  // namespace weir
