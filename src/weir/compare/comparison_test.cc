#include "weir/compare/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "weir/compare/answer.h"
#include "weir/compare/test_runs.h"

namespace weir::compare {
namespace {

using stats::ChangeVerdict;

struct Sides {
  std::vector<StoredRun> before, after;
};

// Pairs in turns; the head costs `factor` times as much.
Sides pairs(int n, double factor, double spread, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, spread / std::sqrt(2.0));
  Sides sides;
  for (int i = 0; i < n; ++i) {
    sides.before.push_back(
        TestRun{.minute = 2 * i, .cpu = 0.7 * std::exp(noise(random)), .p99 = 200}.make());
    sides.after.push_back(TestRun{.minute = 2 * i + 1,
                                  .cpu = 0.7 * factor * std::exp(noise(random)),
                                  .p99 = 200 * std::exp(noise(random))}
                              .make());
  }
  return sides;
}

const Change& change_of(const Comparison& found, const std::string& metric) {
  for (const auto& change : found.changes)
    if (change.key.name == metric) return change;
  static const Change none;
  ADD_FAILURE() << metric;
  return none;
}

TEST(Comparison, OfAFifthMoreCpuSaysWorse) {
  const auto sides = pairs(7, 1.2, 0.03);
  const auto found = compare_runs(sides.before, sides.after, {});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->paired);
  EXPECT_EQ(found->verdict, ChangeVerdict::kWorse);
  const Change& primary = found->changes[0];
  EXPECT_EQ(primary.key.name, "cpu_s_per_million");
  EXPECT_TRUE(primary.primary && primary.gates);
  EXPECT_NEAR(*primary.ratio.estimate, 1.2, 0.05);
  EXPECT_TRUE(primary.rank_ratio.low);
  EXPECT_LT(*primary.rank_p, 0.05);
  EXPECT_FALSE(primary.pairs_needed);
  // The engine's and the broker's shares rose alike, also among several measures.
  EXPECT_EQ(change_of(*found, "engine_cpu_s_per_million").verdict, ChangeVerdict::kWorse);
  EXPECT_LT(*change_of(*found, "engine_cpu_s_per_million").p_holm, 0.05);
  EXPECT_EQ(change_of(*found, "p99_ms").verdict, ChangeVerdict::kWithin);
}

TEST(Comparison, OfFivePercentSaysHowManyPairsWouldDecide) {
  const auto sides = pairs(7, 1.05, 0.04);
  const auto found = compare_runs(sides.before, sides.after, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->verdict, ChangeVerdict::kCannotTell);
  const auto& primary = found->changes[0];
  ASSERT_TRUE(primary.pairs_needed) << primary.why;
  EXPECT_GT(*primary.pairs_needed, 7);
  EXPECT_NE(primary.why.find("pairs in all"), std::string::npos) << primary.why;
}

TEST(Comparison, OfASystemWithItselfIsWithin) {
  const auto sides = pairs(10, 1, 0.01);
  EXPECT_EQ(compare_runs(sides.before, sides.after, {})->verdict, ChangeVerdict::kWithin);
}

TEST(Comparison, OneRunOfEachHasNoIntervalAndDecidesNothing) {
  const auto sides = pairs(1, 2, 0.01);
  const auto found = compare_runs(sides.before, sides.after, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->verdict, ChangeVerdict::kCannotTell);
  EXPECT_FALSE(found->changes[0].ratio.low);
  EXPECT_NEAR(*found->changes[0].ratio.estimate, 2, 0.1);
  EXPECT_EQ(found->changes[0].pairs_needed, kPairsDecide);
}

TEST(Comparison, FivePairsDecideNothingHoweverClear) {
  const auto sides = pairs(5, 2, 0.01);
  const auto found = compare_runs(sides.before, sides.after, {});
  EXPECT_EQ(found->verdict, ChangeVerdict::kCannotTell);
  EXPECT_EQ(found->changes[0].why, "5 pairs are too few to decide by; 6 are needed");
}

TEST(Comparison, OfSidesMeasuredOneAfterTheOtherIsNotPaired) {
  Sides sides = pairs(7, 1.2, 0.03);
  for (auto& run : sides.after) run.result.started = "2026-11-23" + run.result.started.substr(10);
  const auto found = compare_runs(sides.before, sides.after, {});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->paired);
  EXPECT_FALSE(found->changes[0].rank_p);
  EXPECT_EQ(found->verdict, ChangeVerdict::kWorse);
}

TEST(Comparison, LeavesOutPairsInWhichOneSideHasNone) {
  Sides sides = pairs(8, 1.2, 0.03);
  sides.after[3].result.load->steps[0].latency->p99.reset();
  const auto found = compare_runs(sides.before, sides.after, {});
  EXPECT_EQ(change_of(*found, "p99_ms").left_out, 1);
  EXPECT_EQ(change_of(*found, "p99_ms").before.size(), 7u);
}

