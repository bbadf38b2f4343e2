#include "weir/wire/messages/delete_groups.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::DeleteGroupsRequest)
WEIR_WIRE_MESSAGE(weir::wire::DeleteGroupsResponse)
