// Faults of the link, the disk and the checkpoint: a real proxy and real processes, fake hosts.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>
#include <thread>

#include "weir/lab/fake_hosts.h"
#include "weir/lab/fault_plan.h"
#include "weir/proxy/fake_server.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

// Sends Produce requests over the link, one after the other's echo, and connects again when it is
// cut off: what an engine does all the time.
class Talker {
 public:
  explicit Talker(const Address& link) : link_(link), thread_([this] { run(); }) {}
  ~Talker() {
    stopping_ = true;
    thread_.join();
  }

 private:
  void run() {
    while (!stopping_) {
      Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_port = htons(link_.port);
      where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (connect(fd.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0) talk(fd);
    }
  }
  void talk(const Fd& fd) {
    // Its echo, read as an answer, has the correlation 3: the version.
    const std::string frame = proxy::request(0, 3, 20'000);
    const timeval patience{0, 50'000};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string echo(frame.size(), '\0');
    while (!stopping_) {
      if (::send(fd.get(), frame.data(), frame.size(), MSG_NOSIGNAL) < 0) return;
      for (size_t got = 0; got < frame.size() && !stopping_;) {
        const ssize_t n = ::recv(fd.get(), echo.data(), frame.size() - got, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) return;
        got += size_t(std::max<ssize_t>(n, 0));
      }
    }
  }

  const Address link_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

class LinkFaultTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "weir-link-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    broker_.data = folder_ + "/data";
    fs::create_directory(broker_.data);
    guard_.emplace(Guard::start(own_program(), folder_ + "/undo.jsonl").value());
    ASSERT_TRUE(link_->lead_to(server_.address()));
  }
  void TearDown() override {
    guard_.reset();
    broker_.child.reset();
    fs::remove_all(folder_);
  }

  FaultSpec spec(const std::string& kind) {
    FaultSpec spec;
    spec.kind = kind;
    spec.pause = nanos_from_millis(30);
    spec.delay = nanos_from_millis(40);
    spec.after = nanos_from_millis(150);  // so that the usual is seen before
    return spec;
  }
  // Runs one fault to its end.
  FaultTimes run(const FaultSpec& spec) {
    Injector injector(spec, clock_.now(), Nanos(0));
    const Nanos limit = clock_.now() + nanos_from_seconds(60);
    while (!injector.done() && clock_.now() < limit) {
      const FaultTargets targets{broker_, engine_, observer_, *guard_,    folder_ + "/log",
                                 nullptr, {},      "events",  link_.get()};
      if (auto stepped = injector.step(targets, clock_); !stepped) {
        ADD_FAILURE() << to_text(stepped.error());
        break;
      }
      clock_.sleep_until(clock_.now() + nanos_from_millis(1));
    }
    EXPECT_TRUE(injector.done());
    return injector.times();
  }
  void expect_effect(const FaultTimes& times, const std::string& words) {
    EXPECT_EQ(times.problem, "");
    EXPECT_NE(times.proof.find(words), std::string::npos) << times.proof;
    ASSERT_TRUE(times.death_proved && times.restarted) << times.proof;
    EXPECT_GT(*times.restarted, *times.death_proved);
    EXPECT_FALSE(times.noticed);
  }

  std::string folder_;
  SystemClock clock_{Anchor::take()};
  proxy::Echo server_;
  std::unique_ptr<proxy::LinkProxy> link_ = proxy::LinkProxy::start().value();
  FakeBroker broker_;
  FakeEngine engine_;
  FakeObserver observer_;
  std::optional<Guard> guard_;
};

TEST_F(LinkFaultTest, ACutIsProvedByAConnectionThatIsReset) {
  const Talker engine(link_->address());
  expect_effect(run(spec("link:cut")), "reset");
}

TEST_F(LinkFaultTest, ABlackholeIsProvedByARequestWithoutAnswer) {
  const Talker engine(link_->address());
  FaultSpec fault = spec("link:cut");
  fault.cut = "blackhole";
  const FaultTimes times = run(fault);
  expect_effect(times, "no answer in 200 ms");
  EXPECT_GE(*times.death_proved - *times.injected, nanos_from_millis(200));
}

TEST_F(LinkFaultTest, ADelayIsProvedByARoundTrip) {
  const Talker engine(link_->address());
  expect_effect(run(spec("link:delay")), "ms there and back, ");
}

TEST_F(LinkFaultTest, AThrottleIsProvedByWhatPasses) {
  const Talker engine(link_->address());
  expect_effect(run(spec("link:throttle")), "kB/s towards the engine");
}

TEST_F(LinkFaultTest, AThrottleOfNothingDoesNotCount) {
  const FaultTimes times = run(spec("link:throttle"));
  EXPECT_NE(times.problem.find("nothing passed"), std::string::npos) << times.problem;
}

TEST_F(LinkFaultTest, ASlowSinkIsProvedByALateAnswerToAProduceRequest) {
  const Talker engine(link_->address());
  expect_effect(run(spec("sink:slow")), "a Produce request was answered after 4");
}

TEST_F(LinkFaultTest, AfterAnyOfThemTheLinkIsAsBefore) {
  for (const char* kind : {"link:cut", "link:delay", "sink:slow"}) {
    const Talker engine(link_->address());
    run(spec(kind));
    const auto before = link_->counts();
    const Nanos limit = clock_.now() + nanos_from_seconds(20);
    while (link_->counts().produces < before.produces + 20) ASSERT_LT(clock_.now(), limit) << kind;
    EXPECT_LT(link_->counts().latest_produce, nanos_from_millis(40)) << kind;
  }
}

TEST_F(LinkFaultTest, AFullDiskIsProvedByFilesThatNoLongerGrow) {
  // Goes on after a write that failed, as a broker does that ignores SIGXFSZ.
  Spawn spawn;
  spawn.arguments = {
      "/bin/sh", "-c",
      "trap '' XFSZ; while :; do echo x; done 2>/dev/null >> " + broker_.data + "/log"};
  broker_.child.emplace(Child::start(spawn).value());
  broker_.is_ready = true;
  const FaultTimes times = run(spec("disk:full"));
  expect_effect(times, "grew by 0 bytes in 500 ms");
  EXPECT_EQ(broker_.restarts, 1);
}

TEST_F(LinkFaultTest, ABrokerThatGivesUpOnAFullDiskIsStartedAgain) {
  Spawn spawn;
  spawn.arguments = {"/bin/sh", "-c",
                     "exec >> " + broker_.data + "/log; while echo x; do :; done 2>/dev/null"};
  broker_.child.emplace(Child::start(spawn).value());
  broker_.is_ready = true;
  const FaultTimes times = run(spec("disk:full"));
  EXPECT_NE(times.proof.find("ended with status"), std::string::npos) << times.proof;
  EXPECT_TRUE(times.noticed && times.restarted);
  EXPECT_EQ(broker_.restarts, 1);
}

TEST_F(LinkFaultTest, ALostCheckpointIsTakenWhileTheEngineIsDown) {
  engine_.is_ready = true;
  const FaultTimes times = run(spec("checkpoint:lose"));
  EXPECT_NE(times.proof.find("gone, then its checkpoint"), std::string::npos) << times.proof;
  EXPECT_EQ(engine_.lost_checkpoints, 1);
  EXPECT_EQ(engine_.restarts, 1);
  EXPECT_TRUE(times.restarted);
}

TEST(FaultPlanOfLinks, RefusesWhatTheTargetCannotHaveAndSaysWhatToDo) {
  const auto refusal = [](const Plan& plan) {
    const auto checked = check_faults(plan);
    if (checked) return std::string();
    EXPECT_EQ(checked.error().code, Code::kUsage);
    EXPECT_NE(checked.error().why, "");
    EXPECT_NE(checked.error().remedy, "");
    return checked.error().what;
  };
  for (const char* kind : {"link:cut", "link:delay", "link:throttle", "sink:slow", "disk:full"}) {
    Plan plan;
    plan.fault_kinds = {kind};
    EXPECT_EQ(refusal(plan), "") << kind;
    plan.broker = "kafka-1:9092";
    EXPECT_NE(refusal(plan), "") << kind;
  }
  Plan plan;
  plan.fault_kinds = {"checkpoint:lose"};
  EXPECT_EQ(refusal(plan), "");
  plan.engine = "spark";
  EXPECT_EQ(refusal(plan), "");
  plan.engine = "external";
  EXPECT_NE(refusal(plan), "");
  plan.fault_kinds = {"sink:slow"};
  plan.engine = "seed";
  EXPECT_NE(refusal(plan), "");
}

TEST(FaultPlanOfLinks, ReadsCutDelayAndThrottle) {
  Plan plan;
  ASSERT_TRUE(set_key("faults.cut=blackhole", plan));
  ASSERT_TRUE(set_key("faults.delay=20ms", plan));
  ASSERT_TRUE(set_key("faults.throttle=500000", plan));
  const FaultSpec spec = fault_spec(plan, "link:cut", 1);
  EXPECT_EQ(spec.cut, "blackhole");
  EXPECT_EQ(spec.delay, nanos_from_millis(20));
  EXPECT_EQ(spec.throttle, 500'000);
  for (const char* wrong : {"faults.cut=scissors", "faults.delay=0s", "faults.throttle=3"}) {
    Plan other;
    ASSERT_TRUE(set_key(wrong, other));
    EXPECT_FALSE(check_faults(other)) << wrong;
  }
}

TEST(FaultPlanOfLinks, PoisonInATopicOfSomebodyElseNeedsPermission) {
  Plan plan;
  plan.fault_kinds = {"event:poison"};
  EXPECT_TRUE(faults_on_others(plan).empty());
  plan.input_topic = "orders";
  EXPECT_EQ(faults_on_others(plan).size(), 1u);
}

}  // namespace
}  // namespace weir::lab
