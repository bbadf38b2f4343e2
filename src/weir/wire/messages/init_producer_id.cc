#include "weir/wire/messages/init_producer_id.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::InitProducerIdRequest)
WEIR_WIRE_MESSAGE(weir::wire::InitProducerIdResponse)
