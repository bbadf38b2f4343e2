#include "weir/stats/signed_rank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace weir::stats {
namespace {

// Chance of each sum of the ranks that a fair coin signs positive; sums count in half ranks.
std::vector<double> chances(const std::vector<int64_t>& half_ranks) {
  std::vector<double> chance{1};
  for (const int64_t rank : half_ranks) {
    std::vector<double> next(chance.size() + size_t(rank));
    for (size_t sum = 0; sum < chance.size(); ++sum) {
      next[sum] += chance[sum] / 2;
      next[sum + size_t(rank)] += chance[sum] / 2;
    }
    chance = std::move(next);
  }
  return chance;
}

// Twice the rank of each, equal sizes sharing their mean; in the order of `sizes`, sorted.
std::vector<int64_t> half_ranks_of(const std::vector<double>& sizes) {
  std::vector<int64_t> ranks(sizes.size());
  for (size_t begin = 0; begin < sizes.size();) {
    size_t end = begin;
    while (end < sizes.size() && sizes[end] == sizes[begin]) ++end;
    for (size_t i = begin; i < end; ++i) ranks[i] = int64_t(begin + 1 + end);
    begin = end;
  }
  return ranks;
}

}  // namespace

SignedRank signed_rank(std::span<const double> differences) {
  SignedRank test;
  if (int64_t(differences.size()) > kSignedRankMax) return test;
  std::vector<double> kept;
  for (const double d : differences) (d == 0 ? void(++test.zeros) : kept.push_back(d));
  std::sort(kept.begin(), kept.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  test.n = int64_t(kept.size());
  if (kept.empty()) return test;
  std::vector<double> sizes;
  for (const double d : kept) sizes.push_back(std::abs(d));
  const auto ranks = half_ranks_of(sizes);
  size_t sum = 0;
  for (size_t i = 0; i < kept.size(); ++i)
    if (kept[i] > 0) sum += size_t(ranks[i]);
  test.plus = double(sum) / 2;
  const auto chance = chances(ranks);
  const auto at = chance.begin() + long(sum);
  const double below = std::accumulate(chance.begin(), at + 1, 0.0);
  test.p_positive = std::accumulate(at, chance.end(), 0.0);
  test.p = std::min(1.0, 2 * std::min(below, test.p_positive));
  return test;
}

Estimate hodges_lehmann(std::span<const double> differences, double level) {
  Estimate e{.level = level,
             .n = int64_t(differences.size()),
             .method = "Hodges-Lehmann, exact signed-rank interval"};
  if (differences.empty() || e.n > kSignedRankMax) {
    e.why = differences.empty() ? "no values" : fmt::format("more than {} values", kSignedRankMax);
    return e;
  }
  std::vector<double> averages;
  for (size_t i = 0; i < differences.size(); ++i)
    for (size_t j = i; j < differences.size(); ++j)
      averages.push_back((differences[i] + differences[j]) / 2);
  std::sort(averages.begin(), averages.end());
  e.estimate = quantile(averages, 0.5);
  std::vector<int64_t> ranks(differences.size());
  for (size_t i = 0; i < ranks.size(); ++i) ranks[i] = int64_t(2 * (i + 1));
  const auto chance = chances(ranks);
  // The sums 0, 1, ... that one tail may hold; as many averages are cut off at each end.
  double tail = 0;
  size_t cut = 0;
  while (2 * cut < chance.size() && tail + chance[2 * cut] <= (1 - level) / 2)
    tail += chance[2 * cut++];
  if (cut == 0) {
    e.why = fmt::format("{} values cannot give {:.4g}% without assuming a distribution", e.n,
                        100 * level);
    return e;
  }
  e.level = 1 - 2 * tail;
  e.low = averages[cut - 1];
  e.high = averages[averages.size() - cut];
  return e;
}

double sign_test(int64_t one, int64_t other) {
  const int64_t n = one + other, fewer = std::min(one, other);
  // Sums the smaller tail of the binomial distribution, each term from the one before.
  double term = std::exp2(-double(n)), tail = term;
  for (int64_t k = 1; k <= fewer; ++k) {
    term *= double(n - k + 1) / double(k);
    tail += term;
  }
  return std::min(1.0, 2 * tail);
}

}  // namespace weir::stats
