#include <algorithm>

#include "weir/event/audit.h"

namespace weir {
namespace {

void append(std::vector<NamedId>& into, const std::vector<NamedId>& from) {
  const size_t room = kNamedMax - std::min(kNamedMax, into.size());
  into.insert(into.end(), from.begin(), from.begin() + long(std::min(room, from.size())));
}

// Calls f(first, last) for each part of first..last that `set` does not hold.
template <class F>
void for_each_missing(const IntervalSet& set, uint64_t first, uint64_t last, F&& f) {
  auto at = set.spans().upper_bound(first);
  if (at != set.spans().begin() && std::prev(at)->second >= first) --at;
  for (; at != set.spans().end() && at->first <= last; ++at) {
    if (first < at->first) f(first, at->first - 1);
    first = at->second + 1;
  }
  if (first <= last) f(first, last);
}
}  // namespace

// One judgement: observed lanes first, then each ledger against what was observed of it.
class AuditSet::Judge {
 public:
  Judge(const AuditSet& set, const std::vector<Ledger>& ledgers, bool complete) : set_(set) {
    report_.complete = complete;
    report_.foreign = set.foreign_;
    report_.malformed = set.malformed_;
    report_.duplicated = set.unnamed_repeated_;
    report_.reordered = set.unnamed_reordered_;
    for (const Ledger& ledger : ledgers) ledgers_.emplace(ledger.producer, &ledger);
  }

  AuditReport run() {
    for (const auto& [key, lane] : set_.lanes_) sort_out(key, lane);
    for (const auto& [producer, ledger] : ledgers_) weigh(*ledger);
    // What a producer with a ledger never handed over is none of this run either.
    uint64_t of_ledgers = 0;
    for (const auto& [lane, ids] : observed_) of_ledgers += ids.count();
    report_.foreign += of_ledgers - report_.processed;
    return std::move(report_);
  }

 private:
  bool is_of_this_run(uint32_t producer, const SeenIds::Piece& ids) const {
    const auto at = ledgers_.find(producer);
    if (at == ledgers_.end()) return false;
    if (!ids.has_due || set_.source(ids.source).from_receipt) return true;
    // An id's due time is the start of its slot, up to 244 ns before the one in the ledger.
    const Nanos first = EventId::make(at->second->first_due, 0, 0, 0).due();
    return ids.due_last >= first && ids.due_first <= at->second->last_due;
  }

  void sort_out(const Key& key, const Lane& lane) {
    bool any_ours = false;
    IntervalSet& observed = observed_[{key.producer, key.partition}];
    lane.ids.for_each_piece([&](const SeenIds::Piece& ids) {
      if (is_of_this_run(key.producer, ids)) {
        any_ours = true;
        observed.add(ids.first, ids.last);
      } else {
        report_.foreign += ids.last - ids.first + 1;
      }
    });
    if (!any_ours) return;
    report_.duplicated += lane.repeated;
    append(report_.duplicated_ids, lane.repeats);
    report_.reordered += lane.reordered;
    IntervalSet late;
    for (const auto& [batch, ids] : lane.late_in_batch)
      for (const auto& [first, last] : ids.spans())
        for (uint64_t sequence = first; sequence <= last; ++sequence)
          if (is_first_seen_in(lane, sequence, batch)) late.add(sequence, sequence);
    report_.reordered += late.count();
    std::vector<NamedId> named;
    for (const NamedId& inversion : lane.inversions)
      if (is_first_seen_in(lane, inversion.id.sequence(), inversion.seen.batch))
        named.push_back(inversion);
    append(report_.reordered_ids, named);
    find_late_batches(key, lane, late);
  }

  // False for a copy: of receipts, an id that an earlier batch had already. Records were told apart
  // when they came.
  bool is_first_seen_in(const Lane& lane, uint64_t sequence, int64_t batch) const {
    const auto number = lane.ids.source_of(sequence);
    if (!number) return false;
    const Source seen = set_.source(*number);
    return !seen.from_receipt || seen.batch == batch;
  }

  // Receipts may be read in any order, so their batch numbers tell what came later: an id is late
  // when a higher one of its lane was in an earlier batch. Those late within their batch are
  // counted already.
  void find_late_batches(const Key& key, const Lane& lane, const IntervalSet& counted) {
    // The walk is from above and pieces come from below.
    std::vector<SeenIds::Piece> pieces;
    lane.ids.for_each_piece([&](const SeenIds::Piece& ids) {
      if (!set_.source(ids.source).from_receipt) return;
      const bool joins = !pieces.empty() && pieces.back().source == ids.source &&
                         pieces.back().last + 1 == ids.first;
      if (joins)
        pieces.back().last = ids.last;
      else
        pieces.push_back(ids);
    });
    int64_t earliest_above = INT64_MAX;
    for (auto at = pieces.rbegin(); at != pieces.rend(); ++at) {
      const int64_t batch = set_.source(at->source).batch;
      if (batch > earliest_above)
        for_each_missing(counted, at->first, at->last, [&](uint64_t first, uint64_t last) {
          report_.reordered += last - first + 1;
          for (; first <= last && report_.reordered_ids.size() < kNamedMax; ++first)
            report_.reordered_ids.push_back(
                {EventId::make(Nanos(0), key.producer, key.partition, first), {-1, -1, batch}, {}});
        });
      earliest_above = std::min(earliest_above, batch);
    }
  }

