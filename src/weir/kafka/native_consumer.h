// The consumer on weir's own wire codec: fetched frames are kept as they came, and records are
// views into them.
//
// Single-threaded: sockets are served inside poll(). One fetch per broker is always on its way (as
// long as the read-ahead is not used up), so that the broker works while the caller does.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/kafka/cluster.h"
#include "weir/kafka/consumer.h"
#include "weir/kafka/native_settings.h"
#include "weir/record/batch_view.h"
#include "weir/record/record_reader.h"
#include "weir/wire/messages/fetch.h"

namespace weir::kafka {

class NativeConsumer final : public Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> open(const ClientConfig& client,
                                                const std::string& topic,
                                                const ConsumerOptions& options);

  Status assign(PartitionId partition, Offset from) override;
  Result<std::vector<FetchedRun>> poll(Nanos limit, size_t records_max) override;
  Result<std::vector<FetchedRun>> poll(PartitionId partition, Nanos limit,
                                       size_t records_max) override;
  Offset position(PartitionId partition) const override;
  std::vector<std::pair<std::string_view, std::string_view>> headers(const FetchedRun& run,
                                                                     size_t index) const override;
  bool connected() const override;

 private:
  // One batch that waits to be read, and the frame it lies in.
  struct Stored {
    record::BatchView batch;
    std::shared_ptr<const Frame> frame;
  };
  // The headers of a record handed out that has some.
  struct HeaderBytes {
    size_t index;  // of the record in its run
    std::string_view bytes;
    int32_t count;
  };
  struct Lane {
    bool assigned = false;
    int64_t next_fetch = 0;   // offset to ask for
    int64_t next_read = 0;    // offset to hand out; earlier records of a batch are skipped
    uint64_t assignment = 0;  // counts assign(): answers to an earlier one are dropped
    std::deque<Stored> stored;
    int64_t stored_bytes = 0;
    std::unique_ptr<record::RecordReader> reader;
    bool reading = false;        // the reader is inside the front batch
    TimePoint pause_until{};     // after an error that will pass
    std::optional<Error> error;  // until assigned again
    // What the latest poll() handed out points into these.
    std::vector<std::shared_ptr<const Frame>> held_frames;
    std::vector<std::unique_ptr<record::RecordReader>> held_readers;
    std::vector<HeaderBytes> held_headers;  // by rising index
  };
  struct Asked {
    const Connection* connection;
    int32_t correlation;
    std::vector<std::pair<size_t, uint64_t>> lanes;  // lane, its assignment
  };

  NativeConsumer(std::unique_ptr<Cluster> cluster, std::string topic,
                 const ConsumerSettings& settings);

  template <class Take>
  Result<std::vector<FetchedRun>> wait_for(Nanos limit, Take take);
  Status take(size_t lane, size_t records_max, std::vector<FetchedRun>& runs);
  // Reads on in the front batch; false when it is exhausted.
  bool read_front(Lane& lane, size_t records_max, FetchedRun& run);
  void fetch(TimePoint now);
  void fetch_from(Connection& connection, const std::vector<size_t>& lanes);
  void on_response(Connection& connection, const Response& response);
  void store(size_t lane, const wire::FetchResponse::Topic::Partition& answer,
             const std::shared_ptr<const Frame>& frame);
  void judge(size_t lane, wire::ErrorCode error);
  Error broken(size_t lane, record::Fault fault) const;
  std::string where(size_t lane) const;

  std::unique_ptr<Cluster> cluster_;
  const std::string topic_;
  const ConsumerSettings settings_;
  std::vector<Lane> lanes_;
  std::vector<Asked> asked_;
  size_t served_first_ = 0, asked_first_ = 0;  // for fairness between partitions
};

}  // namespace weir::kafka
