// Faults on real processes behind fake hosts, whose answers a test scripts.
#include "weir/lab/fault.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "weir/lab/fake_hosts.h"
#include "weir/lab/fault_plan.h"
#include "weir/lab/spark_processes.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

class FaultTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "weir-fault-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directory(folder_ + "/log");
    start_guard(folder_ + "/undo.jsonl");
  }
  void TearDown() override {
    guard_.reset();
    fs::remove_all(folder_);
  }

  void start_guard(const std::string& journal) {
    guard_.reset();
    guard_.emplace(Guard::start(own_program(), journal).value());
  }
  FaultTargets targets() {
    return {broker_, engine_, observer_, *guard_, folder_ + "/faults.log", &producer_, [this] {
              ++producers_;
              producer_ = sleeper();
              return Status{};
            }};
  }
  FaultSpec spec(const std::string& kind) {
    FaultSpec spec;
    spec.kind = kind;
    spec.pause = nanos_from_millis(30);
    return spec;
  }
  // A named fault that is in effect while the file `broken` is there.
  FaultSpec named() {
    FaultSpec named = spec("link:break");
    named.named = NamedFault{"link",
                             "touch " + folder_ + "/broken",
                             "test -e " + folder_ + "/broken",
                             "rm -f " + folder_ + "/broken",
                             {},
                             nanos_from_seconds(30)};
    return named;
  }
  bool is_broken() const { return fs::exists(folder_ + "/broken"); }

  // Steps until `until` says so; false when a step fails or a minute is over.
  template <class F>
  bool step(Injector& injector, F&& until) {
    const Nanos limit = clock_.now() + nanos_from_seconds(60);
    while (!until()) {
      if (auto stepped = injector.step(targets(), clock_); !stepped) {
        ADD_FAILURE() << to_text(stepped.error());
        return false;
      }
      if (clock_.now() > limit) return false;
      clock_.sleep_until(clock_.now() + nanos_from_millis(1));
    }
    return true;
  }
  UndoState state_of_first_undo() const {
    return read_undo_journal(folder_ + "/undo.jsonl").value().at(0).state;
  }

  std::string folder_;
  SystemClock clock_{Anchor::take()};
  FakeBroker broker_;
  FakeEngine engine_;
  FakeObserver observer_;
  Child producer_ = sleeper();
  int producers_ = 1;
  std::optional<Guard> guard_;
};

TEST_F(FaultTest, AKilledBrokerIsRestartedAndBackOnceItAnswers) {
  Injector injector(spec("broker:kill"), clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return broker_.restarts == 1; }));
  EXPECT_EQ(injector.times().old_exit, std::nullopt);
  ASSERT_TRUE(injector.step(targets(), clock_));
  EXPECT_FALSE(injector.done());
  EXPECT_FALSE(injector.times().restarted);
  broker_.is_ready = true;
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  ASSERT_TRUE(injector.step(targets(), clock_));
  const FaultTimes& times = injector.times();
  EXPECT_LE(*times.injected, *times.death_proved);
  EXPECT_LE(*times.death_proved, *times.noticed);
  EXPECT_LT(*times.noticed, *times.restarted);
  EXPECT_EQ(times.old_exit, 128 + SIGKILL);
  EXPECT_NE(times.proof.find("gone"), std::string::npos) << times.proof;
  EXPECT_EQ(times.problem, "");
}

TEST_F(FaultTest, ARestartWaitsForItsDelay) {
  FaultSpec late = spec("engine:kill");
  late.restart_delay = nanos_from_millis(40);
  engine_.is_ready = true;
  Injector injector(late, clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_GE(*injector.times().restarted - *injector.times().noticed, late.restart_delay);
}

TEST_F(FaultTest, AStoppedEngineIsAskedToEnd) {
  engine_.is_ready = true;
  Injector injector(spec("engine:stop"), clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  ASSERT_TRUE(injector.step(targets(), clock_));
  EXPECT_EQ(injector.times().old_exit, 128 + SIGTERM);
  EXPECT_EQ(engine_.restarts, 1);
}

TEST_F(FaultTest, APausedProcessIsStoppedAndGoesOn) {
  for (const char* kind : {"engine:pause", "broker:pause"}) {
    Injector injector(spec(kind), clock_.now(), Nanos(0));
    ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
    EXPECT_FALSE(injector.times().noticed);
    EXPECT_GE(*injector.times().undone - *injector.times().injected, nanos_from_millis(30));
  }
  EXPECT_EQ(state_of(engine_.child->id()), ProcessState::kRunning);
  EXPECT_EQ(state_of(broker_.child->id()), ProcessState::kRunning);
  EXPECT_EQ(engine_.restarts + broker_.restarts, 0);
}

TEST_F(FaultTest, AZombieWakesOnlyOnceItsReplacementIsAtWork) {
  engine_.is_ready = true;
  Injector injector(spec("engine:zombie"), clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.times().restarted.has_value(); }));
  ASSERT_TRUE(injector.step(targets(), clock_));
  EXPECT_FALSE(injector.done());
  EXPECT_EQ(state_of(engine_.old->id()), ProcessState::kStopped);
  engine_.attempt_now = 2;
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_EQ(state_of(engine_.old->id()), ProcessState::kRunning);
}

