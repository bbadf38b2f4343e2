#include "weir/kafka/groups.h"

#include "weir/kafka/native_groups.h"
#include "weir/kafka/native_settings.h"
#include "weir/kafka/rdkafka_client.h"

namespace weir::kafka {

Result<std::unique_ptr<Groups>> Groups::open(const ClientConfig& client) {
  if (WEIR_TRY(choose_back_end(client)) == BackEnd::kNative) return NativeGroups::open(client);
  return open_rdkafka_groups(client);
}

}  // namespace weir::kafka
