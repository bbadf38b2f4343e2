// Work added to every event on purpose, so that a query costs what a plan says: CPU that is really
// used, and time in which its task can do nothing else, as behind a blocking call.
//
// Paid by the task that processes the partition, once per group of records: clocks are not read
// for each event, and what a sleep takes too long is taken off the next one, so that the mean is
// exact. CPU is counted on the thread's own CPU clock: on a machine whose cores are taken, work
// takes longer instead of becoming less. Waits of several tasks pass at the same time, also of more
// tasks than there are cores. Home thread: one.
#pragma once
#include <cstddef>
#include <functional>

#include "weir/base/types.h"
#include "weir/sys/clock.h"

namespace weir::engine {

class AddedWork {
 public:
  // Microseconds for each event, >= 0, also fractions of one. `clock` outlives it; `cpu` tells the
  // calling thread's CPU time.
  AddedWork(double cpu_us, double wait_us, Clock& clock,
            std::function<Nanos()> cpu = thread_cpu_time);

  // So many events, at least one, can be paid for within `span`; SIZE_MAX where they cost nothing.
  size_t events_within(Nanos span) const;
  // Returns once the work of `events` is done.
  void pay(size_t events);

  // CPU time that the calling thread has used.
  static Nanos thread_cpu_time();

 private:
  const double cpu_ns_, wait_ns_;  // of an event
  Clock& clock_;
  const std::function<Nanos()> cpu_;
  double cpu_owed_ns_ = 0, wait_owed_ns_ = 0;  // negative: paid in advance
};

}  // namespace weir::engine
