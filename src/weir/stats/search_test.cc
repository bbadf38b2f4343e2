#include "weir/stats/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace weir::stats {
namespace {

// A pipeline whose answer depends on the rate alone.
struct Sharp {
  double limit = 1000;
  double grey = 0;              // undecided within limit * (1 +- grey)
  double generator = INFINITY;  // invalid above
  ProbeOutcome operator()(double rate) const {
    ProbeOutcome o{.processed_eps = std::min(rate, limit)};
    if (rate > generator)
      o.verdict = Verdict::kInvalid, o.processed_eps = std::min(generator, limit);
    else if (std::abs(rate / limit - 1) < grey)
      o.verdict = Verdict::kUndecided;
    else
      o.verdict = rate < limit ? Verdict::kKeepsUp : Verdict::kFallsBehind;
    return o;
  }
};

template <class Pipeline>
SearchResult search(SearchOptions options, Pipeline&& pipeline,
                    std::vector<Probe>* seen = nullptr) {
  RateSearch s(options);
  while (const auto probe = s.next()) {
    if (seen) seen->push_back(*probe);
    s.record(pipeline(probe->rate_eps));
  }
  return s.result();
}

TEST(Search, BracketsASharpLimitAndConfirmsBothEnds) {
  std::vector<Probe> seen;
  const SearchResult r = search({.first_guess_eps = 3000}, Sharp{}, &seen);
  ASSERT_TRUE(r.low_eps && r.high_eps);
  EXPECT_LT(*r.low_eps, 1000);
  EXPECT_GE(*r.high_eps, 1000);
  EXPECT_LE(*r.high_eps / *r.low_eps, 1.1 + 1e-9);
  EXPECT_TRUE(r.low_confirmed && r.high_confirmed);
  EXPECT_DOUBLE_EQ(*r.sustainable.low, 0.98 * *r.low_eps);
  EXPECT_DOUBLE_EQ(*r.sustainable.high, 1.02 * *r.high_eps);
  EXPECT_EQ(r.sustainable.estimate, r.low_eps);
  EXPECT_EQ(r.limited_by, "pipeline");
  ASSERT_GE(seen.size(), 5u);
  EXPECT_EQ(seen[0].purpose, ProbePurpose::kOverload);
  EXPECT_DOUBLE_EQ(seen[1].rate_eps, 850);
  EXPECT_DOUBLE_EQ(seen[2].rate_eps, 850 * 1.12);
  EXPECT_EQ(seen[seen.size() - 2].purpose, ProbePurpose::kConfirmLow);
  EXPECT_EQ(seen.back().purpose, ProbePurpose::kConfirmHigh);
  EXPECT_LE(seen.size(), 10u);
}

TEST(Search, DoublesAnOverloadStepThatKeepsUp) {
  std::vector<Probe> seen;
  const SearchResult r = search({.first_guess_eps = 300}, Sharp{}, &seen);
  EXPECT_EQ(seen[1].rate_eps, 600);
  EXPECT_EQ(seen[2].rate_eps, 1200);
  EXPECT_LT(*r.low_eps, 1000);
  EXPECT_GT(*r.high_eps, 1000);
}

TEST(Search, GoesDownWhenOverloadFlatters) {
  // Under overload the pipeline processes in larger batches and so more than it sustains.
  const auto flattering = [](double rate) {
    ProbeOutcome o = Sharp{.limit = 600}(rate);
    o.processed_eps = std::min(rate, 1500.0);
    return o;
  };
  const SearchResult r = search({.first_guess_eps = 3000}, flattering);
  EXPECT_LT(*r.low_eps, 600);
  EXPECT_GE(*r.high_eps, 600);
  EXPECT_TRUE(r.high_confirmed);
}

TEST(Search, TriesTheNeighboursOfGreyRates) {
  const SearchResult r = search({.first_guess_eps = 3000}, Sharp{.grey = 0.04});
  ASSERT_TRUE(r.low_eps && r.high_eps);
  EXPECT_LE(*r.low_eps, 960);
  EXPECT_GE(*r.high_eps, 1040);
  EXPECT_TRUE(r.low_confirmed && r.high_confirmed);
  EXPECT_LT(*r.high_eps / *r.low_eps, 1.2);
}

TEST(Search, NeverLetsAnInvalidProbeBound) {
  const SearchResult r = search({.first_guess_eps = 3000}, Sharp{.limit = 5000, .generator = 900});
  EXPECT_EQ(r.high_eps, std::nullopt);
  EXPECT_EQ(r.limited_by, "generator");
  EXPECT_LE(*r.low_eps, 900);
  EXPECT_GT(*r.low_eps, 900 / 1.1 - 1);
  EXPECT_TRUE(r.low_confirmed);
  EXPECT_EQ(r.sustainable.high, std::nullopt);
  EXPECT_EQ(r.sustainable.why, "the generator reached its limit before the pipeline");
}

TEST(Search, FindsALimitBelowTheGenerators) {
  const SearchResult r = search({.first_guess_eps = 3000}, Sharp{.limit = 700, .generator = 2000});
  EXPECT_LT(*r.low_eps, 700);
  EXPECT_GE(*r.high_eps, 700);
  EXPECT_EQ(r.limited_by, "pipeline");
}

TEST(Search, TreatsStretchedAndMissedObjectivesAsNotSustained) {
  const auto stretched = [](double rate) {
    ProbeOutcome o = Sharp{}(rate);
    if (o.verdict == Verdict::kFallsBehind) o.verdict = Verdict::kStretched;
    return o;
  };
  EXPECT_LT(*search({.first_guess_eps = 3000}, stretched).low_eps, 1000);
  const auto slow = [](double rate) {
    ProbeOutcome o = Sharp{}(rate);
    o.met_objectives = rate < 400;
    return o;
  };
  const SearchResult r = search({.first_guess_eps = 3000}, slow);
  EXPECT_LT(*r.low_eps, 400);
  EXPECT_GE(*r.high_eps, 400);
}

TEST(Search, MovesAnEndThatIsNotConfirmed) {
  RateSearch s({.first_guess_eps = 3000});
  double low = 0, high = 0;
  int denied = 0;
  while (const auto probe = s.next()) {
    ProbeOutcome o = Sharp{}(probe->rate_eps);
    if (probe->purpose == ProbePurpose::kConfirmLow && denied++ == 0) {
      o.verdict = Verdict::kUndecided;
      low = probe->rate_eps;
    }
    if (probe->purpose == ProbePurpose::kConfirmHigh && high == 0) {
      o.verdict = Verdict::kKeepsUp;
      high = probe->rate_eps;
    }
    s.record(o);
  }
  EXPECT_DOUBLE_EQ(*s.result().low_eps, 0.95 * low);
  EXPECT_DOUBLE_EQ(*s.result().high_eps, 1.05 * high);
  EXPECT_TRUE(s.result().low_confirmed && s.result().high_confirmed);
}

TEST(Search, WhereTimeRunsOutTheEndsThatThereAreAreConfirmed) {
  RateSearch s({.first_guess_eps = 3000});
  EXPECT_FALSE(s.stop_bracketing());  // nothing kept up yet: there is no end to confirm
  s.record(Sharp{}(s.next()->rate_eps));
  s.record(Sharp{}(s.next()->rate_eps));
  EXPECT_TRUE(s.stop_bracketing());
  ASSERT_TRUE(s.next());
  EXPECT_EQ(s.next()->purpose, ProbePurpose::kConfirmLow);
  EXPECT_DOUBLE_EQ(s.next()->rate_eps, 850);
  s.record(Sharp{}(850));
  ASSERT_TRUE(s.next());
  EXPECT_EQ(s.next()->purpose, ProbePurpose::kConfirmHigh);
  EXPECT_DOUBLE_EQ(s.next()->rate_eps, 3000);  // the overload step: a wide bracket, and a true one
  s.record(Sharp{}(3000));
  EXPECT_FALSE(s.next());
  EXPECT_DOUBLE_EQ(*s.result().sustainable.high, 1.02 * 3000);
  EXPECT_FALSE(s.stop_bracketing());
}

TEST(Search, EndsWhenNothingEverKeepsUp) {
  const SearchResult r = search({.first_guess_eps = 3000}, Sharp{.limit = 0});
  EXPECT_EQ(r.sustainable.estimate, std::nullopt);
  EXPECT_FALSE(r.sustainable.why.empty());
  EXPECT_LE(r.probes, 40);
}

TEST(Search, EndsWhenNothingIsEverDecided) {
  const SearchResult r =
      search({.first_guess_eps = 3000}, [](double) { return ProbeOutcome{.processed_eps = 500}; });
  EXPECT_EQ(r.sustainable.why, "no probe gave a verdict");
  EXPECT_LE(r.probes, 40);
}

TEST(QuickSearch, AnswersWithinFiveProbesWithoutInterval) {
  for (const double guess : {700.0, 1000.0, 1300.0, 2000.0}) {
    std::vector<Probe> seen;
    const SearchResult r = search({.quick = true, .first_guess_eps = guess}, Sharp{}, &seen);
    EXPECT_LE(seen.size(), 5u);
    EXPECT_DOUBLE_EQ(seen[0].rate_eps, 0.85 * guess);
    ASSERT_TRUE(r.low_eps && r.high_eps) << guess;
    EXPECT_LT(*r.low_eps, 1000);
    EXPECT_GE(*r.high_eps, 1000);
    EXPECT_LT(*r.high_eps / *r.low_eps, 1.26) << guess;
    EXPECT_EQ(r.sustainable.estimate, r.low_eps);
    EXPECT_EQ(r.sustainable.low, std::nullopt);
    EXPECT_EQ(r.sustainable.why, "a quick search gives an indication, without interval");
  }
}

TEST(QuickSearch, IsLegalToEndAtAnyMoment) {
  RateSearch s({.quick = true, .first_guess_eps = 1000});
  EXPECT_EQ(s.result().sustainable.why, "no probe gave a verdict");
  s.record(Sharp{}(s.next()->rate_eps));
  EXPECT_EQ(s.result().low_eps, 850);
  EXPECT_EQ(s.result().high_eps, std::nullopt);
}

// A micro-batch engine on a fake clock: a batch costs a fixed time and a time per event with 5%
// noise of autocorrelation 0.6; every 20 busy seconds it stalls for 0.3 s.
class SimulatedEngine {
 public:
  static constexpr double kTrigger = 1, kFixed = 0.1, kCapacity = 100'000, kNoise = 0.05, kAr = 0.6;
  static constexpr double kStallEvery = 20, kStall = 0.3, kWarmUp = 5;
  explicit SimulatedEngine(unsigned seed) : random_(seed) {}

