#include "weir/spark/client.h"

#include <connect.grpc.pb.h>
#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "weir/checkpoint/format.h"
#include "weir/spark/plan_message.h"
#include "weir/sys/net.h"

namespace weir::spark {
namespace {
namespace wire = ::spark::connect;

constexpr int kAnswerBytesMax = 64 << 20;  // a hundred progress records are about one
constexpr size_t kMessageMax = 2'000;

// Behind the reason Spark puts offsets and plan of the query.
std::string shortened(std::string text) {
  text = text.substr(0, text.find("\n=== Streaming Query ==="));
  if (text.size() > kMessageMax) text = text.substr(0, kMessageMax) + " ...";
  return text;
}

// The Java class of an error's details; empty when there is none.
std::string java_class_of(const grpc::Status& status) {
  wire::StatusDetails details;
  if (!details.ParseFromString(status.error_details())) return {};
  for (const auto& detail : details.details()) {
    wire::ErrorInfo info;
    if (detail.type_url().ends_with("google.rpc.ErrorInfo") && info.ParseFromString(detail.value()))
      return info.reason();
  }
  return {};
}

Error error_from(const std::string& verb, const grpc::Status& status) {
  const std::string what = "Spark could not " + verb;
  switch (status.error_code()) {
    case grpc::UNAVAILABLE:
      return {Code::kUnreachable, what,
              "the Connect server does not answer: " + shortened(status.error_message())};
    case grpc::DEADLINE_EXCEEDED:
      return {Code::kTimeout, what, "the Connect server did not answer in time"};
    case grpc::CANCELLED:
      return {Code::kInterrupted, what, "the call was cancelled"};
    case grpc::UNIMPLEMENTED:
      return {Code::kFailed, what,
              "what answers there is no Spark Connect server: " + shortened(status.error_message()),
              "give sc://host:port of a Spark 3.5 or later with Connect"};
    default:
      return error_from_java(what, java_class_of(status), status.error_message());
  }
}

}  // namespace

Error error_from_java(const std::string& what, const std::string& java_class,
                      const std::string& message) {
  const auto says = [&](const char* text) { return message.find(text) != std::string::npos; };
  Error error{Code::kFailed, what,
              java_class.empty() ? shortened(message) : java_class + ": " + shortened(message)};
  if (says("Failed to find data source: kafka") ||
      (says("kafka") && (says("NoClassDefFoundError") || says("ClassNotFoundException")))) {
    error.code = Code::kUsage;
    error.remedy =
        "put spark-sql-kafka-0-10, spark-token-provider-kafka-0-10, kafka-clients and "
        "commons-pool2 of its version into the server's jars, or let weir setup spark do it";
  } else if ((says("is not found") && says("treaming query")) || says("Run id mismatch")) {
    error.code = Code::kNotFound;
  } else if (java_class.ends_with("NoSuchMethodError") || java_class.ends_with("LinkageError") ||
             java_class.ends_with("AbstractMethodError")) {
    error.remedy = "spark-connect must have exactly the version of the Spark it runs in";
  }
  return error;
}

Result<std::string> parse_connect_url(std::string_view url) {
  const auto wrong = [&](const char* why) {
    return fail(Code::kUsage, fmt::format("cannot understand the Connect address {}", url), why,
                "write sc://host:port");
  };
  std::string_view rest = url;
  if (!rest.starts_with("sc://")) return wrong("it does not begin with sc://");
  rest.remove_prefix(5);
  const size_t slash = rest.find('/');
  if (slash != std::string_view::npos && slash + 1 != rest.size())
    return wrong("parameters behind the address (tokens, TLS) are not supported");
  std::string address(rest.substr(0, slash));
  if (address.empty()) return wrong("it names no host");
  if (address.find(':') == std::string::npos) address += ":15002";
  auto parsed = Address::parse(address);
  if (!parsed || parsed->host.empty() || parsed->port == 0) return wrong("it is no host:port");
  return parsed->text();
}

Session Session::make() { return {"weir", checkpoint::random_uuid()}; }

std::string QueryHandle::text() const {
  return nlohmann::ordered_json{
      {"user", session.user}, {"session", session.id}, {"id", id}, {"run_id", run_id}}
      .dump();
}

std::optional<QueryHandle> QueryHandle::parse(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  QueryHandle handle;
  for (auto [key, into] : {std::pair{"user", &handle.session.user},
                           {"session", &handle.session.id},
                           {"id", &handle.id},
                           {"run_id", &handle.run_id}}) {
    const auto at = json.find(key);
    if (at == json.end() || !at->is_string()) return std::nullopt;
    *into = at->get<std::string>();
  }
  return handle;
}

struct Client::Connection {
  Session session;
  std::unique_ptr<wire::SparkConnectService::Stub> stub;
  std::mutex mutex;
  std::set<grpc::ClientContext*> calls;  // under way; guarded by mutex
  bool cancelled = false;                // guarded by mutex

  // A call's context: known to cancel() as long as it lives.
  struct Call {
    Call(Connection& owner, Nanos limit) : connection(owner) {
      context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                        gpr_time_from_nanos(limit.value, GPR_TIMESPAN)));
      std::lock_guard lock(connection.mutex);
      connection.calls.insert(&context);
      if (connection.cancelled) context.TryCancel();
    }
    ~Call() {
      std::lock_guard lock(connection.mutex);
      connection.calls.erase(&context);
    }
    Connection& connection;
    grpc::ClientContext context;
  };

  Result<wire::ExecutePlanResponse> run(const std::string& verb, wire::Command command,
                                        Nanos limit);
  Result<wire::StreamingQueryCommandResult> ask(const std::string& verb, const QueryHandle& query,
                                                wire::StreamingQueryCommand command, Nanos limit);
  Result<std::vector<std::string>> progress(const QueryHandle& query,
                                            wire::StreamingQueryCommand command, Nanos limit);
};

