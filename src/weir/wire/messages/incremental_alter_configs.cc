#include "weir/wire/messages/incremental_alter_configs.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::IncrementalAlterConfigsRequest)
WEIR_WIRE_MESSAGE(weir::wire::IncrementalAlterConfigsResponse)
