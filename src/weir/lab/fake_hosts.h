// Hosts for the tests of faults: real processes, or none, behind scripted answers.
#pragma once
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/lab/fault.h"

namespace weir::lab {

// Guard::start() runs `program guard --journal PATH`: here this test's own program.
[[maybe_unused]] inline const bool kIsNoGuard = [] {
  std::ifstream in("/proc/self/cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(word);
  if (words.size() > 1 && words[1] == "guard")
    _exit(run_guard(STDIN_FILENO, STDOUT_FILENO, words.size() > 3 ? words[3] : ""));
  return true;
}();

inline Child sleeper() {
  Spawn spawn;
  spawn.arguments = {"/bin/sh", "-c", "exec tail -f /dev/null"};
  return Child::start(spawn).value();
}

class FakeBroker : public BrokerHost {
 public:
  Status begin_step(const StepPlace&) override { return {}; }
  Result<bool> ready() override { return is_ready; }
  void end_step() override {}
  const kafka::ClientConfig& client() const override { return config; }
  std::string topic_prefix() const override { return ""; }
  Child* process() override { return child ? &*child : nullptr; }
  NamedProcesses processes() override { return {}; }
  Status restart() override {
    ++restarts;
    child.emplace(sleeper());
    return {};
  }
  std::string data_folder() const override { return data; }
  std::string description() const override { return "fake"; }
  bool durable() const override { return true; }

  std::optional<Child> child = sleeper();
  kafka::ClientConfig config{"fake:9092", {}, "weir"};
  std::string data;
  bool is_ready = false;
  int restarts = 0;
};

class FakeObserver : public Observer {
 public:
  void set_origin(Nanos) override {}
  uint64_t distinct() const override { return 0; }
  int64_t attempt_ready() const override { return 0; }
  Observations snapshot() const override { return {}; }
  std::vector<Visible> results_since(size_t) const override { return {}; }
  void stop() override {}
  AuditReport judge(const std::vector<Ledger>&, bool) const override { return {}; }
  Status write_seen(const std::string&) const override { return {}; }
};

class FakeEngine : public EngineHost {
 public:
  Result<std::unique_ptr<Observer>> observe(const Query&) override {
    return std::make_unique<FakeObserver>();
  }
  Status start(const Query&, const StepPlace&) override { return {}; }
  Result<bool> ready(const Observer&) override { return is_ready; }
  int64_t attempt(const Observer&) const override { return attempt_now; }
  std::string trouble() override { return ""; }
  void stop_query() override {}
  Child* process() override { return child ? &*child : nullptr; }
  NamedProcesses processes() override { return {}; }
  Status restart() override {
    ++restarts;
    child.emplace(sleeper());
    return {};
  }
  Result<std::string> lose_checkpoint() override {
    ++lost_checkpoints;
    return "its checkpoint taken away";
  }
  Status replace() override {
    old = std::move(child);
    return restart();
  }
  Child* old_process() override { return old ? &*old : nullptr; }
  std::string description() const override { return "fake"; }
  std::string guarantee(const std::string&) const override { return "none"; }

  std::optional<Child> child = sleeper(), old;
  bool is_ready = false;
  int64_t attempt_now = 1;
  int restarts = 0, lost_checkpoints = 0;
};

}  // namespace weir::lab
