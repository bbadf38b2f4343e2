// One Spark, one guard and one broker for all tests of the program; a folder of its own, removed at
// the end. Where Spark cannot be had the program ends with 77, skipped; under CI=true it fails.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "weir/lab/guard.h"
#include "weir/lab/host.h"
#include "weir/lab/step.h"
#include "weir/run/folder.h"
#include "weir/sys/clock.h"

namespace weir::peer {

// Waits up to `limit` until `done`; false when it never was.
bool wait_until(const std::function<bool()>& done, Nanos limit = nanos_from_seconds(120));

// What all tests share; made by the first.
struct World {
  static World& get();
  // Before the last test's results are told: ends Spark and the broker, removes the folder.
  static void end();

  World();
  ~World();
  lab::HostContext host();
  lab::Lab lab();

  std::string base;
  SystemClock clock{Anchor::take()};
  lab::Plan plan;
  std::optional<run::Folder> folder;
  std::optional<lab::Guard> guard;
  std::unique_ptr<lab::BrokerHost> broker;
  std::unique_ptr<lab::EngineHost> spark;
};

class Spark : public testing::Test {
 protected:
  World& world_ = World::get();
  void TearDown() override;
  // A folder below the run's for what one query keeps, and its place there.
  lab::StepPlace place(const std::string& label);
  // Starts the world's broker, up to the end of the test; a query on it with fresh topics <label>
  // and <label>.weir-out.
  lab::Query query(const std::string& label, const std::string& workload, int32_t partitions = 2);
  // Starts the query and waits until it runs; the error when it does not.
  Result<std::unique_ptr<lab::Observer>> start(lab::EngineHost& engine, const lab::Query& query,
                                               const lab::StepPlace& place);

 private:
  bool has_broker_ = false;
};

// Runs weir with these arguments to its end; its exit status.
int run_weir(std::vector<std::string> arguments, Nanos limit = nanos_from_seconds(60));

}  // namespace weir::peer
