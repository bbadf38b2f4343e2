#include "weir/compare/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weir::compare {
namespace {

using stats::ChangeVerdict;

void sort_by_start(std::vector<StoredRun>& runs) {
  std::stable_sort(runs.begin(), runs.end(), [](const StoredRun& a, const StoredRun& b) {
    return a.result.started < b.result.started;
  });
}

// Both sorted by start. Whether they were measured in turns.
bool are_interleaved(const std::vector<StoredRun>& before, const std::vector<StoredRun>& after) {
  if (before.size() != after.size()) return false;
  for (size_t i = 0; i < before.size(); ++i) {
    const auto& ends = std::max(before[i].result.started, after[i].result.started);
    if (i + 1 < before.size() &&
        (before[i + 1].result.started <= ends || after[i + 1].result.started <= ends))
      return false;
  }
  return true;
}

// Of each run, by key.
using SampleTable = std::map<MetricKey, std::vector<std::pair<size_t, Sample>>>;

SampleTable table_of(const std::vector<StoredRun>& runs) {
  SampleTable table;
  for (size_t i = 0; i < runs.size(); ++i)
    for (auto& sample : samples_of(runs[i])) table[sample.key].emplace_back(i, std::move(sample));
  return table;
}

std::vector<double> all_values(const std::vector<std::pair<size_t, Sample>>& samples) {
  std::vector<double> values;
  for (const auto& [run, sample] : samples)
    values.insert(values.end(), sample.values.begin(), sample.values.end());
  return values;
}

// The lowest and the highest bound of all; a run without bounds leaves none.
stats::Estimate envelope(const std::vector<std::pair<size_t, Sample>>& samples) {
  stats::Estimate e{.method = "bounds of the search"};
  bool all = true;
  double log_sum = 0;
  for (const auto& [run, sample] : samples) {
    const auto& bounds = *sample.bounds;
    log_sum += std::log(*bounds.estimate);
    ++e.n;
    if (bounds.level > 0) e.level = std::min(e.level, bounds.level);
    all = all && bounds.low && bounds.high;
    if (!all) continue;
    e.low = std::min(e.low.value_or(*bounds.low), *bounds.low);
    e.high = std::max(e.high.value_or(*bounds.high), *bounds.high);
  }
  e.estimate = std::exp(log_sum / double(e.n));
  if (!all) e.low.reset(), e.high.reset(), e.why = "an indication without bounds";
  return e;
}

bool are_per_run(const std::vector<std::pair<size_t, Sample>>& samples) {
  return std::all_of(samples.begin(), samples.end(),
                     [](const auto& each) { return each.second.values.size() == 1; });
}

std::vector<Fallen> count_fallen(const std::vector<StoredRun>& before,
                                 const std::vector<StoredRun>& after, bool paired) {
  std::map<double, Fallen> found;
  std::map<double, std::map<size_t, bool>> fell_before;
  for (size_t i = 0; i < before.size(); ++i)
    for (const auto& [rate, step] : steps_at_given_rates(before[i])) {
      const bool fell = step->verdict == "falls_behind";
      found[rate].before += fell;
      fell_before[rate][i] = fell;
    }
  for (size_t i = 0; i < after.size(); ++i)
    for (const auto& [rate, step] : steps_at_given_rates(after[i])) {
      const bool fell = step->verdict == "falls_behind";
      Fallen& counts = found[rate];
      counts.after += fell;
      ++counts.runs;
      if (!paired || !fell_before[rate].contains(i)) continue;
      counts.only_before += fell_before[rate][i] && !fell;
      counts.only_after += !fell_before[rate][i] && fell;
    }
  std::vector<Fallen> list;
  for (auto& [rate, counts] : found) {
    if (counts.runs == 0 || fell_before[rate].empty()) continue;
    counts.condition = rate_condition(rate);
    counts.p = stats::sign_test(counts.only_before, counts.only_after);
    list.push_back(counts);
  }
  return list;
}

double offered_to(const std::vector<std::pair<size_t, Sample>>& samples) {
  double sum = 0;
  for (const auto& [run, sample] : samples) sum += sample.offered_eps;
  return sum / double(samples.size());
}

// What a fault costs grows with the load: at unlike loads nothing can be told.
bool are_unlike_loads(double before, double after) {
  return before > 0 && after > 0 && std::abs(std::log(after / before)) > std::log(1.1);
}

// Keeps the values of pairs in which both sides have one.
void take_pairs(const std::vector<std::pair<size_t, Sample>>& before,
                const std::vector<std::pair<size_t, Sample>>& after, size_t pairs, Change& change) {
  std::map<size_t, double> first;
  for (const auto& [run, sample] : before) first[run] = sample.values[0];
  for (const auto& [run, sample] : after)
    if (const auto found = first.find(run); found != first.end()) {
      change.before.push_back(found->second);
      change.after.push_back(sample.values[0]);
    }
  change.left_out = int(pairs - change.before.size());
}

void add_ranks(Change& change) {
  std::vector<double> logs;
  for (size_t i = 0; i < change.before.size(); ++i)
    logs.push_back(std::log(change.after[i] / change.before[i]));
  change.rank_p = stats::signed_rank(logs).p;
  change.rank_ratio = stats::hodges_lehmann(logs, kLevel);
  for (auto* figure :
       {&change.rank_ratio.estimate, &change.rank_ratio.low, &change.rank_ratio.high})
    if (*figure) *figure = std::exp(**figure);
}

void compare_values(Change& change) {
  change.before_mean = stats::log_interval(change.before, kLevel);
  change.after_mean = stats::log_interval(change.after, kLevel);
  const auto found = change.paired ? stats::paired_change(change.before, change.after)
                                   : stats::unpaired_change(change.before, change.after);
  if (!found) {
    if (change.before_mean.estimate && change.after_mean.estimate)
      change.ratio.estimate = *change.after_mean.estimate / *change.before_mean.estimate;
    change.why =
        change.before.size() == 1 && change.after.size() == 1
            ? fmt::format("one value of each has no interval; {} pairs decide", kPairsDecide)
            : fmt::format("{} and {} values are too few for an interval; {} pairs decide",
                          change.before.size(), change.after.size(), kPairsDecide);
    change.pairs_needed = kPairsDecide;
    return;
  }
  change.ratio = stats::ratio_interval(*found, kLevel);
  change.spread = found->spread;
  if (change.paired) add_ranks(change);
  // Values are missing where a step went badly, so those that are left speak for the others no
  // more.
  if (change.left_out * 5 > change.left_out + int(found->n)) {
    change.why = fmt::format("one side has no value in {} of {} pairs", change.left_out,
                             change.left_out + int(found->n));
    return;
  }
  const int64_t least = change.paired ? kPairsDecide : kUnpairedDecide;
  if (found->n < least) {
    change.why = fmt::format("{} {} are too few to decide by; {} are needed", found->n,
                             change.paired ? "pairs" : "values of a side", least);
    change.pairs_needed = least;
    return;
  }
  const auto test = stats::test_change(*found, change.allowed, change.meaning.less_is_better);
  change.p = test.p;
  change.verdict = test.side;  // where it is sure enough: settled with Holm's adjustment
  if (const auto needed = stats::pairs_to_decide(*found, change.allowed, kLevel))
    change.pairs_needed = std::max(*needed, found->n + 1);
}

void compare_bounds(const std::vector<std::pair<size_t, Sample>>& before,
                    const std::vector<std::pair<size_t, Sample>>& after, Change& change) {
  change.before_mean = envelope(before), change.after_mean = envelope(after);
  change.ratio = stats::bounds_ratio(change.before_mean, change.after_mean);
  change.verdict =
      stats::place_interval(change.ratio, change.allowed, change.meaning.less_is_better);
  change.why = change.ratio.low ? "by the bounds that both searches confirmed" : change.ratio.why;
}

std::string pairs_sentence(const Change& change) {
  if (!change.pairs_needed)
    return fmt::format(
        "more than {} pairs would be needed: the change is too near to the allowed "
        "{:.3g}%",
        stats::kPairsMax, 100 * change.allowed);
  const int64_t more =
      *change.pairs_needed - int64_t(std::min(change.before.size(), change.after.size()));
  return fmt::format("about {} pairs in all ({} more) would decide it, 4 times in 5",
                     *change.pairs_needed, more);
}

// Turns sides into verdicts: the primary measure by its own p, the others by Holm's.
void settle(std::vector<Change>& changes) {
  std::vector<double> others;
  for (const auto& change : changes)
    if (!change.primary && change.p) others.push_back(*change.p);
  const auto adjusted = stats::holm(others);
  size_t next = 0;
  for (auto& change : changes) {
    if (!change.p) continue;
    if (!change.primary) change.p_holm = adjusted[next++];
    if (change.p_holm.value_or(*change.p) < 1 - kLevel) {
      change.pairs_needed.reset();
      change.why =
          change.verdict == ChangeVerdict::kWithin
              ? fmt::format("the whole interval lies within {:.3g}% of no change",
                            100 * change.allowed)
              : fmt::format("the whole interval lies beyond {:.3g}%", 100 * change.allowed);
      if (change.p_holm) change.why += ", also after Holm's adjustment";
      continue;
    }
    change.verdict = ChangeVerdict::kCannotTell;
    change.why = pairs_sentence(change);
    if (change.p_holm && *change.p < 1 - kLevel)
      change.why = "sure alone, but not among so many measures; " + change.why;
  }
}

std::string sentence_of(const Change& change) {
  const std::string what =
      change.ratio.low && change.ratio.high
          ? fmt::format("{}: {} ({} to {})", change.key.text(), percent(*change.ratio.estimate),
                        percent(*change.ratio.low), percent(*change.ratio.high))
      : change.ratio.estimate ? fmt::format("{}: {}, without interval", change.key.text(),
                                            percent(*change.ratio.estimate))
                              : change.key.text();
  return fmt::format("{}. {}: {}.", stats::to_text(change.verdict), what, change.why);
}

Status choose_primary(std::vector<Change>& changes, const Rules& rules) {
  const auto& known = metrics();
  const auto place = [&](const Change& change) {
    return std::find_if(known.begin(), known.end(),
                        [&](const MetricMeaning& each) { return each.name == change.key.name; }) -
           known.begin();
  };
  std::stable_sort(changes.begin(), changes.end(),
                   [&](const Change& a, const Change& b) { return place(a) < place(b); });
  auto primary = changes.begin();
  if (!rules.primary.empty()) {
    WEIR_TRY(find_metric(rules.primary));
    primary = std::find_if(changes.begin(), changes.end(),
                           [&](const Change& change) { return change.key.name == rules.primary; });
  }
  if (primary == changes.end())
    return fail(
        Code::kUsage,
        "the runs have no " + (rules.primary.empty() ? "measure" : rules.primary) + " in common",
        "measures are compared at the same given rate, of searches, and of the same faults",
        "weir compare --run base.toml head.toml measures both sides at one rate");
  primary->primary = primary->gates = true;
  std::rotate(changes.begin(), primary, primary + 1);
  return {};
}

}  // namespace

