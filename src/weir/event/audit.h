// The audit: ids accepted from the output against the producers' ledgers, by identity.
//
// Observed ids are kept as interval sets per producer and partition, so 10^9 events in mostly dense
// order cost kilobytes. Not thread safe.
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
  EventId id;                 // producer, partition, sequence; due 0 when only the ledger knows it
  SeenAt seen;                // of the repeat, for duplicates and inversions; empty for lost ones
  std::string origin;         // duplicates: "same batch", "another batch"; lost: empty
};

struct AuditReport {
  std::string level = "identity";    // identity | checksum | count | none
  std::string guarantee;             // what the target claims: "exactly once" ...
  bool complete = false;             // the drain finished: pending is 0 by proof
  uint64_t sent = 0, acked = 0, failed = 0, unknown = 0;
  uint64_t processed = 0;            // distinct ids of this run that were accepted
  uint64_t lost = 0, duplicated = 0, reordered = 0, foreign = 0, pending = 0, receipt_lost = 0;
  uint64_t malformed = 0;
  std::vector<NamedId> lost_ids, duplicated_ids, reordered_ids;   // the first 1,000 each
};
std::string to_json(const AuditReport& report);
Result<AuditReport> audit_from_json(std::string_view text);

class AuditSet {
 public:
  // One accepted forward record (ours or not).
  void add(const EventId& id, const SeenAt& seen);
  void add_foreign(uint64_t count = 1);          // an accepted result whose id is not of weir's form
  // One accepted receipt: its ranges, repeats and inversions.
  void add(const Receipt& receipt, const SeenAt& seen);

  uint64_t distinct() const { return distinct_; }
  // Judges against the ledgers. Ids whose producer has no ledger here (or, where the due time is known,
  // lies outside it) are foreign. complete = false: missing acked ids count as pending, not lost.
  AuditReport judge(const std::vector<Ledger>& ledgers, bool complete) const;

  // observed.bin: the accepted ids as ranges, with the repeats. docs/formats/observed.md.
  Status write(const std::string& path) const;
  static Result<AuditSet> read(const std::string& path);

 private:
  struct Span { uint64_t first, last; };
  struct Lane { std::vector<Span> spans; uint64_t highest = 0; bool any = false; };
  std::map<std::pair<uint32_t, uint32_t>, Lane> lanes_;
  std::vector<NamedId> duplicated_ids_, reordered_ids_;
  uint64_t distinct_ = 0, duplicated_ = 0, reordered_ = 0, foreign_ = 0, malformed_ = 0;
};

}  // namespace weir
