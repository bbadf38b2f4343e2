#include "weir/wire/messages/list_groups.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::ListGroupsRequest)
WEIR_WIRE_MESSAGE(weir::wire::ListGroupsResponse)
