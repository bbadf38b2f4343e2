#include "weir/lab/seed_engine.h"

#include <fmt/format.h>

#include <filesystem>

#include "weir/lab/external_engine.h"
#include "weir/lab/seed_job.h"
#include "weir/setup/java.h"
#include "weir/setup/software.h"
#include "weir/sys/disk.h"
#include "weir/sys/process.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

std::string submit_command(const Plan& plan, const std::string& spark_home,
                           const std::string& job) {
  std::string command = "exec " + shell_word(spark_home + "/bin/spark-submit") + " --master ";
  command += plan.master.empty() ? "\"local[$WEIR_PARALLELISM]\"" : shell_word(plan.master);
  command += " --driver-memory " + shell_word(plan.driver_memory);
  auto conf = plan.conf;
  conf.try_emplace("spark.ui.enabled", "false");
  for (const auto& [key, value] : conf) command += " --conf " + shell_word(key + "=" + value);
  return command + " " + shell_word(job) +
         " --brokers \"$WEIR_BROKERS\" --topic \"$WEIR_TOPIC\" --checkpoint \"$WEIR_CHECKPOINT\""
         " --outdir \"file://$WEIR_OUTDIR/" +
         kSeedFolder +
         "\" --command-config \"$WEIR_COMMAND_CONFIG\" --trigger \"$WEIR_TRIGGER_MS milliseconds\" "
         "--starting-offsets earliest";
}

}  // namespace

Result<std::unique_ptr<EngineHost>> open_seed_engine(const HostContext& context) {
  if (context.plan.workload != "metrics")
    return fail(Code::kUsage, "the seed engine has no workload " + context.plan.workload,
                "the origin's job writes no output topic", "leave engine.workload at metrics");
  const auto spark = WEIR_TRY(setup::spark_home());
  const auto java = WEIR_TRY(setup::find_java(setup::kJavaOfSpark));
  const std::string job = fs::absolute(context.data + "/seed_job.py").string();
  WEIR_TRY_IN("seed job", real_disk()->write_whole(job, kSeedJob));
  ExternalEngine::Options options;
  options.start = submit_command(context.plan, spark.home, job);
  options.progress = "checkpoint:$WEIR_CHECKPOINT";
  options.identity.kind = Identity::Kind::kNone;
  options.environment = {{"SPARK_HOME", spark.home}, {"SPARK_LOCAL_IP", "127.0.0.1"}};
  options.environment["JAVA_HOME"] = java.home;
  options.origin_csv = kSeedFolder;
  options.cold_start = kJvmColdStart;
  options.description = "the origin's job on Apache Spark " + spark.version;
  options.guarantee = "at least once";
  options.no_identity =
      "the origin's job keeps no event's id: lost and repeated events cannot be told; load and "
      "recovery are judged from its checkpoint";
  return std::make_unique<ExternalEngine>(context, std::move(options));
}

}  // namespace weir::lab
