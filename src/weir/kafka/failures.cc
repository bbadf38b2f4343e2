#include "weir/kafka/failures.h"

namespace weir::kafka {

using wire::ErrorCode;

Error missing_topic(const std::string& topic, const std::string& brokers) {
  return Error{Code::kNotFound, "topic " + topic + " does not exist on " + brokers,
               "weir never creates a topic by writing to it",
               "weir topic create -b " + brokers + " --topic " + topic + " --partitions 4"};
}

Error unreachable_brokers(const std::string& brokers, const std::string& why) {
  return Error{
      Code::kUnreachable, "no broker answered at " + brokers,
      why.empty() ? "no answer within 5 s" : why,
      "check the address, and that the broker runs and listens there (weir broker starts one)"};
}

Error refusal(int16_t code, const std::string& doing, const std::string& brokers,
              const std::string& said) {
  const ErrorCode error{code};
  const std::string why = said.empty() ? to_text(error) : said;
  switch (error) {
    case ErrorCode::kTopicAlreadyExists:
      return Error{Code::kAlreadyExists, doing + ": it exists already", why,
                   "choose another name, or delete it first with weir topic delete"};
    case ErrorCode::kUnknownTopicOrPartition:
      return Error{Code::kNotFound, doing + ": it does not exist", why,
                   "weir topic list -b " + brokers + " shows what is there"};
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kInvalidPartitions:
    case ErrorCode::kInvalidReplicationFactor:
    case ErrorCode::kInvalidTopicException:
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kPolicyViolation:
      return Error{Code::kUsage, doing + " was refused by the broker", why,
                   "change the value that the broker names"};
    default:
      return Error{Code::kFailed, doing + " failed", why, "look at the broker's log"};
  }
}

}  // namespace weir::kafka