  // Batch of all events due, mean duration = trigger: 0.3 s stall in 20.3 s are lost to the stalls.
  static double limit() {
    return kCapacity * (kTrigger * kStallEvery / (kStallEvery + kStall) - kFixed) / kTrigger;
  }

  // One probe with its second and third look.
  ProbeOutcome operator()(double rate) {
    ProbeOutcome o;
    for (int look = 1; look <= 3; ++look) {
      o = run(rate, kWarmUp + 60.0 * look);
      if (o.verdict != Verdict::kUndecided) break;
    }
    return o;
  }

 private:
  double service(double events) {
    level_ = kAr * level_ + std::sqrt(1 - kAr * kAr) * kNoise * normal_(random_);
    double busy = kFixed + events / kCapacity * (1 + level_);
    for (until_stall_ -= busy; until_stall_ <= 0; until_stall_ += kStallEvery) busy += kStall;
    return busy;
  }

  ProbeOutcome run(double rate, double length) {
    std::vector<Batch> batches;
    std::vector<BacklogSample> backlog;
    level_ = 0;
    until_stall_ = std::uniform_real_distribution<double>(0, kStallEvery)(random_);
    double now = kTrigger, committed = 0, processed_from = 0, at_warm_up = 0;
    while (now < length) {
      const double planned = now * rate, end = now + service(planned - committed);
      batches.push_back({nanos_from_seconds(now), nanos_from_seconds(end)});
      committed = planned;
      backlog.push_back({nanos_from_seconds(end), end * rate - committed});
      if (end < kWarmUp) processed_from = committed, at_warm_up = end;
      now = std::max(end, (std::floor(now / kTrigger) + 1) * kTrigger);
    }
    const Nanos from = nanos_from_seconds(kWarmUp), to = nanos_from_seconds(length);
    const auto verdict = judge_step(judge_cadence(batches, nanos_from_seconds(kTrigger), from, to),
                                    judge_drift(backlog, rate, from, to));
    return {.verdict = verdict.verdict,
            .processed_eps =
                (committed - processed_from) / (batches.back().end.seconds() - at_warm_up)};
  }

