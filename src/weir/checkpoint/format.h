// The text of a Spark checkpoint's files, written and read; no input or output here.
//
// The layout is that of Spark 3.5's CheckpointFileManager, OffsetSeqLog and CommitLog, with one
// Kafka source; docs/formats/checkpoint.md draws it. Offsets compare by JSON text in Spark,
// therefore the partitions stand in the order of Scala 2.12's hash map.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"

namespace weir::checkpoint {

// Partition -> next offset to read, of one topic.
using Positions = std::map<int32_t, int64_t>;

// What offsets/N says: where batch N ends.
struct Plan {
  std::string topic;
  Positions ends;
  int64_t watermark_ms = 0;
  int64_t timestamp_ms = 0;                 // when the batch began, and what a replay keeps
  std::map<std::string, std::string> conf;  // Spark's; empty: written as a stateless query has it
};

std::string plan_text(const Plan& plan);
// kCorrupt when it is not such a file or has more than one source; `name` is for the message.
Result<Plan> parse_plan(std::string_view text, const std::string& name);

// commits/N: the watermark that the next batch starts with, 0 in a stateless query.
std::string commit_text(int64_t next_watermark_ms);
Status check_commit(std::string_view text, const std::string& name);

// sources/0/0: where the query began. One zero byte stands before the version line.
std::string initial_text(const std::string& topic, const Positions& positions);
Result<std::pair<std::string, Positions>> parse_initial(std::string_view text,
                                                        const std::string& name);

// metadata: the query's id, a UUID for life.
std::string metadata_text(const std::string& id);
Result<std::string> parse_metadata(std::string_view text, const std::string& name);

// {"topic":{"0":12,"1":9}} with the partitions in the order of scala_order().
std::string positions_json(const std::string& topic, const Positions& positions);

// The order in which Scala 2.12's mutable.HashMap[Int, _] iterates after the ascending `keys` were
// added.
std::vector<int32_t> scala_order(const std::vector<int32_t>& keys);

// Hadoop's sidecar .<name>.crc for `bytes`: "crc", 0, block size 512, one CRC-32 per block.
std::string sidecar_of(std::string_view bytes);

// A random (version 4) UUID as canonical text.
std::string random_uuid();
bool is_uuid(std::string_view text);

}  // namespace weir::checkpoint
