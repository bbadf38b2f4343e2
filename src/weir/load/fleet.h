// One load sent by several generators of this process, each with a thread, a connection, a producer
// number and a ledger of its own.
//
// With an output folder it leaves offered.csv and a ledger-<p>.bin per producer there.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/kafka/client.h"
#include "weir/kafka/producer.h"
#include "weir/load/generator.h"
#include "weir/load/offered_log.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"

namespace weir::load {

struct FleetOptions {
  kafka::ClientConfig client;
  std::string topic;
  int acks = -1;
  int producers = 1;
  // Start 0: a moment after everybody has connected. Share and producer number are of the first
  // generator; the others split the share and count up the number.
  GeneratorOptions load;
  std::string out;  // folder; empty: nothing is written
};

struct FleetReport {
  Offered totals;
  Nanos start, last_hand_over;
  int32_t partitions = 0;
  std::vector<uint32_t> producers;              // the producer numbers used
  std::map<std::string, std::string> settings;  // of the clients
  std::string first_failure;
  // Over measured time: from the start to the last hand-over.
  double achieved_eps() const;
};

// What a client queue holds for 30 s of this load within 2 GiB, for one of `producers`.
kafka::ProducerOptions producer_options(const FleetOptions& options);

// Sends the load and waits for its outcomes. `wish` is asked by every generator, `begun` is called
// once everybody has connected, `second` about once a second with what has been settled so far.
Result<FleetReport> send_load(const FleetOptions& options, Clock& clock, Disk& disk,
                              const std::function<Generator::Wish()>& wish,
                              const std::function<void(const FleetReport&)>& begun,
                              const std::function<void(const Offered&)>& second);

}  // namespace weir::load
