#include "weir/kafka/rdkafka_handle.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "weir/kafka/failures.h"
#include "weir/kafka/secrets.h"

namespace weir::kafka {
namespace {

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  constexpr int kSyslogWarning = 4;
  // CONFWARN: a setting of producers given to a consumer, or the like.
  if (level > kSyslogWarning || std::string_view(facility) == "CONFWARN") return;
  static_cast<Journal*>(rd_kafka_opaque(client))->complain(text);
}
void on_error(rd_kafka_t*, int code, const char* reason, void* journal) {
  // "1/1 brokers are down" follows the reason and says less.
  auto* complaints = static_cast<Journal*>(journal);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !complaints->complaint().empty()) return;
  complaints->complain(reason);
}
int on_connect(int socket, const sockaddr* address, int size, const char*, void* journal) {
  return static_cast<Journal*>(journal)->connect(socket, address, size);
}
int on_close(int socket, void* journal) { return static_cast<Journal*>(journal)->close(socket); }

// librdkafka puts its log context in front: "[thrd:host:1/1]: host:1/1: reason (after 0ms ...)".
std::string without_thread(const std::string& text) {
  if (!text.starts_with("[thrd:")) return text;
  const size_t end = text.find("]: ");
  return end == std::string::npos ? text : text.substr(end + 3);
}

}  // namespace

void Journal::complain(std::string text) {
  std::lock_guard lock(mutex_);
  complaint_ = without_thread(text);
}
std::string Journal::complaint() const {
  std::lock_guard lock(mutex_);
  return complaint_;
}
int Journal::connect(int socket, const sockaddr* address, int address_size) {
  {
    std::lock_guard lock(mutex_);
    sockets_.insert(socket);
  }
  if (::connect(socket, address, socklen_t(address_size)) == 0 || errno == EINPROGRESS) return 0;
  return errno;
}
int Journal::close(int socket) {
  std::lock_guard lock(mutex_);
  sockets_.erase(socket);
  return ::close(socket);
}
bool Journal::any_connected() const {
  std::lock_guard lock(mutex_);
  for (const int socket : sockets_) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
        info.tcpi_state == TCP_ESTABLISHED)
      return true;
  }
  return false;
}

Result<std::unique_ptr<RdHandle>> RdHandle::create(rd_kafka_type_t type, const ClientConfig& client,
                                                   Settings settings) {
  std::unique_ptr<RdHandle> handle(new RdHandle);
  handle->brokers_ = client.brokers;
  settings["bootstrap.servers"] = client.brokers;
  settings["client.id"] = client.client_id;
  settings["reconnect.backoff.ms"] = "20";
  settings["reconnect.backoff.max.ms"] = "200";
  settings["allow.auto.create.topics"] = "false";
  for (const auto& [key, value] : client.properties)
    if (!key.starts_with("weir.")) settings[key] = value;

  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[512] = "";
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK)
      continue;
    rd_kafka_conf_destroy(conf);
    return fail(Code::kUsage,
                "librdkafka refuses " + key + "=" + (is_secret(key) ? kHidden : value),
                hide_secrets(text, client),
                "its CONFIGURATION.md lists the names and values of -X; properties of Java's "
                "clients are read with --command-config");
  }
  rd_kafka_conf_set_opaque(conf, &handle->journal_);
  rd_kafka_conf_set_log_cb(conf, on_log);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_connect_cb(conf, on_connect);
  rd_kafka_conf_set_closesocket_cb(conf, on_close);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
  handle->client_ = rd_kafka_new(type, conf, text, sizeof text);
  if (!handle->client_) {
    rd_kafka_conf_destroy(conf);
    return tl::unexpected(refused_settings(hide_secrets(text, client)));
  }
  handle->main_queue_ = rd_kafka_queue_get_main(handle->client_);
  return handle;
}

RdHandle::~RdHandle() {
  if (main_queue_) rd_kafka_queue_destroy(main_queue_);
  if (client_) rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Error RdHandle::error(rd_kafka_resp_err_t code, const std::string& doing) const {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      return unreachable_brokers(brokers_, journal_.complaint());
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return refusal(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, doing, brokers_, {});
    default:
      if (code >
          RD_KAFKA_RESP_ERR_NO_ERROR)  // the protocol's own codes are above, the client's below
        return refusal(int16_t(code), doing, brokers_, {});
      return Error{Code::kFailed, doing + " failed", rd_kafka_err2str(code),
                   "the client last said: " + journal_.complaint()};
  }
}

// Asks for all topics: naming one would make some brokers create it.
Result<const rd_kafka_metadata_t*> RdHandle::metadata() const {
  const rd_kafka_metadata_t* found = nullptr;
  const auto code = rd_kafka_metadata(client_, 1, nullptr, &found, kReachMs);
  rd_kafka_poll(client_, 0);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::unexpected(error(code, "asking for metadata"));
  return found;
}

Result<std::vector<TopicInfo>> RdHandle::topics() const {
  const auto* found = WEIR_TRY(metadata());
  std::vector<TopicInfo> all;
  for (int i = 0; i < found->topic_cnt; ++i) {
    const auto& topic = found->topics[i];
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || topic.partition_cnt == 0) continue;
    TopicInfo info{topic.topic, topic.partition_cnt, topic.partitions[0].replica_cnt};
    for (int p = 0; p < topic.partition_cnt; ++p)
      info.under_replicated += topic.partitions[p].isr_cnt < topic.partitions[p].replica_cnt;
    all.push_back(std::move(info));
  }
  rd_kafka_metadata_destroy(found);
  return all;
}

Result<TopicInfo> RdHandle::topic(const std::string& name) const {
  const auto found = WEIR_TRY(topics());
  for (const auto& topic : found)
    if (topic.name == name) return topic;
  return tl::unexpected(missing_topic(name, brokers_));
}

Result<std::vector<BrokerFound>> RdHandle::brokers_found() const {
  const auto* found = WEIR_TRY(metadata());
  std::vector<BrokerFound> all;
  for (int i = 0; i < found->broker_cnt; ++i) {
    const auto& broker = found->brokers[i];
    all.push_back({broker.id, std::string(broker.host) + ":" + std::to_string(broker.port)});
  }
  rd_kafka_metadata_destroy(found);
  return all;
}

Settings RdHandle::in_force(std::initializer_list<const char*> names) const {
  Settings settings;
  for (const char* name : names) {
    char text[512];
    size_t size = sizeof text;
    if (rd_kafka_conf_get(rd_kafka_conf(client_), name, text, &size) == RD_KAFKA_CONF_OK)
      settings[name] = text;
  }
  return settings;
}

}  // namespace weir::kafka
