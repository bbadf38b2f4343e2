// What a consumer group, of whatever client, says of itself: how far it has committed and whether
// it is at work. Every call answers within its limit or fails with kUnreachable.
//
// Home thread: one.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"

namespace weir::kafka {

class Groups {
 public:
  virtual ~Groups() = default;
  // kUnreachable when no broker answers within 5 s.
  static Result<std::unique_ptr<Groups>> open(const ClientConfig& client);
  // The next offset that `group` would read, per partition of `topic` (0..partitions-1); -1 where
  // it has committed none.
  virtual Result<std::vector<Offset>> committed_offsets(const std::string& group,
                                                        const std::string& topic,
                                                        int32_t partitions) = 0;
  // How many members share the partitions out; 0 while there is none or they have not settled yet.
  virtual Result<int> settled_members(const std::string& group) = 0;
};

}  // namespace weir::kafka