TEST(Comparison, TellsNothingByTheFewPairsThatHaveAFigure) {
  Sides sides = pairs(9, 1.2, 0.03);
  for (size_t i : {1u, 4u, 6u}) sides.after[i].result.load->steps[0].latency.reset();
  const auto found = compare_runs(sides.before, sides.after, {});
  const Change& change = change_of(*found, "p99_ms");
  EXPECT_EQ(change.verdict, ChangeVerdict::kCannotTell);
  EXPECT_EQ(change.why, "one side has no value in 3 of 9 pairs");
}

TEST(Comparison, OfAHeadThatFallsBehindIsWorseWhateverElseItMeasures) {
  Sides sides = pairs(7, 1, 0.005);
  for (size_t i = 0; i < 3; ++i) sides.after[i].result.load->steps[0].verdict = "falls_behind";
  auto found = *compare_runs(sides.before, sides.after, {});
  ASSERT_EQ(found.fallen.size(), 1u);
  EXPECT_EQ(found.fallen[0].only_after, 3);
  EXPECT_EQ(judge_gate({}, found, sides.after)[0].fate, Fate::kUnsure);
  for (size_t i = 3; i < 6; ++i) sides.after[i].result.load->steps[0].verdict = "falls_behind";
  found = *compare_runs(sides.before, sides.after, {});
  EXPECT_NEAR(found.fallen[0].p, 0.03125, 1e-12);
  const auto checks = judge_gate({}, found, sides.after);
  EXPECT_EQ(checks[0].name, "keeps up at 100000 events/s");
  EXPECT_EQ(checks[0].fate, Fate::kFailed);
}

StoredRun with_faults(int minute, double first_output, double rate) {
  StoredRun run = TestRun{.minute = minute}.make();
  run.result.load.reset();
  run.result.faults = run::Faults{};
  for (int i = 0; i < 5; ++i) {
    run::Fault fault;
    fault.kind = "engine:kill";
    fault.offered_eps = rate;
    fault.first_output_s = first_output * (1 + 0.02 * i);
    run.result.faults->faults.push_back(fault);
  }
  return run;
}

TEST(Comparison, OfFaultsTakesTheirRepetitionsAtLikeLoads) {
  const std::vector<StoredRun> a{with_faults(0, 1, 1000)}, b{with_faults(1, 2, 1050)},
      c{with_faults(2, 2, 2000)};
  const auto found = compare_runs(a, b, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->changes[0].key.text(), "first_output_s engine:kill");
  EXPECT_EQ(found->verdict, ChangeVerdict::kWorse);
  const auto unlike = compare_runs(a, c, {});
  EXPECT_EQ(unlike->verdict, ChangeVerdict::kCannotTell);
  EXPECT_EQ(unlike->changes[0].why, "the faults hit at unlike loads, 1000 and 2000 events/s");
}

StoredRun searched(int minute, double low, double high) {
  StoredRun run = TestRun{.minute = minute}.make();
  run.plan.rates.clear();
  auto& estimate = run.result.load->sustainable_eps;
  estimate.estimate = low / 0.98, estimate.low = low, estimate.high = high, estimate.level = 0.95;
  return run;
}

TEST(Comparison, OfSearchesGoesByTheirBounds) {
  const std::vector<StoredRun> a{searched(0, 98, 110)}, b{searched(1, 125, 140)},
      c{searched(2, 100, 112)};
  const auto better = compare_runs(a, b, {});
  ASSERT_TRUE(better);
  EXPECT_EQ(better->changes[0].key.name, "sustainable_eps");
  EXPECT_EQ(better->verdict, ChangeVerdict::kBetter);
  EXPECT_EQ(compare_runs(b, a, {})->verdict, ChangeVerdict::kWorse);
  EXPECT_EQ(compare_runs(a, c, {})->verdict, ChangeVerdict::kCannotTell);
}

TEST(Comparison, NeedsAMeasureInCommonAndAKnownPrimary) {
  const std::vector<StoredRun> a{TestRun{.rate = 1000}.make()}, b{TestRun{.rate = 2000}.make()};
  EXPECT_EQ(compare_runs(a, b, {}).error().code, Code::kUsage);
  const auto sides = pairs(6, 1, 0.01);
  EXPECT_EQ(compare_runs(sides.before, sides.after, {.primary = "p98_ms"}).error().remedy,
            "did you mean p99_ms?");
  const auto found = compare_runs(sides.before, sides.after, {.primary = "p99_ms"});
  EXPECT_EQ(found->changes[0].key.name, "p99_ms");
  EXPECT_FALSE(found->changes[0].p_holm);
}

TEST(Differences, AreRefusedUnlessAllowed) {
  const std::vector<StoredRun> a{TestRun{.version = "1"}.make()},
      b{TestRun{.version = "2", .trigger = "2s"}.make()};
  auto found = differences(a, b, {});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, "engine.trigger");
  EXPECT_EQ(found[0].after, "'2s'");
  const auto refused = refuse_unlike(found);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUsage);
  EXPECT_NE(refused.error().what.find("version.weir: 1 against 2"), std::string::npos);
  EXPECT_FALSE(refuse_unlike(differences(a, b, {"version"})));
  EXPECT_TRUE(refuse_unlike(differences(a, b, {"version", "engine.trigger"})));
  EXPECT_TRUE(refuse_unlike(differences(a, a, {})));
}

