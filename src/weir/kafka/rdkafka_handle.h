// One librdkafka client instance: its configuration, its connections and its words for failures.
//
// Thread safe where librdkafka is; the journal is fed by librdkafka's own threads.
#pragma once
#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/kafka/admin.h"
#include "weir/kafka/client.h"

namespace weir::kafka {

// How long open() and metadata requests wait for a broker.
constexpr int kReachMs = 5000;

// What librdkafka's threads tell about one client: its latest complaint and its open sockets.
class Journal {
 public:
  void complain(std::string text);
  std::string complaint() const;
  int connect(int socket, const sockaddr* address, int address_size);
  int close(int socket);
  // True when one of its connections is established (asked from the kernel).
  bool any_connected() const;

 private:
  mutable std::mutex mutex_;
  std::string complaint_;  // guarded by mutex_
  std::set<int> sockets_;  // guarded by mutex_
};

struct BrokerFound {
  int32_t id = 0;
  std::string address;  // host:port
};

using Settings = std::map<std::string, std::string>;

class RdHandle {
 public:
  // Creates the instance with weir's settings overridden by the client's properties; kUsage when
  // librdkafka refuses one of them. Nothing is sent yet.
  static Result<std::unique_ptr<RdHandle>> create(rd_kafka_type_t type, const ClientConfig& client,
                                                  Settings settings);
  ~RdHandle();
  RdHandle(const RdHandle&) = delete;
  RdHandle& operator=(const RdHandle&) = delete;

  rd_kafka_t* get() const { return client_; }
  rd_kafka_queue_t* main_queue() const { return main_queue_; }
  const Journal& journal() const { return journal_; }
  const std::string& brokers() const { return brokers_; }

  // Partition and replica count of a topic: kUnreachable after 5 s without an answer, kNotFound
  // when there is no such topic.
  Result<TopicInfo> topic(const std::string& name) const;
  Result<std::vector<TopicInfo>> topics() const;
  // The brokers as metadata gives them.
  Result<std::vector<BrokerFound>> brokers_found() const;
  // An error in three parts for a librdkafka code; `doing` says what failed.
  Error error(rd_kafka_resp_err_t code, const std::string& doing) const;
  // The settings named, as in force.
  Settings in_force(std::initializer_list<const char*> names) const;

 private:
  RdHandle() = default;
  Result<const rd_kafka_metadata_t*> metadata() const;

  rd_kafka_t* client_ = nullptr;
  rd_kafka_queue_t* main_queue_ = nullptr;
  Journal journal_;
  std::string brokers_;
};

}  // namespace weir::kafka
