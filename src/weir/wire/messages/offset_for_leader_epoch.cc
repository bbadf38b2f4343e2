#include "weir/wire/messages/offset_for_leader_epoch.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::OffsetForLeaderEpochRequest)
WEIR_WIRE_MESSAGE(weir::wire::OffsetForLeaderEpochResponse)
