#include "weir/wire/messages/create_partitions.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::CreatePartitionsRequest)
WEIR_WIRE_MESSAGE(weir::wire::CreatePartitionsResponse)
