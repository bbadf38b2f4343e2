// What a query writes to its output topic, and the rule by which readers accept it.
//
// Every output record has headers weir-kind (receipt | event | fence), weir-query (UUID text),
// weir-batch and weir-attempt (decimal text). docs/formats/output.md draws them.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/event/event.h"
#include "weir/event/interval_set.h"
#include "weir/stats/histogram.h"

namespace weir {

// How many ids receipts and audits name of each finding; the rest are counted.
inline constexpr size_t kNamedMax = 1000;
template <class Id>
void add_named(std::vector<Id>& names, Id id) {
  if (names.size() < kNamedMax) names.push_back(std::move(id));
}

enum class OutputKind { kReceipt, kEvent, kFence };

struct OutputHeaders {
  OutputKind kind = OutputKind::kEvent;
  std::string query;   // checkpoint id, UUID text
  int64_t batch = -1;  // absent (-1) in a fence
  int64_t attempt = 0;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;
HeaderList to_headers(const OutputHeaders& headers);
// Empty when weir-kind, weir-query or weir-attempt is missing or not understood: then the record is
// not of weir's engine and has no attempt (Spark's forward carries no fence).
std::optional<OutputHeaders> from_headers(
    const std::vector<std::pair<std::string_view, std::string_view>>& headers);

// The metrics workload's one record per batch: where each parsed id went into it, and how old they
// were.
struct Receipt {
  std::string query;
  int64_t batch = 0, attempt = 0;
  Nanos reference;                     // the instant that ages count from
  Histogram ages;                      // reference - due, in us
  int64_t negatives = 0;               // ids due after the reference
  int64_t events = 0;                  // rows read, malformed included
  int64_t malformed = 0, foreign = 0;  // foreign: parsed, but event_id is not one of weir's
  std::vector<IdRange> ranges;         // of every parsed id of weir's form, each once, sorted
  std::vector<EventId> repeats;        // ids that came again within the batch (first 1,000)
  int64_t repeated = 0;                // how many came again
  std::vector<EventId> inversions;     // ids below an earlier one of their producer and partition
  int64_t inverted = 0;
  // Where the batch's input ended: partition -> next offset.
  std::map<int32_t, int64_t> input_end;
};
// One JSON object, docs/formats/output.md. kCorrupt when the text is no receipt.
std::string to_json(const Receipt& receipt);
Result<Receipt> receipt_from_json(std::string_view text);

// Builds the ranges, repeats and inversions of a receipt from ids in reading order; cheap when ids
// of a producer and partition mostly follow each other. One per worker; merge() joins them. Ids
// that are not of weir's form are not for it. An id that came again is a repeat only, never an
// inversion too.
class IdCollector {
 public:
  IdCollector() = default;
  IdCollector(IdCollector&& other) noexcept;
  IdCollector& operator=(IdCollector&& other) noexcept;

  void add(const EventId& id) {
    const uint64_t key = id.low >> 36;
    if (key != latest_key_) [[unlikely]]
      turn_to(key);
    if (id.sequence() == latest_->open_last + 1) [[likely]]
      latest_->open_last = id.sequence();
    else
      add_elsewhere(id);
  }
  // Joins ids that were read after all of ours: of one input partition, merge in reading order.
  // Repeats and inversions found only by joining are named with due 0.
  void merge(IdCollector&& other);
  void write_to(Receipt& receipt) const;
  void clear();

 private:
  // Ids of one producer and partition. The open run lies above all of `ids`, grows without a search
  // and enters them when something else comes.
  struct Lane {
    static constexpr uint64_t kClosed = UINT64_MAX - 1;  // plus 1 equals no sequence number
    uint64_t open_first = 0, open_last = kClosed;
    IntervalSet ids;
    IntervalSet late;  // those that came after a higher one
    bool is_open() const { return open_last != kClosed; }
    void close();
  };

  void turn_to(uint64_t key);
  void add_elsewhere(const EventId& id);
  void add_lane(uint64_t key, Lane& theirs);

  std::map<uint64_t, Lane> lanes_;  // by producer and partition: the upper bits of an id's low half
  std::vector<EventId> repeats_, inversions_;  // the first 1,000
  int64_t repeated_ = 0;
  Lane* latest_ = nullptr;
  uint64_t latest_key_ = UINT64_MAX;
};

// The readers' rule: a record whose attempt is below the highest fence of its query already seen in
// its partition is dropped. Feed every record of a partition in offset order.
class FenceFilter {
 public:
  // True when the record counts. Fences themselves never count.
  bool accept(PartitionId partition, const OutputHeaders& headers);
  int64_t dropped() const { return dropped_; }

 private:
  std::map<int32_t, std::map<std::string, int64_t, std::less<>>> highest_;
  int64_t dropped_ = 0;
};

}  // namespace weir
