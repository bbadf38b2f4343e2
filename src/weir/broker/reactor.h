// One thread that serves its share of the connections: waits for sockets, timers and posted work.
//
// start() begins the thread, stop() ends it; the object stays usable as an AnswerPort afterwards
// (answers then go nowhere). Connections never change reactors. post(), answer(), adopt(),
// advanced() may be called from any thread; the queue behind them is bounded by what connections
// may have unanswered.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "weir/broker/connection.h"
#include "weir/broker/responder.h"
#include "weir/log/partition_log.h"
#include "weir/sys/clock.h"

namespace weir::broker {

class Reactor;

// What a reactor does for its connections; one object per reactor, called on its thread.
class Session {
 public:
  virtual ~Session() = default;
  // A request came; false: close the connection.
  virtual bool on_request(Connection& connection, std::span<char> frame) = 0;
  virtual void on_closed(const Connection& connection) = 0;
  // The visible end of this log has moved (or the log is gone).
  virtual void on_advanced(const log::PartitionLog* log) = 0;
  // Does what is due, and says when to be called again; empty: never.
  virtual std::optional<Nanos> on_turn(Nanos now) = 0;
};

class Reactor final : public AnswerPort {
 public:
  using Work = std::function<void()>;
  using OnAccept = std::function<void(Fd)>;

  static Result<std::unique_ptr<Reactor>> open(Clock& clock, ConnectionLimits limits);
  ~Reactor() override;

  // Connections that come to `listeners` are given to `on_accept`, on this reactor's thread.
  Status listen(std::vector<Fd> listeners, OnAccept on_accept);
  void start(Session& session);
  void stop();

  void post(Work work);
  void adopt(Fd socket);
  void answer(uint64_t connection, uint64_t slot, Reply reply) override;

  // Whether this reactor wants to hear of advanced(). What advanced before the switch is not told.
  void listen_to_logs(bool on);
  void advanced(const log::PartitionLog* log);

  size_t connections() const { return connection_count_; }

 private:
  Reactor(Clock& clock, ConnectionLimits limits, Poller poller)
      : clock_(clock), limits_(limits), poller_(std::move(poller)) {}
  void run();
  void accept_all();
  void handle(const Poller::Event& event);
  void run_posted();
  void settle(Connection& connection, Connection::Fate fate);
  void flush_touched();
  void close(Connection& connection);
  bool at_home() const { return std::this_thread::get_id() == home_; }

  Clock& clock_;
  const ConnectionLimits limits_;
  Poller poller_;
  Session* session_ = nullptr;
  Connection::OnRequest on_request_;
  OnAccept on_accept_;
  std::vector<Fd> listeners_;
  bool accepting_ = true;
  std::thread thread_;
  std::atomic<std::thread::id> home_;
  std::atomic<bool> stopping_ = false;
  std::atomic<size_t> connection_count_ = 0;

  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  uint64_t next_connection_ = 1;
  std::vector<uint64_t> touched_;  // have answers to send

  std::mutex mutex_;
  std::vector<Work> posted_;                        // guarded by mutex_
  std::vector<const log::PartitionLog*> advanced_;  // guarded by mutex_
  bool wants_logs_ = false;                         // guarded by mutex_
};

}  // namespace weir::broker
