#include "weir/wire/messages/alter_configs.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::AlterConfigsRequest)
WEIR_WIRE_MESSAGE(weir::wire::AlterConfigsResponse)
