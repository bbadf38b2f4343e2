#include "weir/wire/messages/leave_group.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::LeaveGroupRequest)
WEIR_WIRE_MESSAGE(weir::wire::LeaveGroupResponse)
