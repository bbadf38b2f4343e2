#include "weir/wire/messages/heartbeat.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::HeartbeatRequest)
WEIR_WIRE_MESSAGE(weir::wire::HeartbeatResponse)
