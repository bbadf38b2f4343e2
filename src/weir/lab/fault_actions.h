// The faults there are, each behind FaultAction (fault.h).
#pragma once
#include <memory>

#include "weir/lab/fault.h"

namespace weir::lab {

// engine:kill, :stop, :pause, :zombie; broker:kill, :pause; producer:kill: a signal to a process
// that weir started, and its restart.
std::unique_ptr<FaultAction> make_process_fault(const FaultSpec& spec);

// executor:kill, worker:kill: a JVM of a standalone cluster on this machine, which the cluster
// replaces.
std::unique_ptr<FaultAction> make_spark_fault(const FaultSpec& spec);

// link:cut, link:delay, link:throttle, sink:slow: what weir's proxy between engine and broker does.
std::unique_ptr<FaultAction> make_link_fault(const FaultSpec& spec);

// disk:full: no write of the broker's to a file succeeds.
std::unique_ptr<FaultAction> make_full_disk(const FaultSpec& spec);

// checkpoint:lose: the engine is killed, and starts again without its checkpoint.
std::unique_ptr<FaultAction> make_lost_checkpoint(const FaultSpec& spec);

// event:poison: a malformed event in each partition.
std::unique_ptr<FaultAction> make_poison();

// The commands of spec.named, its undo kept in the guard's journal.
std::unique_ptr<FaultAction> make_named_fault(const FaultSpec& spec);

}  // namespace weir::lab
