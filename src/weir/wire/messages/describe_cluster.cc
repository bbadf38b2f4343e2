#include "weir/wire/messages/describe_cluster.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::DescribeClusterRequest)
WEIR_WIRE_MESSAGE(weir::wire::DescribeClusterResponse)
