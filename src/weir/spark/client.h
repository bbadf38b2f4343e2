// A client of a Spark Connect server: one session of its own, in which it starts one streaming
// query and asks for its state. Plaintext gRPC; every call has a time limit and is answered to its
// end, no execution is resumed.
//
// Any thread may call, also several at once; cancel() ends the calls under way. A session lives as
// long as somebody asks: Spark forgets it, and stops its queries, after an hour without a call.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/spark/stream_plan.h"

namespace weir::spark {

// "host:port" of "sc://host[:port][/]"; kUsage for anything else, parameters included. The default
// port is 15002.
Result<std::string> parse_connect_url(std::string_view url);

// Both are texts; the session is a UUID. Queries are seen by their own session only.
struct Session {
  std::string user, id;
  static Session make();  // user weir, a new id
};

// What a later client needs to go on with a query.
struct QueryHandle {
  Session session;
  std::string id, run_id;
  std::string text() const;  // one line of JSON
  static std::optional<QueryHandle> parse(std::string_view text);
};

struct QueryStatus {
  std::string message;
  bool data_available = false, trigger_active = false, active = false;
  bool idle() const { return active && !trigger_active && message.starts_with("Waiting"); }
};

// Why a query ended by itself.
struct QueryFailure {
  std::string java_class, message;
};

class Client {
 public:
  // `address` is host:port. Connects when the first call is made.
  Client(const std::string& address, Session session);
  ~Client();

  const Session& session() const;

  // Errors of all calls: kUnreachable when no server answers, kTimeout when it does not in time,
  // kNotFound when it does not know the query, kInterrupted after cancel(), kUsage when it lacks
  // the Kafka connector, else kFailed with the Java class and message.
  Result<std::string> version(Nanos limit);
  Result<QueryHandle> start(const StreamPlan& plan, Nanos limit);
  // The query of this name, if it runs in this session: the answer to a start that was lost.
  Result<std::optional<QueryHandle>> find_active(const std::string& name, Nanos limit);
  Result<QueryStatus> status(const QueryHandle& query, Nanos limit);
  // The newest progress record, or the last 100, as JSON texts; oldest first.
  Result<std::vector<std::string>> last_progress(const QueryHandle& query, Nanos limit);
  Result<std::vector<std::string>> recent_progress(const QueryHandle& query, Nanos limit);
  // Empty while the query runs or when it was stopped.
  Result<std::optional<QueryFailure>> exception(const QueryHandle& query, Nanos limit);
  // Cancels the batch under way.
  Status stop(const QueryHandle& query, Nanos limit);

  // Ends all calls, also later ones.
  void cancel();

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

// A Java class and message as an Error with a remedy where one is known.
Error error_from_java(const std::string& what, const std::string& java_class,
                      const std::string& message);

}  // namespace weir::spark