  std::mt19937 random_;
  std::normal_distribution<double> normal_{0, 1};
  double level_ = 0, until_stall_ = kStallEvery;
};

TEST(Search, HoldsTheTruthOfASimulatedEngineOverSeeds) {
  int inside = 0, finished = 0, probes = 0;
  double width = 0;
  constexpr int kSeeds = 200;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const SearchResult r = search({.first_guess_eps = 400'000}, SimulatedEngine(seed));
    probes += r.probes;
    if (!r.sustainable.low || !r.sustainable.high) continue;
    ++finished;
    width += *r.high_eps / *r.low_eps;
    const double truth = SimulatedEngine::limit();
    inside += *r.sustainable.low <= truth && truth <= *r.sustainable.high;
  }
  RecordProperty("inside", inside);
  RecordProperty("finished", finished);
  EXPECT_GE(finished, kSeeds * 98 / 100) << finished;
  EXPECT_GE(inside, finished * 98 / 100) << inside << " of " << finished;
  EXPECT_LT(width / finished, 1.15);
  EXPECT_LT(double(probes) / kSeeds, 12);
}

TEST(QuickSearch, IndicatesTheLimitOfASimulatedEngine) {
  int near = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    const SearchResult r =
        search({.quick = true, .first_guess_eps = 100'000}, SimulatedEngine(seed));
    ASSERT_TRUE(r.low_eps) << seed;
    near += std::abs(*r.low_eps / SimulatedEngine::limit() - 1) < 0.2;
  }
  EXPECT_GE(near, 97);
}

}  // namespace
}  // namespace weir::stats
