#include "weir/sys/free_port.h"

#include "weir/sys/net.h"

namespace weir {

Result<uint16_t> free_port() {
  const auto listeners = WEIR_TRY(listen_tcp({"127.0.0.1", 0}));
  return WEIR_TRY(local_address(listeners.front())).port;
}

}  // namespace weir