Client::Client(const std::string& address, Session session)
    : connection_(std::make_unique<Connection>()) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  connection_->session = std::move(session);
  connection_->stub = wire::SparkConnectService::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
}

Client::~Client() = default;

const Session& Client::session() const { return connection_->session; }

void Client::cancel() {
  std::lock_guard lock(connection_->mutex);
  connection_->cancelled = true;
  for (auto* context : connection_->calls) context->TryCancel();
}

// Runs one command to the end of its response stream; answers of other kinds are ignored.
Result<wire::ExecutePlanResponse> Client::Connection::run(const std::string& verb,
                                                          wire::Command command, Nanos limit) {
  wire::ExecutePlanRequest request;
  request.set_session_id(session.id);
  request.mutable_user_context()->set_user_id(session.user);
  request.set_client_type("weir");
  *request.mutable_plan()->mutable_command() = std::move(command);
  Call call(*this, limit);
  auto reader = stub->ExecutePlan(&call.context, request);
  wire::ExecutePlanResponse answer, last;
  while (reader->Read(&answer))
    if (answer.response_type_case() != wire::ExecutePlanResponse::RESPONSE_TYPE_NOT_SET)
      last.Swap(&answer);
  if (auto status = reader->Finish(); !status.ok()) return tl::unexpected(error_from(verb, status));
  return last;
}

Result<wire::StreamingQueryCommandResult> Client::Connection::ask(
    const std::string& verb, const QueryHandle& query, wire::StreamingQueryCommand command,
    Nanos limit) {
  command.mutable_query_id()->set_id(query.id);
  command.mutable_query_id()->set_run_id(query.run_id);
  wire::Command outer;
  *outer.mutable_streaming_query_command() = std::move(command);
  auto answer = WEIR_TRY(run(verb, std::move(outer), limit));
  return std::move(*answer.mutable_streaming_query_command_result());
}

Result<std::vector<std::string>> Client::Connection::progress(const QueryHandle& query,
                                                              wire::StreamingQueryCommand command,
                                                              Nanos limit) {
  auto answer = WEIR_TRY(ask("tell the query's progress", query, std::move(command), limit));
  auto* records = answer.mutable_recent_progress()->mutable_recent_progress_json();
  return std::vector<std::string>(std::make_move_iterator(records->begin()),
                                  std::make_move_iterator(records->end()));
}

Result<std::string> Client::version(Nanos limit) {
  wire::AnalyzePlanRequest request;
  request.set_session_id(session().id);
  request.mutable_user_context()->set_user_id(session().user);
  request.mutable_spark_version();
  wire::AnalyzePlanResponse answer;
  Connection::Call call(*connection_, limit);
  if (auto status = connection_->stub->AnalyzePlan(&call.context, request, &answer); !status.ok())
    return tl::unexpected(error_from("tell its version", status));
  return answer.spark_version().version();
}

Result<QueryHandle> Client::start(const StreamPlan& plan, Nanos limit) {
  wire::Command command;
  write_message(plan, *command.mutable_write_stream_operation_start());
  auto answer = WEIR_TRY(connection_->run("start the query", std::move(command), limit));
  const auto& id = answer.write_stream_operation_start_result().query_id();
  if (id.id().empty() || id.run_id().empty())
    return fail(Code::kFailed, "Spark could not start the query", "its answer names no query");
  return QueryHandle{session(), id.id(), id.run_id()};
}

Result<std::optional<QueryHandle>> Client::find_active(const std::string& name, Nanos limit) {
  wire::Command command;
  command.mutable_streaming_query_manager_command()->set_active(true);
  auto answer = WEIR_TRY(connection_->run("list its queries", std::move(command), limit));
  const auto& active = answer.streaming_query_manager_command_result().active();
  for (const auto& query : active.active_queries())
    if (query.name() == name) return QueryHandle{session(), query.id().id(), query.id().run_id()};
  return std::nullopt;
}

Result<QueryStatus> Client::status(const QueryHandle& query, Nanos limit) {
  wire::StreamingQueryCommand command;
  command.set_status(true);
  auto answer =
      WEIR_TRY(connection_->ask("tell the query's state", query, std::move(command), limit));
  const auto& status = answer.status();
  return QueryStatus{status.status_message(), status.is_data_available(),
                     status.is_trigger_active(), status.is_active()};
}

Result<std::vector<std::string>> Client::last_progress(const QueryHandle& query, Nanos limit) {
  wire::StreamingQueryCommand command;
  command.set_last_progress(true);
  return connection_->progress(query, std::move(command), limit);
}

Result<std::vector<std::string>> Client::recent_progress(const QueryHandle& query, Nanos limit) {
  wire::StreamingQueryCommand command;
  command.set_recent_progress(true);
  return connection_->progress(query, std::move(command), limit);
}

Result<std::optional<QueryFailure>> Client::exception(const QueryHandle& query, Nanos limit) {
  wire::StreamingQueryCommand command;
  command.set_exception(true);
  auto answer =
      WEIR_TRY(connection_->ask("tell why the query ended", query, std::move(command), limit));
  const auto& exception = answer.exception();
  if (exception.exception_message().empty() && exception.error_class().empty()) return std::nullopt;
  return QueryFailure{exception.error_class(), shortened(exception.exception_message())};
}

Status Client::stop(const QueryHandle& query, Nanos limit) {
  wire::StreamingQueryCommand command;
  command.set_stop(true);
  WEIR_TRY(connection_->ask("stop the query", query, std::move(command), limit));
  return {};
}

}  // namespace weir::spark
