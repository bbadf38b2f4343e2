// Sends a load in an open loop: events are due when the schedule says, whatever the system does.
//
// Each turn (about a millisecond) reads the time once, collects outcomes, and hands over what is
// due. An event is handed over, or refused (the client's queue was full: the pipeline's limit), or
// late (the generator itself was over a second behind: its own limit); refused and late events are
// counted and not sent. Sequences are dense per partition, taken at hand-over.
// The counts always satisfy scheduled = handed over + refused + late, and after run() handed over =
// acked + failed + unknown.
// Home thread: one, also that of its producer and ledger.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/event/event.h"
#include "weir/event/event_template.h"
#include "weir/event/identity.h"
#include "weir/event/ledger.h"
#include "weir/kafka/producer.h"
#include "weir/load/arrivals.h"
#include "weir/load/content.h"
#include "weir/load/offered_log.h"
#include "weir/load/outstanding.h"
#include "weir/load/schedule.h"
#include "weir/sys/clock.h"

namespace weir::load {

struct GeneratorOptions {
  Nanos start;                   // when event 0 is due
  double rate_eps = 1000;        // of the whole load; 0: as fast as the queue takes, due when sent
  Arrivals arrivals;             // how the events of that rate are spread over time
  uint64_t seed = 42;            // of a Poisson load, keys, sizes and payloads
  uint64_t events = UINT64_MAX;  // the whole load ends before this index
  Nanos length = Nanos(INT64_MAX);  // and with the last event due less than this after the start
  Share share;                      // which of its events are sent here
  int event_size = 200;             // where sizes are fixed
  SizeLaw sizes;
  Payload payload = Payload::kConstant;
  std::optional<EventTemplate> event_template;  // the user's own bytes instead of weir's event
  std::string id_header;  // a record header with the id's 16 bytes; empty: none
  KeyLaw keys;
  uint32_t producer = 0;  // the producer number in each id
  Nanos drain_limit = nanos_from_seconds(30);
};

// kUsage where these options do not go together.
Status check_options(const GeneratorOptions& options);
// The schedule of the whole load. A ramp or steps over a load without a length last as long as its
// events take at the mean rate. rate_eps is above 0.
Schedule schedule_of(const GeneratorOptions& options);
// The mean bytes of an event's value, about.
double event_bytes_mean(const GeneratorOptions& options);

class Generator {
 public:
  // What the caller wants of a running load.
  enum class Wish { kGoOn, kDrain, kQuit };

  // References outlive it; `ledger` may be null. `feed` is this generator's number in `log`.
  Generator(const GeneratorOptions& options, Clock& clock, kafka::Producer& producer,
            LedgerWriter* ledger, OfferedLog& log, int feed);

  // Sends the load, then waits for outcomes up to the drain limit; what has none by then is
  // unknown. kDrain ends the sending early, kQuit also the waiting. Fails when the ledger cannot be
  // written.
  Status run(const std::function<Wish()>& wish);

  // When the last event was handed over, or the start if none was.
  Nanos last_hand_over() const { return last_hand_over_; }
  // The broker's or client's words for the first event that failed; empty when none did.
  const std::string& first_failure() const { return first_failure_; }

 private:
  // One partition's part of a turn.
  struct Run {
    std::vector<kafka::Record> records;
    std::vector<Nanos> dues;
    uint64_t next_sequence = 0;
  };

  bool schedule_turn(Nanos now);  // false once nothing is left to schedule
  bool flood_turn(Nanos now);     // the same without a schedule
  void drop_late(Nanos now);
  void encode(uint64_t index, Nanos due);
  char* encode_own(char* into, const EventId& id, uint64_t index, Nanos due, uint32_t user);
  bool has_room() const { return used_ + event_bytes_max_ <= buffer_.size(); }
  // Hands over the encoded runs; returns how many records were accepted.
  uint64_t hand_over(Nanos now);
  void begin_runs();
  Status collect(Nanos now, Nanos wait);
  Status drain(const std::function<Wish()>& wish);
  Status give_up();
  void close_settled(int64_t before);

  const GeneratorOptions options_;
  Clock& clock_;
  kafka::Producer& producer_;
  LedgerWriter* const ledger_;
  OfferedLog& log_;
  const int feed_;

  std::optional<Schedule> schedule_;
  std::optional<Schedule::Walk> walk_;
  uint64_t next_ = 0, end_ = 0;  // of this share's events
  EventEncoder encoder_;
  // Content follows from the event's number alone, at one size, with the constant payload.
  const bool is_plain_;
  PayloadWriter payloads_;
  const size_t event_bytes_max_, turn_events_;
  std::vector<char> buffer_, keys_, ids_;
  std::vector<kafka::Header> headers_;
  size_t used_ = 0, keys_used_ = 0, headers_used_ = 0;
  std::vector<Run> runs_;
  size_t served_first_ = 0;
  Outstanding outstanding_;
  std::map<int64_t, Offered> open_;  // seconds with events that await their outcome
  Status ledger_status_;
  Nanos last_hand_over_;
  std::string first_failure_;
};

}  // namespace weir::load