  void weigh(const Ledger& ledger) {
    static const IntervalSet kNone;
    for (const LedgerRange& range : ledger.ranges) {
      const auto at = observed_.find({ledger.producer, range.partition});
      const IntervalSet& seen = at == observed_.end() ? kNone : at->second;
      const uint64_t size = range.last - range.first + 1;
      uint64_t missing = 0;
      const bool acked = range.outcome == Outcome::kAcked;
      for_each_missing(seen, range.first, range.last, [&](uint64_t first, uint64_t last) {
        missing += last - first + 1;
        if (acked && report_.complete) name_lost(ledger.producer, range.partition, first, last);
      });
      report_.sent += size;
      report_.processed += size - missing;
      if (acked)
        report_.acked += size;
      else if (range.outcome == Outcome::kFailed)
        report_.failed += size;
      else
        report_.unknown += size;
      if (acked) (report_.complete ? report_.lost : report_.pending) += missing;
    }
  }

  void name_lost(uint32_t producer, uint32_t partition, uint64_t first, uint64_t last) {
    for (; first <= last && report_.lost_ids.size() < kNamedMax; ++first)
      report_.lost_ids.push_back({EventId::make(Nanos(0), producer, partition, first), {}, {}});
  }

  const AuditSet& set_;
  std::map<uint32_t, const Ledger*> ledgers_;  // a number belongs to one incarnation only
  std::map<std::pair<uint32_t, uint32_t>, IntervalSet> observed_;  // of this run's producers
  AuditReport report_;
};

AuditReport AuditSet::judge(const std::vector<Ledger>& ledgers, bool complete) const {
  return Judge(*this, ledgers, complete).run();
}

void join_audit(AuditReport& into, const AuditReport& other) {
  static constexpr const char* kFromWeakest[] = {"none", "count", "checksum", "identity"};
  const auto strength = [](const AuditReport& report) {
    return std::find(std::begin(kFromWeakest), std::end(kFromWeakest), report.level);
  };
  if (strength(other) < strength(into)) into.level = other.level, into.why = other.why;
  into.complete = into.complete && other.complete;
  for (const auto count :
       {&AuditReport::sent, &AuditReport::acked, &AuditReport::failed, &AuditReport::unknown,
        &AuditReport::processed, &AuditReport::lost, &AuditReport::duplicated,
        &AuditReport::reordered, &AuditReport::foreign, &AuditReport::pending,
        &AuditReport::receipt_lost, &AuditReport::malformed})
    into.*count += other.*count;
  for (const auto list :
       {&AuditReport::lost_ids, &AuditReport::duplicated_ids, &AuditReport::reordered_ids})
    for (const NamedId& id : other.*list) add_named(into.*list, id);
  judge_guarantee(into);
}

void judge_guarantee(AuditReport& report) {
  const bool once = report.guarantee.starts_with("exactly once");
  const bool at_least_once = report.guarantee.starts_with("at least once");
  const auto count = [](uint64_t n, const char* what) { return std::to_string(n) + " " + what; };
  const auto set = [&](const char* verdict, std::string reason) {
    report.verdict = verdict;
    report.verdict_reason = std::move(reason);
  };
  if (!once && !at_least_once)
    return set("not stated", "The target states no guarantee that the audit could hold it to.");
  const std::string claimed = once ? "exactly once" : "at least once";
  if (report.guarantee.find("none of that") != std::string::npos)
    return set("not stated", "The guarantee does not cover what was done to the target.");
  if (report.level == "none")
    return set("open", "Whether \"" + claimed + "\" was kept cannot be told: " + report.why + ".");
  const bool copies_known = report.level != "count";
  if (report.lost > 0)
    return set(
        "broken",
        "\"" + claimed + "\" was not kept: " + count(report.lost, "events lost") +
            (once && report.duplicated > 0 ? ", " + count(report.duplicated, "copies.") : "."));
  if (once && copies_known && report.duplicated > 0)
    return set("broken",
               "\"exactly once\" was not kept: " + count(report.duplicated, "copies, none lost."));
  if (!report.complete || report.pending > 0)
    return set("open", "\"" + claimed + "\" is neither shown nor refuted: the drain did not end, " +
                           count(report.pending, "events are pending."));
  if (once && !copies_known)
    return set("open", "\"exactly once\" is not shown: this audit counts and cannot tell copies.");
  set("held", "\"" + claimed + "\" was kept: none of " + count(report.acked, "events lost") +
                  (once ? ", no copies." : ", " + count(report.duplicated, "copies.")));
}

bool is_within_bounds(const AuditReport& report) {
  return report.acked <= report.processed && report.processed <= report.acked + report.unknown;
}

}  // namespace weir
