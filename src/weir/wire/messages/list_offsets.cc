#include "weir/wire/messages/list_offsets.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::ListOffsetsRequest)
WEIR_WIRE_MESSAGE(weir::wire::ListOffsetsResponse)
