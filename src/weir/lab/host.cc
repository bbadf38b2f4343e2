#include "weir/lab/host.h"

#include "weir/lab/apache_broker.h"
#include "weir/lab/embedded_broker.h"
#include "weir/lab/external_engine.h"
#include "weir/lab/foreign_broker.h"
#include "weir/lab/native_engine.h"
#include "weir/lab/seed_engine.h"
#include "weir/lab/spark_engine.h"

namespace weir::lab {

Result<std::unique_ptr<BrokerHost>> open_broker(const HostContext& context) {
  const std::string& kind = context.plan.broker;
  if (kind == "embedded" || context.discard) return std::make_unique<EmbeddedBroker>(context);
  if (kind == "apache") return WEIR_TRY(ApacheBroker::open(context));
  if (kind.find(':') != std::string::npos) return ForeignBroker::open(context);
  return fail(Code::kUsage, "target.broker cannot be " + kind, "this weir cannot use it",
              "leave it out for the embedded broker");
}

Result<std::unique_ptr<EngineHost>> open_engine(const HostContext& context) {
  const std::string& kind = context.plan.engine;
  if (kind == "native") return std::make_unique<NativeEngine>(context);
  if (kind == "spark") return SparkEngine::open(context);
  if (kind == "external") return ExternalEngine::open(context);
  if (kind == "seed") return open_seed_engine(context);
  return fail(Code::kUsage, "target.engine cannot be " + kind, "this weir cannot use it",
              "leave it out for weir's own engine");
}

}  // namespace weir::lab