std::string percent(double ratio) { return fmt::format("{:+.1f}%", (ratio - 1) * 100); }

std::string Fallen::text() const {
  return fmt::format(
      "steps that fall behind {}: {} of the base, {} of the head, of {} (sign test "
      "p {:.2g})",
      condition, before, after, runs, p);
}

Result<Comparison> compare_runs(std::vector<StoredRun> before, std::vector<StoredRun> after,
                                const Rules& rules) {
  sort_by_start(before), sort_by_start(after);
  Comparison found;
  for (const auto& run : before) found.before.push_back(run.path);
  for (const auto& run : after) found.after.push_back(run.path);
  found.paired = are_interleaved(before, after);
  const auto a = table_of(before), b = table_of(after);
  for (const auto& [key, samples] : a) {
    const auto others = b.find(key);
    if (others == b.end()) continue;
    Change change{.key = key, .meaning = WEIR_TRY(find_metric(key.name))};
    const auto allowed = rules.by_name.find(key.name);
    change.gates = allowed != rules.by_name.end();
    change.allowed = change.gates ? allowed->second : rules.allowed;
    change.before = all_values(samples), change.after = all_values(others->second);
    const bool searched = samples[0].second.bounds.has_value();
    if (searched && std::min(change.before.size(), change.after.size()) < size_t(kUnpairedDecide)) {
      compare_bounds(samples, others->second, change);
    } else {
      change.paired = found.paired && are_per_run(samples) && are_per_run(others->second);
      if (change.paired) {
        change.before.clear(), change.after.clear();
        take_pairs(samples, others->second, before.size(), change);
      }
      compare_values(change);
      const double offered = offered_to(samples), others_offered = offered_to(others->second);
      if (are_unlike_loads(offered, others_offered)) {
        change.verdict = ChangeVerdict::kCannotTell;
        change.p.reset(), change.pairs_needed.reset();
        change.why = fmt::format("the faults hit at unlike loads, {:.0f} and {:.0f} events/s",
                                 offered, others_offered);
      }
    }
    found.changes.push_back(std::move(change));
  }
  found.fallen = count_fallen(before, after, found.paired);
  WEIR_TRY(choose_primary(found.changes, rules));
  settle(found.changes);
  found.verdict = found.changes[0].verdict;
  found.sentence = sentence_of(found.changes[0]);
  return found;
}

}  // namespace weir::compare
