#include "weir/wire/messages/join_group.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::JoinGroupRequest)
WEIR_WIRE_MESSAGE(weir::wire::JoinGroupResponse)
