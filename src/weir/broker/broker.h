// A single-node durable broker that speaks the Kafka protocol (docs/broker.md).
//
// Threads: `threads` reactors for connections, one control thread, and those of the log store.
// Shape: reactors decode requests and append to logs; flush threads complete them; the control
// thread does what is rare. Nothing is acknowledged or shown to consumers before it is flushed.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"
#include "weir/sys/net.h"

namespace weir::broker {

// An address beside the first one, and what clients who come to it are told to connect to: theirs
// is a way of their own, through a proxy for one.
struct OtherListener {
  Address listen, advertised;
};

struct BrokerOptions {
  Address listen{"127.0.0.1", 9092};
  std::vector<OtherListener> others;
  std::string data;  // the folder; made when missing
  int threads = 2;
  bool discard = false;     // acknowledge batches unread and unstored, as a yardstick
  bool auto_create = true;  // topics that clients name in a metadata request
  int default_partitions = 4;
  std::optional<Address> advertised;  // unset: the address by which a client reached us
  // One line each, about clients that are sent away and failures of the disk. Any thread.
  std::function<void(const std::string&)> note = [](const std::string&) {};
};

class Broker {
 public:
  // Recovers the data and listens. Disk and clock outlive the broker. kUsage: the address is taken
  // or the folder is in use or not writable; kCorrupt: its content contradicts itself.
  static Result<std::unique_ptr<Broker>> start(Disk& disk, Clock& clock, BrokerOptions options);
  virtual ~Broker() = default;  // stops without a clean marker, as a crash would

  virtual const Address& address() const = 0;              // as bound
  virtual const std::vector<Address>& others() const = 0;  // as bound, in the order of the options
  // Ends all connections, flushes and marks the data as cleanly closed.
  virtual Status stop() = 0;
};

}  // namespace weir::broker
