#include "weir/wire/messages/describe_configs.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::DescribeConfigsRequest)
WEIR_WIRE_MESSAGE(weir::wire::DescribeConfigsResponse)
