#include "weir/wire/messages/sync_group.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::SyncGroupRequest)
WEIR_WIRE_MESSAGE(weir::wire::SyncGroupResponse)
