// One attempt of a query: its number raised, the output fenced, the newest batch settled against
// it.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "weir/base/result.h"
#include "weir/checkpoint/folder.h"
#include "weir/engine/batch_row.h"
#include "weir/engine/connections.h"
#include "weir/engine/malformed_log.h"
#include "weir/engine/options.h"
#include "weir/engine/output_check.h"
#include "weir/engine/sink.h"
#include "weir/engine/source.h"
#include "weir/kafka/admin.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"

namespace weir::engine {

// What an attempt needs from outside; all outlive it.
struct Surroundings {
  const EngineOptions& options;
  const Connections& connections;
  Disk& disk;
  Clock& clock;
  MalformedLog& malformed;
  std::function<bool()> stop;
};

struct Session {
  checkpoint::Folder folder;
  checkpoint::Attempt attempt;
  std::unique_ptr<kafka::Admin> admin;
  std::unique_ptr<Sink> sink;
  std::unique_ptr<Source> source;
  int64_t next_batch = 0;
  Positions positions;                      // where the next batch begins
  std::map<std::string, std::string> conf;  // Spark's, carried from batch to batch
  std::optional<checkpoint::Plan> replay;   // of next_batch, when it was planned before
  OutputAnswer there;                       // what of next_batch is in the output already
  std::optional<BatchRow> recovered;        // of the batch before, when it was settled here
};

// Starts an attempt. The rule of exactly once, in this order: raise weir/attempt; write a fence to
// every output partition and wait for its ack; read the output from where batch N - 1 ended up to
// the fence; N complete there: write commits/N if it is missing; else run N again behind what is
// there.
//
// `previous` is this process's attempt before, if any: kFenced when another one owns the checkpoint
// since. Waits for a lost broker once connected; kInterrupted when stop says so.
Result<Session> start_session(const Surroundings& around,
                              const std::optional<checkpoint::Attempt>& previous);

// The input topic must exist; the output topic is created with the input's partitions when missing.
// forward needs equal partition counts (kUsage).
Status prepare_topics(kafka::Admin& admin, const EngineOptions& options);

// The error for a topic that ends before what was already seen of it.
tl::unexpected<Error> events_are_gone(const std::string& topic, int32_t partition, int64_t end,
                                      int64_t batch, int64_t needed);

// Partition -> offset, of a list by partition.
Positions to_positions(const std::vector<Offset>& offsets);

}  // namespace weir::engine