TEST_F(FaultTest, AKilledProducerIsFollowedByAnother) {
  Injector injector(spec("producer:kill"), clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_EQ(producers_, 2);
}

TEST_F(FaultTest, ANamedFaultIsProvedHeldAndUndone) {
  FaultSpec fault = named();
  fault.named->hold = nanos_from_millis(60);
  Injector injector(fault, clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.times().death_proved.has_value(); }));
  EXPECT_TRUE(is_broken());
  EXPECT_EQ(state_of_first_undo(), UndoState::kOpen);
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_FALSE(is_broken());
  EXPECT_EQ(state_of_first_undo(), UndoState::kUndone);
  EXPECT_EQ(injector.times().problem, "");
  EXPECT_GE(*injector.times().restarted - *injector.times().death_proved, fault.named->hold);
}

TEST_F(FaultTest, ANamedFaultThatFailsIsUndoneAllTheSame) {
  FaultSpec fault = named();
  fault.named->do_command += "; echo refused; exit 3";
  Injector injector(fault, clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_NE(injector.times().problem.find("do ended with 3"), std::string::npos);
  EXPECT_NE(injector.times().problem.find("refused"), std::string::npos);
  EXPECT_FALSE(is_broken());
}

TEST_F(FaultTest, ANamedFaultWithoutEffectIsUndoneAfterItsLongestTime) {
  FaultSpec fault = named();
  fault.named->check_command = "false";
  fault.named->max = nanos_from_millis(300);
  Injector injector(fault, clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_NE(injector.times().problem, "");
  EXPECT_FALSE(is_broken());
}

TEST_F(FaultTest, AnUndoThatFailsIsTold) {
  FaultSpec fault = named();
  fault.named->undo_command = "echo no route; false";
  Injector injector(fault, clock_.now(), Nanos(0));
  const Nanos limit = clock_.now() + nanos_from_seconds(60);
  Status stepped;
  while (stepped && clock_.now() < limit) {
    stepped = injector.step(targets(), clock_);
    clock_.sleep_until(clock_.now() + nanos_from_millis(1));
  }
  ASSERT_FALSE(stepped);
  EXPECT_NE(to_text(stepped.error()).find("no route"), std::string::npos);
  EXPECT_EQ(state_of_first_undo(), UndoState::kOpen);
  const auto left = guard_->finish();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_NE(left[0].reason.find("no route"), std::string::npos) << left[0].reason;
}

TEST_F(FaultTest, WhenTheStepEndsEarlyTheFaultIsTakenBack) {
  FaultSpec fault = named();
  fault.named->hold = nanos_from_seconds(20);
  Injector injector(fault, clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.times().death_proved.has_value(); }));
  injector.give_up(targets(), "interrupted");
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_FALSE(is_broken());
  EXPECT_EQ(injector.times().problem, "interrupted");
}

TEST_F(FaultTest, NothingIsDoneThatCannotBeJournaled) {
  std::ofstream(folder_ + "/file") << "";
  start_guard(folder_ + "/file/undo.jsonl");
  Injector injector(named(), clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_NE(injector.times().problem.find("undo journal"), std::string::npos);
  EXPECT_FALSE(injector.times().injected);
  EXPECT_FALSE(is_broken());
}

TEST_F(FaultTest, ASickClusterStopsTheFault) {
  const auto conditions = read_stop_conditions({"command:test -e " + folder_ + "/broken"});
  StopConditions stop(*conditions, folder_, {});
  EXPECT_EQ(stop.check_now(), "");
  FaultSpec fault = named();
  fault.named->hold = nanos_from_seconds(25);
  fault.stop = &stop;
  stop.watch();
  Injector injector(fault, clock_.now(), Nanos(0));
  ASSERT_TRUE(step(injector, [&] { return injector.done(); }));
  EXPECT_TRUE(injector.times().problem.starts_with("stopped: ")) << injector.times().problem;
  EXPECT_FALSE(is_broken());
}

TEST(StopConditionsTest, ReadWhatThereIsAndRefuseTheRest) {
  EXPECT_TRUE(read_stop_conditions({"disk_free_gb < 5", "under_replicated > 0", "command:true"}));
  for (const char* wrong :
       {"disk_free_gb", "disk < 5", "disk_free_gb = 5", "command:", "disk_free_gb < 5 GB"})
    EXPECT_FALSE(read_stop_conditions({wrong})) << wrong;
  EXPECT_NE(StopConditions(*read_stop_conditions({"disk_free_gb < 1e9"}), "/", {}).check_now(), "");
  EXPECT_EQ(StopConditions(*read_stop_conditions({"disk_free_gb < 0"}), "/", {}).check_now(), "");
}

TEST(FaultPlan, NamedFaultsSurviveBeingWrittenAndRead) {
  Plan plan;
  const char* const text = R"(schema = "weir.plan/1"
[faults]
kinds = ["broker:unplug"]
[faults.named.unplug]
target = "broker"
do = "ssh b1 \"kill -9 $(cat 'k.pid')\""
check = "! nc -z b1 9092"
undo = "ssh b1 start"
hold_s = 2.5
max_s = 90)";
  ASSERT_TRUE(read_plan(text, "p", plan));
  ASSERT_TRUE(check_plan(plan));
  Plan again;
  ASSERT_TRUE(read_plan(plan_text(plan), "again", again));
  EXPECT_EQ(plan_text(again), plan_text(plan));
  EXPECT_EQ(again.named_faults.at("unplug").do_command, "ssh b1 \"kill -9 $(cat 'k.pid')\"");
  EXPECT_EQ(again.named_faults.at("unplug").hold, nanos_from_millis(2500));
  EXPECT_EQ(faults_on_others(plan).size(), 1u);
  EXPECT_TRUE(faults_on_others(Plan{}).empty());
}

