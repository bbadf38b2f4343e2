#include "weir/wire/messages/describe_groups.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::DescribeGroupsRequest)
WEIR_WIRE_MESSAGE(weir::wire::DescribeGroupsResponse)
