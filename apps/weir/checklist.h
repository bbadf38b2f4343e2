// The lines of weir check, and its looks at systems that are reached over a network.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/kafka/client.h"

namespace weir::cli {

// Each line says ok, note or stop, what was looked at, and for the latter two what to try. Home
// thread: one.
class Checklist {
 public:
  void ok(const std::string& name, const std::string& text);
  void note(const std::string& name, const std::string& text, const std::string& remedy);
  void stop(const std::string& name, const std::string& text, const std::string& remedy);
  void stop(const std::string& name, const Error& error);
  int stops() const { return stops_; }

 private:
  int stops_ = 0;
};

// Brokers, their version, the right to make topics, and their clocks beside this machine's. Creates
// and deletes one topic.
void check_cluster(Checklist& list, const kafka::ClientConfig& reach, int32_t replication);

// A Spark Connect server, sc://host[:port].
void check_connect(Checklist& list, const std::string& url);

}  // namespace weir::cli