TEST(FaultPlan, RefusesWhatTheTargetCannotHave) {
  const auto refused = [](const Plan& plan) {
    const auto checked = check_faults(plan);
    return !checked && checked.error().code == Code::kUsage;
  };
  Plan plan;
  plan.fault_kinds = {"engine:kil"};
  ASSERT_TRUE(refused(plan));
  EXPECT_NE(check_faults(plan).error().remedy.find("engine:kill"), std::string::npos);
  plan.fault_kinds = {"executor:kill"};
  EXPECT_TRUE(refused(plan));
  plan.engine = "spark";
  EXPECT_TRUE(refused(plan));
  plan.master = "spark://127.0.0.1:7077";
  EXPECT_FALSE(refused(plan));
  plan.fault_kinds = {"worker:kill"};
  EXPECT_FALSE(refused(plan));
  EXPECT_EQ(faults_on_others(plan).size(), 1u);
  plan.fault_kinds = {"engine:zombie"};
  EXPECT_TRUE(refused(plan));
  plan.fault_kinds = {"broker:kill"};
  plan.broker = "kafka-1:9092";
  EXPECT_TRUE(refused(plan));
  settle_fault_kinds(plan);
  EXPECT_TRUE(plan.fault_kinds.empty());
}

TEST(FaultPlan, AnIncompleteNamedFaultIsRefused) {
  Plan plan;
  plan.named_faults["cut"] = {"link", "do", "check", "", {}, nanos_from_seconds(60)};
  EXPECT_FALSE(check_faults(plan));
  plan.named_faults["cut"].undo_command = "undo";
  EXPECT_TRUE(check_faults(plan));
  plan.named_faults["cut"].hold = nanos_from_seconds(61);
  EXPECT_FALSE(check_faults(plan));
}

TEST(FaultPlan, AssuranceSaysHowManyRepetitions) {
  Plan plan;
  EXPECT_EQ(planned_repetitions(plan, false), 5);
  plan.assure = "95/95";
  EXPECT_EQ(planned_repetitions(plan, false), 59);
  EXPECT_EQ(planned_repetitions(plan, true), 59);
  for (const char* wrong : {"95", "95/", "0/95", "95/100", "x/y"}) {
    plan.assure = wrong;
    EXPECT_FALSE(check_faults(plan)) << wrong;
  }
}

TEST(SparkProcesses, ReadAnExecutorsCommandLine) {
  int port = 0;
  const auto executor = executor_of(
      {"java", "-cp", "x", "org.apache.spark.executor.CoarseGrainedExecutorBackend", "--driver-url",
       "spark://CoarseGrainedScheduler@127.0.0.1:41234", "--executor-id", "1", "--hostname",
       "127.0.0.1", "--cores", "1", "--app-id", "app-20260102030405-0000"},
      &port);
  ASSERT_TRUE(executor);
  EXPECT_EQ(executor->application, "app-20260102030405-0000");
  EXPECT_EQ(executor->number, "1");
  EXPECT_EQ(port, 41234);
  EXPECT_FALSE(executor_of({"java", "org.apache.spark.deploy.worker.Worker"}, &port));
  EXPECT_FALSE(executor_of(
      {"org.apache.spark.executor.CoarseGrainedExecutorBackend", "--driver-url"}, &port));
}

}  // namespace
}  // namespace weir::lab
