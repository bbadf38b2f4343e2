// Kafka's text file of one offset per partition (docs/formats/log.md, "Checkpoint files"):
// "0\n<count>\n" then a line "<topic> <partition> <offset>" each.
#pragma once
#include <map>
#include <string>

#include "weir/log/partition_log.h"

namespace weir::log {

using OffsetsByPartition = std::map<TopicPartition, Offset>;

// Replaces the file durably and whole.
Status write_offset_checkpoint(Disk& disk, const std::string& path,
                               const OffsetsByPartition& offsets);
// A missing file is empty; kCorrupt when it is not of this format.
Result<OffsetsByPartition> read_offset_checkpoint(Disk& disk, const std::string& path);

}  // namespace weir::log
