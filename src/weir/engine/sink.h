// The output side: fences, receipts and results into the output topic, and where they ended.
//
// One thread. It relies on an idempotent producer: what is in the output of a partition is a prefix
// of what was sent to it, so a later attempt continues by count. A record that the broker did not
// take for good ends the attempt with kTimeout: a new attempt then finds out what is in the output.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/checkpoint/format.h"
#include "weir/engine/connections.h"
#include "weir/engine/source.h"
#include "weir/event/result.h"

namespace weir::engine {

class Sink {
 public:
  static Result<std::unique_ptr<Sink>> open(const Connections& connections,
                                            const std::string& topic, const std::string& query);

  int32_t partitions() const { return producer_->partitions(); }
  // Writes the attempt's fence to every partition; settle() tells when they are acknowledged.
  Status send_fences(int64_t attempt);
  Status send_receipt(int64_t batch, const std::string& json);
  // Hands over all of a chunk's results to the output partition of the input's number, waiting for
  // room; kInterrupted when `stop` says so meanwhile.
  Status send_chunk(int64_t batch, const Chunk& chunk, const std::function<bool()>& stop);

  // Waits up to `limit` for acknowledgements. True when nothing is in flight.
  Result<bool> settle(Nanos limit);
  // Partition -> offset behind the last record acknowledged; those never written to are absent.
  const Positions& ends() const { return ends_; }
  // False when some acknowledgement came without an offset: then ends() may be too low.
  bool ends_are_exact() const { return exact_; }

 private:
  Sink(std::unique_ptr<kafka::Producer> producer, std::string query)
      : producer_(std::move(producer)), query_(std::move(query)) {}
  Status send_all(PartitionId partition, std::span<const kafka::Record> records,
                  const std::function<bool()>& stop);
  HeaderList headers_for(OutputKind kind, int64_t batch) const;

  std::unique_ptr<kafka::Producer> producer_;
  std::string query_;
  int64_t attempt_ = 0;
  uint64_t next_tag_ = 0;
  Positions ends_;
  bool exact_ = true;
  std::string failure_;
};

}  // namespace weir::engine