TEST(Differences, SeeRunsOfOneSideThatAreUnlike) {
  const std::vector<StoredRun> a{TestRun{}.make(), TestRun{.quick = true}.make()},
      b{TestRun{}.make()};
  const auto found = differences(a, b, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].before, "full | quick");
}

Answer answer_of(const Sides& sides, const Gate& gate) {
  Answer answer;
  answer.before_name = "base", answer.after_name = "head";
  answer.comparison = *compare_runs(sides.before, sides.after, gate.rules);
  answer.checks = judge_gate(gate, answer.comparison, sides.after);
  settle_exit(answer);
  return answer;
}

TEST(Gate, DecidesTheExitCode) {
  Gate gate;
  EXPECT_EQ(answer_of(pairs(7, 1.2, 0.03), gate).exit_code, 4);
  EXPECT_EQ(answer_of(pairs(7, 1, 0.005), gate).exit_code, 0);
  EXPECT_EQ(answer_of(pairs(7, 0.8, 0.03), gate).exit_code, 0);
  Answer unsure = answer_of(pairs(7, 1.05, 0.04), gate);
  EXPECT_EQ(unsure.exit_code, 0);
  unsure.unsure_fails = true;
  settle_exit(unsure);
  EXPECT_EQ(unsure.exit_code, 5);
  EXPECT_EQ(
      answer_of(pairs(7, 1.2, 0.03), *read_gate("objectives = [\"p99_ms <= 100\"]", "g")).exit_code,
      3);
  Answer nothing;
  settle_exit(nothing);
  EXPECT_EQ(nothing.exit_code, 6);
}

TEST(Gate, ReadsItsFileAndNamesWhatIsWrong) {
  const auto gate = read_gate(R"(schema = "weir.gate/1"
primary = "p99_ms"
objectives = ["p99_ms <= 250", "lost == 0"]
[allowed]
p99_ms = "10%"
cpu_s_per_million = 0.05)",
                              "gate.toml");
  ASSERT_TRUE(gate) << to_text(gate.error());
  EXPECT_EQ(gate->rules.primary, "p99_ms");
  EXPECT_EQ(gate->objectives.size(), 2u);
  EXPECT_DOUBLE_EQ(gate->rules.by_name.at("p99_ms"), 0.1);
  EXPECT_DOUBLE_EQ(gate->rules.by_name.at("cpu_s_per_million"), 0.05);
  EXPECT_EQ(read_gate("primry = 1", "g").error().remedy, "did you mean primary?");
  EXPECT_EQ(read_gate("primary = \"p98_ms\"", "g").error().remedy, "did you mean p99_ms?");
  EXPECT_EQ(read_gate("[allowed]\np99_ms = \"110%\"", "g").error().code, Code::kUsage);
  EXPECT_EQ(read_gate("objectives = [3]", "g").error().code, Code::kUsage);
  EXPECT_EQ(read_gate("schema = \"weir.gate/9\"", "g").error().code, Code::kUsage);
  EXPECT_NE(read_gate("x =", "gate.toml").error().what.find("gate.toml:1"), std::string::npos);
}

TEST(Gate, ObjectivesAreHeldAgainstTheWholeInterval) {
  Sides sides = pairs(7, 1, 0.02);
  const auto check = [&](const char* expr) {
    const auto gate = read_gate(std::string("objectives = [\"") + expr + "\"]", "g");
    return judge_gate(*gate, *compare_runs(sides.before, sides.after, {}), sides.after)[0];
  };
  EXPECT_EQ(check("p99_ms <= 250").fate, Fate::kPassed);
  EXPECT_EQ(check("p99_ms <= 150").fate, Fate::kFailed);
  EXPECT_EQ(check("p99_ms <= 200").fate, Fate::kUnsure);
  EXPECT_EQ(check("lost == 0").fate, Fate::kPassed);
  sides.after[2].result.load->steps[0].audit.lost = 3;
  EXPECT_EQ(check("lost == 0").fate, Fate::kFailed);
  EXPECT_EQ(check("first_output_s <= 3").fate, Fate::kUnsure);
}

TEST(Answer, IsWrittenForPeopleAndPrograms) {
  const auto gate = read_gate("objectives = [\"p99_ms <= 150\"]", "g");
  Answer answer = answer_of(pairs(7, 1.2, 0.03), *gate);
  answer.command = "weir compare <a> \"b\"";
  const std::string text = terminal_text(answer), page = markdown(answer), xml = junit(answer);
  EXPECT_NE(text.find("worse"), std::string::npos);
  EXPECT_NE(text.find("objective p99_ms <= 150: missed"), std::string::npos) << text;
  EXPECT_NE(page.find("❌ worse"), std::string::npos);
  EXPECT_NE(xml.find("tests=\"2\" failures=\"2\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("p99_ms &lt;= 150"), std::string::npos);
  EXPECT_NE(to_json(answer).find("\"schema\": \"weir.compare/1\""), std::string::npos);
}

}  // namespace
}  // namespace weir::compare
