// Where an engine that weir does not know tells how far it has come: a consumer group, a Spark
// checkpoint, or a command. docs/engines.md describes them to users.
//
// Home thread: one, also of what a source opens.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"

namespace weir::lab {

// One reading: partition -> next offset to read. A partition not named is where it was.
struct ProgressReading {
  std::map<int32_t, int64_t> committed;
  int64_t batch = -1;  // of a checkpoint
  Nanos planned;       // when that batch began, to the ms; 0 when not told
};

class ProgressSource {
 public:
  virtual ~ProgressSource() = default;
  // What is new since the last call, oldest first. An error says why it cannot be asked now.
  virtual Result<std::vector<ProgressReading>> read() = 0;
  // Whether the engine is seen to have taken up its input, committed or not.
  virtual Result<bool> at_work() = 0;
  // How long to wait between two calls of read().
  virtual Nanos interval() const = 0;
};

struct ProgressContext {
  kafka::ClientConfig client;
  std::string topic;
  int32_t partitions = 1;
  // What the engine's commands get; $NAME and ${NAME} of these are replaced in a group or path.
  std::map<std::string, std::string> environment;
  std::string log;  // what a progress command writes to stderr is appended to it
};

// `progress` as in a plan, not "output": "group:ID", "checkpoint:PATH" (no path: the one in
// WEIR_CHECKPOINT) or "command:CMD". kUsage for anything else. Nothing is asked yet.
Result<std::unique_ptr<ProgressSource>> open_progress(const std::string& progress,
                                                      const ProgressContext& context);

// A line of a progress command: {"0": 12, "1": 9}, partition -> next offset; other keys are left
// out of account. kCorrupt when it is no such object.
Result<ProgressReading> parse_progress_line(std::string_view line);

// Replaces $NAME and ${NAME}; a name that is not there stays as it is.
std::string expand(std::string_view text, const std::map<std::string, std::string>& environment);

}  // namespace weir::lab
