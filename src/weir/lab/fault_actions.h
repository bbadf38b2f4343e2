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

// The commands of spec.named, its undo kept in the guard's journal.
std::unique_ptr<FaultAction> make_named_fault(const FaultSpec& spec);

}  // namespace weir::lab
