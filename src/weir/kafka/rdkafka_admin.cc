#include <librdkafka/rdkafka.h>

#include "weir/kafka/admin.h"
#include "weir/kafka/rdkafka_client.h"
#include "weir/kafka/rdkafka_handle.h"

namespace weir::kafka {
namespace {

// A request's own limit ends before the wait for its answer does.
constexpr int kSlackMs = 1000;

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

std::string describe(const std::vector<BrokerFound>& brokers) {
  std::string text =
      std::to_string(brokers.size()) + (brokers.size() == 1 ? " broker:" : " brokers:");
  const char* between = " ";
  for (const auto& broker : brokers) {
    text += between + broker.address;
    between = ", ";
  }
  return text;
}

class RdAdmin final : public Admin {
 public:
  RdAdmin(std::unique_ptr<RdHandle> handle, std::string description)
      : handle_(std::move(handle)), description_(std::move(description)) {}

  Status create_topic(const std::string& name, int32_t partitions, int32_t replication,
                      const std::map<std::string, std::string>& config) override {
    char text[512] = "";
    const Owned<rd_kafka_NewTopic_t> topic(
        rd_kafka_NewTopic_new(name.c_str(), partitions, replication, text, sizeof text),
        rd_kafka_NewTopic_destroy);
    if (!topic)
      return fail(Code::kUsage, "no such topic can be created: " + name, text,
                  "give a name, at least one partition and a replication factor");
    for (const auto& [key, value] : config)
      rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
    rd_kafka_NewTopic_t* list[] = {topic.get()};
    const auto queue = new_queue();
    const auto options = new_options(RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_CreateTopics(handle_->get(), list, 1, options.get(), queue.get());
    return answer(
        queue.get(), "creating topic " + name, [](const rd_kafka_event_t* event, size_t* n) {
          return rd_kafka_CreateTopics_result_topics(
              rd_kafka_event_CreateTopics_result(const_cast<rd_kafka_event_t*>(event)), n);
        });
  }

  Status delete_topic(const std::string& name) override {
    const Owned<rd_kafka_DeleteTopic_t> topic(rd_kafka_DeleteTopic_new(name.c_str()),
                                              rd_kafka_DeleteTopic_destroy);
    rd_kafka_DeleteTopic_t* list[] = {topic.get()};
    const auto queue = new_queue();
    const auto options = new_options(RD_KAFKA_ADMIN_OP_DELETETOPICS);
    rd_kafka_DeleteTopics(handle_->get(), list, 1, options.get(), queue.get());
    return answer(
        queue.get(), "deleting topic " + name, [](const rd_kafka_event_t* event, size_t* n) {
          return rd_kafka_DeleteTopics_result_topics(
              rd_kafka_event_DeleteTopics_result(const_cast<rd_kafka_event_t*>(event)), n);
        });
  }

  Result<std::vector<TopicInfo>> topics() override { return handle_->topics(); }
  Result<TopicInfo> topic(const std::string& name) override { return handle_->topic(name); }

  // ListOffsets takes the end and the start as timestamps -1 and -2; librdkafka passes them on, one
  // request for all partitions of a broker.
  Result<std::vector<Offset>> end_offsets(const std::string& topic) override {
    return offsets(topic, RD_KAFKA_OFFSET_END);
  }
  Result<std::vector<Offset>> start_offsets(const std::string& topic) override {
    return offsets(topic, RD_KAFKA_OFFSET_BEGINNING);
  }

  Result<ClusterInfo> cluster() override {
    const auto brokers = WEIR_TRY(handle_->brokers_found());
    ClusterInfo info{.brokers = int32_t(brokers.size()), .settings = {}};
    if (brokers.empty()) return info;
    const std::string id = std::to_string(brokers[0].id);
    const Owned<rd_kafka_ConfigResource_t> resource(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, id.c_str()),
        rd_kafka_ConfigResource_destroy);
    rd_kafka_ConfigResource_t* list[] = {resource.get()};
    const auto queue = new_queue();
    const auto options = new_options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_DescribeConfigs(handle_->get(), list, 1, options.get(), queue.get());
    const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), kReachMs + kSlackMs),
                                        rd_kafka_event_destroy);
    if (!event || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return info;
    size_t n = 0;
    const auto* found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &n);
    for (size_t i = 0; i < n; ++i) {
      size_t entries = 0;
      const auto* configs = rd_kafka_ConfigResource_configs(found[i], &entries);
      for (size_t k = 0; k < entries; ++k)
        if (const char* value = rd_kafka_ConfigEntry_value(configs[k]);
            value && !rd_kafka_ConfigEntry_is_sensitive(configs[k]))
          info.settings[rd_kafka_ConfigEntry_name(configs[k])] = value;
    }
    return info;
  }

  std::string broker_description() const override { return description_; }

 private:
  Owned<rd_kafka_queue_t> new_queue() const {
    return {rd_kafka_queue_new(handle_->get()), rd_kafka_queue_destroy};
  }
  Owned<rd_kafka_AdminOptions_t> new_options(rd_kafka_admin_op_t operation) const {
    Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(handle_->get(), operation),
                                           rd_kafka_AdminOptions_destroy);
    char text[256];
    rd_kafka_AdminOptions_set_request_timeout(options.get(), kReachMs, text, sizeof text);
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), kReachMs, text, sizeof text);
    return options;
  }

  template <class Topics>
  Status answer(rd_kafka_queue_t* queue, const std::string& doing, Topics topics_of) {
    const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue, kReachMs + kSlackMs),
                                        rd_kafka_event_destroy);
    if (!event) return tl::unexpected(handle_->error(RD_KAFKA_RESP_ERR__TIMED_OUT, doing));
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected(handle_->error(rd_kafka_event_error(event.get()), doing));
    size_t n = 0;
    const rd_kafka_topic_result_t** results = topics_of(event.get(), &n);
    for (size_t i = 0; i < n; ++i) {
      const auto code = rd_kafka_topic_result_error(results[i]);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      Error error = handle_->error(code, doing);
      if (const char* said = rd_kafka_topic_result_error_string(results[i])) error.why = said;
      return tl::unexpected(std::move(error));
    }
    return {};
  }

  Result<std::vector<Offset>> offsets(const std::string& topic, int64_t which) {
    const TopicInfo info = WEIR_TRY(handle_->topic(topic));
    const Owned<rd_kafka_topic_partition_list_t> list(
        rd_kafka_topic_partition_list_new(info.partitions), rd_kafka_topic_partition_list_destroy);
    for (int32_t p = 0; p < info.partitions; ++p)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = which;
    const std::string doing = "asking for the offsets of topic " + topic;
    const auto code = rd_kafka_offsets_for_times(handle_->get(), list.get(), kReachMs);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(handle_->error(code, doing));
    std::vector<Offset> offsets(size_t(info.partitions), Offset(0));
    for (int i = 0; i < list->cnt; ++i) {
      const auto& at = list->elems[i];
      if (at.err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return tl::unexpected(handle_->error(at.err, doing));
      offsets[size_t(at.partition)] = Offset(at.offset);
    }
    return offsets;
  }

  std::unique_ptr<RdHandle> handle_;
  std::string description_;
};

}  // namespace

Result<std::unique_ptr<Admin>> open_rdkafka_admin(const ClientConfig& client) {
  auto handle = WEIR_TRY(
      RdHandle::create(RD_KAFKA_CONSUMER, client, {{"isolation.level", "read_committed"}}));
  std::string description = describe(WEIR_TRY(handle->brokers_found()));
  return std::make_unique<RdAdmin>(std::move(handle), std::move(description));
}

}  // namespace weir::kafka
