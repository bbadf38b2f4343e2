#include "weir/wire/messages/produce.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::ProduceRequest)
WEIR_WIRE_MESSAGE(weir::wire::ProduceResponse)
