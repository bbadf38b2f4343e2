#include <librdkafka/rdkafka.h>

#include <cstdio>

#include "apps/weir/cli.h"

namespace weir::cli {
int version_command(Arguments) {
  std::printf("weir %s (GCC %d.%d.%d, librdkafka %s)\n", WEIR_VERSION, __GNUC__, __GNUC_MINOR__,
              __GNUC_PATCHLEVEL__, rd_kafka_version_str());
  return kMet;
}
}  // namespace weir::cli
