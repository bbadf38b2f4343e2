// A TCP proxy between an engine and its broker, whose link can be cut, delayed and throttled, and
// which can make every Produce request wait: docs/faults.md, "The link".
//
// Bytes pass unchanged. Delays and rates are kept to about a millisecond. The proxy works on a
// thread of its own; members may be called from any thread and do not wait for it.
#pragma once
#include <cstdint>
#include <memory>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/sys/net.h"

namespace weir::proxy {

enum class Cut {
  kNone,
  kReset,      // every connection is reset, and every new one
  kBlackhole,  // nothing passes and nobody is told; afterwards all goes on where it stood
};

// "Up" is from the engine to the broker.
struct Policy {
  Cut cut = Cut::kNone;
  Nanos delay_up, delay_down;  // of each byte
  double bytes_per_s_up = 0;   // over all connections; 0: as fast as can be
  double bytes_per_s_down = 0;
  Nanos hold_produce;  // each Produce request waits so long; so does what
                       // follows it on its connection
};

// Since the start, or now.
struct Counts {
  uint64_t bytes_up = 0, bytes_down = 0;     // handed on
  uint64_t held_up = 0, held_down = 0;       // bytes that wait now
  uint64_t opened = 0, reset = 0, open = 0;  // connections
  uint64_t produces = 0;                     // Produce requests that were answered
  Nanos latest_produce;  // from reading the latest of them to reading its answer
};

class LinkProxy {
 public:
  // Listens on a free port of the loopback interface.
  static Result<std::unique_ptr<LinkProxy>> start();
  virtual ~LinkProxy() = default;  // ends every connection

  virtual const Address& address() const = 0;
  // Where connections lead: a numeric address. Those to another one are reset; until it is told
  // all are.
  virtual Status lead_to(const Address& broker) = 0;
  virtual void set(const Policy& policy) = 0;
  virtual Counts counts() const = 0;
};

}  // namespace weir::proxy
