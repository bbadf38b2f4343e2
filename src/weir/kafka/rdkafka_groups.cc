#include <librdkafka/rdkafka.h>

#include "weir/kafka/groups.h"
#include "weir/kafka/rdkafka_client.h"
#include "weir/kafka/rdkafka_handle.h"

namespace weir::kafka {
namespace {

// librdkafka reads a group's offsets only through a client of that group; one that subscribes to
// nothing never joins it. Therefore a handle per group asked for.
class RdGroups final : public Groups {
 public:
  RdGroups(ClientConfig client, std::unique_ptr<RdHandle> handle)
      : client_(std::move(client)), handle_(std::move(handle)) {}

  Result<std::vector<Offset>> committed_offsets(const std::string& group, const std::string& topic,
                                                int32_t partitions) override {
    const RdHandle* of_group = WEIR_TRY(handle_of(group));
    const std::unique_ptr<rd_kafka_topic_partition_list_t,
                          void (*)(rd_kafka_topic_partition_list_t*)>
        list(rd_kafka_topic_partition_list_new(partitions), rd_kafka_topic_partition_list_destroy);
    for (int32_t p = 0; p < partitions; ++p)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
    const std::string doing = "asking for the offsets of group " + group;
    const auto code = rd_kafka_committed(of_group->get(), list.get(), kReachMs);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(of_group->error(code, doing));
    std::vector<Offset> offsets(size_t(partitions), Offset(-1));
    for (int i = 0; i < list->cnt; ++i) {
      const auto& at = list->elems[i];
      if (at.err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return tl::unexpected(of_group->error(at.err, doing));
      if (at.offset >= 0) offsets[size_t(at.partition)] = Offset(at.offset);
    }
    return offsets;
  }

  Result<int> settled_members(const std::string& group) override {
    const struct rd_kafka_group_list* list = nullptr;
    const auto code = rd_kafka_list_groups(handle_->get(), group.c_str(), &list, kReachMs);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected(handle_->error(code, "looking at group " + group));
    int members = 0;
    for (int i = 0; i < list->group_cnt; ++i)
      if (std::string_view(list->groups[i].state) == "Stable") members = list->groups[i].member_cnt;
    rd_kafka_group_list_destroy(list);
    return members;
  }

 private:
  Result<const RdHandle*> handle_of(const std::string& group) {
    if (!of_group_ || group_ != group) {
      of_group_ = WEIR_TRY(RdHandle::create(
          RD_KAFKA_CONSUMER, client_, {{"group.id", group}, {"enable.auto.commit", "false"}}));
      group_ = group;
    }
    return of_group_.get();
  }

  const ClientConfig client_;
  std::unique_ptr<RdHandle> handle_, of_group_;
  std::string group_;
};

}  // namespace

Result<std::unique_ptr<Groups>> open_rdkafka_groups(const ClientConfig& client) {
  auto handle = WEIR_TRY(RdHandle::create(RD_KAFKA_CONSUMER, client, {}));
  WEIR_TRY(handle->topics());
  return std::make_unique<RdGroups>(client, std::move(handle));
}

}  // namespace weir::kafka
