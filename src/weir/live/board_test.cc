#include "weir/live/board.h"

#include <gmock/gmock.h>

#include "weir/live/metrics.h"
#include "weir/live/snapshot.h"

namespace weir::live {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr Nanos kStart = nanos_from_seconds(1'700'000'000);

About about() {
  return {"run-1", "all", "weir broker", "weir stream", "metrics", "0.1", kStart, 95};
}

// A reading `seconds` after the run's start, with 1,000 events a second of 5 ms each.
Reading reading(double seconds, const std::string& step, double into_step) {
  Reading made;
  made.at = kStart + nanos_from_seconds(seconds);
  made.experiment = "load", made.step = step, made.phase = "load";
  made.offered_eps = made.processed_eps = 1000;
  made.offered = made.processed = uint64_t(into_step * 1000);
  made.latency.record(5000, 250);
  return made;
}

TEST(Board, MakesOnePointASecondOutOfFourReadings) {
  Board board(about());
  for (int i = 0; i <= 12; ++i) board.read(reading(10 + i * 0.25, "1k", i * 0.25));
  const View view = board.view(0);
  ASSERT_EQ(view.points.size(), 4u);  // at 10, 11, 12 and 13 s
  EXPECT_EQ(view.points.back().number, 4u);
  EXPECT_DOUBLE_EQ(view.points.back().at_s, 13);
  EXPECT_DOUBLE_EQ(*view.points.back().p99_ms, 5.0);
  EXPECT_EQ(view.totals.processed, 3000u);
  EXPECT_EQ(view.newest, 4u);
}

TEST(Board, GivesOnlyThePointsAfterTheNumberAskedForAndAllToAPageOfAnotherRun) {
  Board board(about());
  for (int i = 0; i < 5; ++i) board.read(reading(i, "1k", i));
  EXPECT_EQ(board.view(3).points.size(), 2u);
  EXPECT_EQ(board.view(5).points.size(), 0u);
  EXPECT_EQ(board.view(6).points.size(), 5u);
  EXPECT_EQ(board.summary().points.size(), 0u);
}

TEST(Board, SumsTheCountsOfStepsAlsoOfTheSameName) {
  Board board(about());
  board.read(reading(0, "1k", 0));
  board.read(reading(2, "1k", 2));
  board.read(reading(5, "1k", 1));  // the same rate again: its counts begin anew
  board.read(reading(9, "2k", 3));
  const View view = board.view(0);
  EXPECT_EQ(view.totals.processed, 2000u + 1000u + 3000u);
  EXPECT_NE(view.points[1].step, view.points[2].step);
}

TEST(Board, KeepsTheLastHour) {
  Board board(about());
  for (size_t i = 0; i < Board::kPointsMax + 10; ++i)
    board.read(reading(double(i), "1k", double(i)));
  const View view = board.view(0);
  EXPECT_EQ(view.points.size(), Board::kPointsMax);
  EXPECT_EQ(view.points.front().number, 11u);
}

TEST(Board, MakesNoPointsWhileAStepStarts) {
  Board board(about());
  Reading starting = reading(1, "1k", 0);
  starting.phase = "starting";
  board.read(starting);
  EXPECT_TRUE(board.view(0).points.empty());
  EXPECT_EQ(board.view(0).now->phase, "starting");
}

TEST(Board, ShadesAFaultFromInjectionToUndoingAndAddsWhatWasJudged) {
  Board board(about());
  board.read(reading(1, "engine-kill-1", 1));
  Reading hit = reading(2, "engine-kill-1", 2);
  hit.fault = "engine:kill", hit.fault_target = "engine";
  hit.fault_at = kStart + nanos_from_seconds(1.8);
  board.read(hit);
  EXPECT_FALSE(board.view(0).faults.at(0).to_s);
  hit.at = hit.at + nanos_from_seconds(0.25);
  board.read(hit);
  board.read(reading(3, "engine-kill-1", 3));
  run::Fault judged;
  judged.label = "engine-kill-1";
  judged.in_band_s = 1.9;
  board.judge_fault(judged);
  const View view = board.view(0);
  ASSERT_EQ(view.faults.size(), 1u);
  EXPECT_DOUBLE_EQ(view.faults[0].from_s, 1.8);
  EXPECT_DOUBLE_EQ(*view.faults[0].to_s, 3);
  EXPECT_DOUBLE_EQ(*view.faults[0].current_s, 1.9);
  EXPECT_FALSE(view.faults[0].first_output_s);
  EXPECT_EQ(view.totals.faults.at({"engine:kill", "engine"}), 1u);
}

TEST(Board, EndsWhatIsOpenWhenTheRunEnds) {
  Board board(about());
  Reading hit = reading(2, "engine-pause-1", 2);
  hit.fault = "engine:pause";
  board.read(hit);
  board.end({130, "interrupted", "", {}});
  const View view = board.view(0);
  EXPECT_TRUE(view.faults[0].to_s);
  EXPECT_EQ(view.ending->code, 130);
  EXPECT_THAT(metrics_text(view),
              HasSubstr("weir_fault_active{fault=\"engine:pause\",target=\"\"} 0\n"));
}

TEST(Snapshot, SaysWhatKeepsUpAndWhatFallsBehind) {
  Board board(about());
  EXPECT_EQ(verdict_so_far(board.summary()), "");
  board.judge({"load", "300k", "keeps_up", 300'000, 299'900, 4.4, 18});
  board.judge({"load", "100k", "keeps_up", 100'000, 100'000, 3.2, 8.4});
  EXPECT_EQ(verdict_so_far(board.summary()), "keeps up at 300 k ev/s");
  board.judge({"load", "400k", "falls_behind", 400'000, 371'200, {}, {}});
  board.judge({"scale", "4p-2w", "falls_behind", 375'000, 350'000, {}, {}});
  EXPECT_EQ(verdict_so_far(board.summary()), "keeps up at 300 k ev/s, falls behind at 400 k ev/s");
}

TEST(Snapshot, WritesWhatIsNotKnownAsNullAndForeignBytesAsReplacements) {
  About strange = about();
  strange.broker = "broker \xff\"<script>";
  Board board(strange);
  Reading silent = reading(1, "1k", 1);
  silent.latency.clear();
  board.read(silent);
  const std::string json = snapshot_json(board.view(0));
  EXPECT_THAT(json, HasSubstr("\"p99\":[null]"));
  EXPECT_THAT(json, HasSubstr("broker \xEF\xBF\xBD\\\"<script>"));
  EXPECT_THAT(json, Not(HasSubstr("\n")));
  EXPECT_THAT(json, HasSubstr("\"ended\":null"));
}

TEST(Metrics, CountsLatencyInCumulativeBucketsThatEndWithEverything) {
  Board board(about());
  Reading made = reading(1, "1k", 1);
  made.latency.clear();
  made.latency.record(1000, 3);  // exactly on a bound: inside it
  made.latency.record(1001, 2);
  made.latency.record(90'000'000, 1);
  made.latency.record(200'000'000, 1);  // above every bound
  board.read(made);
  const std::string text = metrics_text(board.summary());
  EXPECT_THAT(text, HasSubstr("weir_event_latency_seconds_bucket{le=\"0.001\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("weir_event_latency_seconds_bucket{le=\"0.002\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("weir_event_latency_seconds_bucket{le=\"50\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("weir_event_latency_seconds_bucket{le=\"100\"} 6\n"));
  EXPECT_THAT(text, HasSubstr("weir_event_latency_seconds_bucket{le=\"+Inf\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("weir_event_latency_seconds_count 7\n"));
}

TEST(Metrics, EscapesLabels) {
  About strange = about();
  strange.engine = "a \"b\"\\c\nd";
  EXPECT_THAT(metrics_text(Board(strange).summary()), HasSubstr("engine=\"a \\\"b\\\"\\\\c\\nd\""));
}

}  // namespace
}  // namespace weir::live
