#include "weir/kafka/failures.h"

namespace weir::kafka {

using wire::ErrorCode;

Error missing_topic(const std::string& topic, const std::string& brokers) {
  return Error{Code::kNotFound, "topic " + topic + " does not exist on " + brokers,
               "weir never creates a topic by writing to it",
               "weir topic create -b " + brokers + " --topic " + topic + " --partitions 4"};
}

namespace {

// What librdkafka says (rdkafka_ssl.c, rdkafka_sasl.c, rdkafka_broker.c of 2.0 to 2.6) and what
// weir's own client says, against what a person should look at. The first that fits counts.
struct Symptom {
  const char* said;
  const char* what;
  const char* remedy;
};
constexpr Symptom kSymptoms[] = {
    {"PLAINTEXT broker listener", "is not spoken to in TLS: its listener has none",
     "set security.protocol=PLAINTEXT (or SASL_PLAINTEXT), or give the port of its TLS listener"},
    {"packet length too long", "is not spoken to in TLS: its listener has none",
     "set security.protocol=PLAINTEXT (or SASL_PLAINTEXT), or give the port of its TLS listener"},
    {"wrong version number", "is not spoken to in TLS: its listener has none",
     "set security.protocol=PLAINTEXT (or SASL_PLAINTEXT), or give the port of its TLS listener"},
    {"unexpected eof while reading", "is not spoken to in TLS: its listener has none",
     "set security.protocol=PLAINTEXT (or SASL_PLAINTEXT), or give the port of its TLS listener"},
    {"connecting to a SSL listener", "closed a connection without TLS: its listener wants another",
     "set security.protocol=SSL, SASL_SSL or SASL_PLAINTEXT as the broker's listener has it: "
     "--command-config FILE or -X"},
    {"closed the connection at the first request",
     "ends connections at the first request, as a listener does that wants a login",
     "set security.protocol=SASL_PLAINTEXT or SASL_SSL, and user name and password: "
     "--command-config FILE or -X"},
    {"its listener speaks TLS", "was spoken to without TLS",
     "set security.protocol=SSL or SASL_SSL: --command-config FILE or -X"},
    {"certificate verify failed", "has a certificate that is not accepted here",
     "give the authority that signed it (ssl.truststore.location in --command-config, or "
     "-X ssl.ca.location=ca.pem), and -b by a name that the certificate has "
     "(ssl.endpoint.identification.algorithm= takes any)"},
    {"certificate required", "asks for a certificate of this client",
     "give one: ssl.keystore.location in --command-config, or -X ssl.certificate.location and "
     "-X ssl.key.location"},
    {"bad certificate", "does not accept the certificate of this client",
     "look at ssl.keystore.location (-X ssl.certificate.location): the broker must trust who "
     "signed it"},
    {"Unsupported SASL mechanism", "does not offer this way to log in",
     "set sasl.mechanism to one that its listener offers"},
    {"not supported by broker", "does not offer this way to log in",
     "set sasl.mechanism to one that its listener offers, or another security.protocol"},
    {"uthentication", "refused the login",
     "check user name and password (sasl.jaas.config, or -X sasl.username), and that "
     "sasl.mechanism is the one for which this user was made"},
};

}  // namespace

Error unreachable_brokers(const std::string& brokers, const std::string& why) {
  for (const auto& symptom : kSymptoms)
    if (why.find(symptom.said) != std::string::npos)
      return Error{Code::kUnreachable, "the broker at " + brokers + " " + symptom.what, why,
                   symptom.remedy};
  return Error{
      Code::kUnreachable, "no broker answered at " + brokers,
      why.empty() ? "no answer within 5 s" : why,
      "check the address, and that the broker runs and listens there (weir broker starts one)"};
}

Error refused_settings(const std::string& why) {
  Error error{Code::kUsage, "the client's settings cannot be used", why,
              "leave out the settings that contradict each other"};
  if (why.find("ssl.ca") != std::string::npos)
    error.remedy = "check ssl.truststore.location (-X ssl.ca.location): a readable PEM file";
  else if (why.find("ssl.") != std::string::npos)
    error.remedy =
        "check ssl.keystore.location and ssl.key.password (-X ssl.certificate.location, "
        "ssl.key.location)";
  else if (why.find("sasl") != std::string::npos || why.find("SASL") != std::string::npos)
    error.remedy = "check sasl.mechanism, and that user name and password are given";
  return error;
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
